"""STORE and UID STORE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bustia.model.flags import FlagChange, system_flag
from bustia.model.number_set import NumberSet
from bustia.model.numbers import ModSeq
from bustia.protocol.imap.fetch import FetchItem, FetchRows, Item
from bustia.protocol.imap.flags import Store
from bustia.protocol.imap.response import Condition, Modified
from bustia.server.imap.context import MANY, Context
from bustia.server.imap.done import BEYOND, EXPUNGE_ISSUED, Done
from bustia.store.api import FlagsChanged, WriteTxn

BATCH = 10_000  # messages changed in one transaction: about 8 ms, well under the 50 ms of design §2 rule 14


def no_flag(names: Iterable[str]) -> Done | None:
    """BAD if one of the names is \\Recent, which no client may set, or a system flag that nobody defined (RFC 3501 §2.3.2, §9 flag)."""
    for name in names:
        if name.startswith("\\") and system_flag(name) is None:
            return Done(f"No such flag: {name}", condition=Condition.BAD)
    return None


async def store(context: Context, command: Store) -> Done:
    """Changes flags and says them back, unless `.SILENT` (RFC 9051 §6.4.6); conditionally by RFC 7162 §3.1.3."""
    selected = context.selected_for_change
    wrong = no_flag(command.flags)
    if wrong is not None:
        return wrong
    if command.unchanged_since is not None:
        context.enable_condstore()
    uids = selected.resolve(command.numbers, command.by_uid, context.saved)
    if uids is None:
        return BEYOND
    spared: list[tuple[int, int]] = []
    stored = 0
    for start in range(0, len(uids), BATCH):
        part = uids[start : start + BATCH]
        changed = await _change(context, command, selected.as_set(part))
        spared.extend(changed.modified.ranges)
        stored += len(changed.messages) + len(changed.modified)
        _say(context, command, changed)
    modified = NumberSet.spanning(spared)
    code = Modified(_named(context, command, modified)) if modified else None
    lost = stored < len(uids) and not command.by_uid and not command.numbers.saved
    if lost and not command.silent and code is None:
        return EXPUNGE_ISSUED  # RFC 2180 §4.2.3; a silent STORE is OK (§4.2.1)
    return Done("Conditional STORE failed for some" if modified else "STORE completed", code)


async def _change(context: Context, command: Store, uids: NumberSet) -> FlagsChanged:
    mailbox, mark = context.selected.mailbox, context.selected.mark
    since = None if command.unchanged_since is None else ModSeq(command.unchanged_since)

    def change(txn: WriteTxn) -> tuple[FlagsChanged, set[int], ModSeq, ModSeq]:
        before = txn.modseq()
        unheard: set[int] = set()  # what others changed is told even if the STORE is silent (RFC 3501 §6.4.6, Note)
        if command.silent and mark < before:
            unheard = {uid for uid, _, _ in txn.changes(mailbox, mark).changed}
        removes = command.change is FlagChange.REMOVE  # an unknown keyword need not be made to be removed
        flags = txn.known_flags(command.flags) if removes else txn.make_flags(command.flags)
        changed = txn.change_flags(mailbox, uids, command.change, flags, since)
        return changed, unheard, before, txn.modseq()

    changed, unheard, before, after = await context.account.write(change, heavy=len(uids) > MANY)
    await context.know({flags for _, flags, _ in changed.messages})
    heard = [message for message in changed.messages if message[0] not in unheard] if unheard else changed.messages
    context.selected.told(heard)
    context.wrote(before, after)
    return changed


def _say(context: Context, command: Store, changed: FlagsChanged) -> None:
    """FETCH data of what was stored; under CONDSTORE the modseq is told also when silent (RFC 7162 §3.1.3)."""
    if not changed.messages or (command.silent and not context.condstore):
        return
    selected = context.selected
    octets = selected.flag_octets
    uids = [uid for uid, _, _ in changed.messages]
    recent = frozenset(selected.recent.within(uids))
    numbers = selected.numbers(uids)
    items: tuple[FetchItem, ...] = (Item.UID,) if command.by_uid or context.condstore else ()
    columns: list[Sequence[object]] = [numbers]
    if items:
        columns.append(uids)
    if not command.silent:
        items = (*items, Item.FLAGS)
        columns.append([octets(flags, uid in recent) for uid, flags, _ in changed.messages])
    if context.condstore:
        items = (*items, Item.MODSEQ)
        columns.append([modseq for _, _, modseq in changed.messages])
    context.say(FetchRows(items, list(zip(*columns, strict=True))))


def _named(context: Context, command: Store, uids: NumberSet) -> NumberSet:
    """UIDs in the form in which the STORE named its messages (RFC 7162 §3.1.3, MODIFIED)."""
    if command.by_uid:
        return uids
    return NumberSet.of(context.selected.number(uid) for uid in uids)
