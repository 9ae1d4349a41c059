"""LIST with its options, LSUB and NAMESPACE's sibling questions: which mailboxes are there.

Invariant: a name above a mailbox that is no mailbox itself is shown as \\NonExistent and \\Noselect: the former for those who know
RFC 9051 §7.3.1, the latter for those who know only RFC 3501 §7.2.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from bustia.model.mailbox import INBOX, SEPARATOR
from bustia.model.reason import Reason, Refused
from bustia.protocol.imap.list import List, ListData, Lsub, LsubData
from bustia.protocol.imap.mailbox import StatusData, StatusItem
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done
from bustia.server.imap.pattern import MAX_PATTERN, Pattern
from bustia.server.imap.status import status_values
from bustia.store.api import MailboxInfo, ReadTxn

NAMES_AT_ONCE = 16  # names matched between two looks at the clock: 2 ms against the longest patterns

MISSING = ("\\NonExistent", "\\Noselect")


@dataclass(frozen=True, slots=True)
class Tree:
    """All names of an account at one moment."""

    mailboxes: dict[str, MailboxInfo]
    subscribed: frozenset[str]
    status: dict[str, StatusData]

    def parents(self) -> frozenset[str]:
        """Names above a mailbox, mailboxes or not."""
        return frozenset(above(self.mailboxes))


def above(names: Iterable[str]) -> Iterator[str]:
    """Every name above one of `names`, some of them more than once."""
    for name in names:
        at = name.find(SEPARATOR)
        while at > 0:
            yield name[:at]
            at = name.find(SEPARATOR, at + 1)


def in_order(names: Iterable[str]) -> list[str]:
    """INBOX first, each name before those below it: as if the separator were the least character, for no name has a control character."""
    return sorted(names, key=lambda name: (name != INBOX, name.replace(SEPARATOR, "\0")))


async def list_mailboxes(context: Context, command: List) -> Done:
    """Answers LIST (RFC 9051 §6.3.9, RFC 5258 §3, RFC 6154 §2, RFC 5819 §2)."""
    if not command.extended and command.patterns == ("",):
        context.say(ListData(("\\Noselect",), SEPARATOR, ""))  # asks for the separator (RFC 9051 §6.3.9)
        return Done("LIST completed")
    patterns = _patterns(command.reference, command.patterns)
    tree = await _read(context, command.status)
    matching = await _matching(
        context, patterns, {*tree.mailboxes, *tree.parents(), *tree.subscribed, *above(tree.subscribed)}
    )
    for data in _matches(tree, matching, command):
        context.say(data)
        if data.mailbox in tree.status:
            context.say(tree.status[data.mailbox])
    return Done("LIST completed")


async def lsub(context: Context, command: Lsub) -> Done:
    """Answers LSUB: with `%`, a name above a subscribed one stands for it (RFC 3501 §6.3.9)."""
    patterns = _patterns(command.reference, (command.pattern,))
    tree = await _read(context, ())
    found = {name: name in tree.mailboxes for name in await _matching(context, patterns, tree.subscribed)}
    if "%" in command.pattern:
        hidden = {name for name in above(tree.subscribed - found.keys()) if name not in found}
        found.update((name, False) for name in await _matching(context, patterns, hidden))
    for name in in_order(found):
        context.say(LsubData(() if found[name] else ("\\Noselect",), SEPARATOR, name))
    return Done("LSUB completed")


async def _read(context: Context, items: tuple[StatusItem, ...]) -> Tree:
    selected = context.selected_or_none
    if StatusItem.HIGHESTMODSEQ in items:
        context.enable_condstore()

    def read(txn: ReadTxn) -> Tree:
        mailboxes = {info.name.text: info for info in txn.mailboxes()}
        status = {}
        if items:
            status = {
                name: StatusData(name, status_values(txn, info, items, selected)) for name, info in mailboxes.items()
            }
        return Tree(mailboxes, txn.subscriptions(), status)

    return await context.account.read(read)


def _patterns(reference: str, patterns: tuple[str, ...]) -> list[Pattern]:
    """The canonical patterns: the reference is put before each (RFC 9051 §6.3.9). Raises Refused(LIMIT)."""
    texts = [reference + pattern for pattern in patterns]
    if sum(map(len, texts)) > MAX_PATTERN:
        raise Refused(Reason.LIMIT, f"Patterns longer than {MAX_PATTERN} characters")
    return [Pattern(text) for text in texts]


async def _matching(context: Context, patterns: list[Pattern], names: Set[str]) -> set[str]:
    """Those of `names` that one of the patterns matches. Others have their turns: a hundred patterns and ten thousand names take a second."""
    found: set[str] = set()
    for place, name in enumerate(names):
        if place % NAMES_AT_ONCE == 0:
            await context.connection.share()
        if any(pattern.matches(name) for pattern in patterns):
            found.add(name)
    return found


def _matches(tree: Tree, matching: Set[str], command: List) -> Iterator[ListData]:
    parents = tree.parents()
    only_subscribed = "SUBSCRIBED" in command.select
    names = set(tree.subscribed) if only_subscribed else set(tree.mailboxes) | parents
    if "SPECIAL-USE" in command.select:
        names &= {name for name, info in tree.mailboxes.items() if info.special_use is not None}
    with_below: frozenset[str] = frozenset()
    if "RECURSIVEMATCH" in command.select:
        with_below = frozenset(above(names))
        names.update(above(names - matching))  # others are no news: RFC 5258 §3.5
    tells_subscribed = only_subscribed or "SUBSCRIBED" in command.returns
    for name in in_order(names):
        if name not in matching:
            continue
        attributes = list(_attributes(tree, parents, name))
        if tells_subscribed and name in tree.subscribed:
            attributes.append("\\Subscribed")
        child_info = ("SUBSCRIBED",) if name in with_below else ()
        yield ListData(tuple(attributes), SEPARATOR, name, child_info)


def _attributes(tree: Tree, parents: frozenset[str], name: str) -> Iterator[str]:
    """Existence, children and role: told always, for they cost nothing (RFC 3348 §3, RFC 6154 §2)."""
    info = tree.mailboxes.get(name)
    if info is None:
        yield from MISSING
    yield "\\HasChildren" if name in parents else "\\HasNoChildren"
    if info is not None and info.special_use is not None:
        yield info.special_use.value
