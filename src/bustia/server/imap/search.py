"""SEARCH and UID SEARCH.

Invariant: an answer speaks of messages that the client knows, and of no other: those that arrived or went unannounced are left out, so that
every number in it stands for one message in the client's view.
"""

from __future__ import annotations

from collections.abc import Sequence as Numbers

from bustia.model.number_set import EMPTY, NumberSet, SequenceSet
from bustia.model.search_key import And, ModSeqSince, Not, Or, Recent, SearchKey, Sequence, UIDs
from bustia.protocol.imap.response import Condition, NamesCode
from bustia.protocol.imap.search import ESearchData, Search, SearchData
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done
from bustia.server.imap.selected import Selected
from bustia.store.api import Column, ReadTxn

CHARSETS = ("US-ASCII", "UTF-8")  # told with BADCHARSET (RFC 9051 §7.1); others are understood too

Found = tuple[list[int], int | None]


async def search(context: Context, command: Search) -> Done:
    """Answers SEARCH (RFC 9051 §6.4.4), in the old form unless RETURN was given (RFC 4731 §3.1)."""
    selected = context.selected
    before = context.saved
    saves = command.returns is not None and "SAVE" in command.returns
    if saves:
        context.saved = EMPTY  # what a SEARCH that fails leaves behind (RFC 5182 §2.1)
    if command.bad_charset:
        return Done("Unknown charset", NamesCode("BADCHARSET", CHARSETS), Condition.NO)
    key = resolved(command.key, selected, before)
    by_modseq = asks_modseq(command.key)
    if by_modseq:
        context.enable_condstore()
    mailbox, last = selected.mailbox, selected.last_uid

    def find(txn: ReadTxn) -> Found:
        uids = [uid for uid in txn.search(mailbox, key) if uid <= last]
        return uids, _highest(txn, selected, _ends_or_all(uids, command.returns)) if by_modseq and uids else None

    uids, highest = await context.account.read(find, heavy=True)
    numbers = uids if command.by_uid else selected.numbers(uids)
    if command.returns is None:
        context.say(SearchData(tuple(numbers), highest))
        return Done("SEARCH completed")
    if saves:
        context.saved = _ends_or_all(uids, command.returns)
    options = command.returns - {"SAVE"} or ({"ALL"} if not saves else set())
    if options:
        context.say(_extended(command, numbers, frozenset(options), highest, context.tag))
    return Done("SEARCH completed")


def _highest(txn: ReadTxn, selected: Selected, uids: NumberSet) -> int | None:
    """The highest modseq of these messages (RFC 7162 §3.1.5)."""
    rows = txn.messages(selected.mailbox, uids, (Column.MODSEQ,))
    return max((int(str(row[0])) for row in rows), default=None)


def _ends_or_all(uids: list[int], returns: frozenset[str] | None) -> NumberSet:
    """What `$` keeps and MODSEQ speaks of: the ends asked for where only MIN or MAX was asked for (RFC 5182 §2.4, RFC 4731 §3.2), else all."""
    if not uids or returns is None or returns & {"ALL", "COUNT"} or not returns & {"MIN", "MAX"}:
        return NumberSet.of(uids)
    ends = ([uids[0]] if "MIN" in returns else []) + ([uids[-1]] if "MAX" in returns else [])
    return NumberSet.of(ends)


def _extended(
    command: Search, numbers: Numbers[int], options: frozenset[str], highest: int | None, tag: str
) -> ESearchData:
    """ESEARCH; MIN, MAX and ALL are left out when nothing was found (RFC 4731 §3.1)."""
    return ESearchData(
        tag,
        command.by_uid,
        minimum=numbers[0] if numbers and "MIN" in options else None,
        maximum=numbers[-1] if numbers and "MAX" in options else None,
        all=NumberSet.of(numbers) if numbers and "ALL" in options else None,
        count=len(numbers) if "COUNT" in options else None,
        modseq=highest,
    )


def asks_modseq(key: SearchKey) -> bool:
    """True if MODSEQ is among the criteria: the answer then carries the highest one (RFC 7162 §3.1.5)."""
    match key:
        case ModSeqSince():
            return True
        case Not(inner):
            return asks_modseq(inner)
        case Or(left, right):
            return asks_modseq(left) or asks_modseq(right)
        case And(keys):
            return any(asks_modseq(each) for each in keys)
        case _:
            return False


def resolved(key: SearchKey, selected: Selected, saved: NumberSet) -> SearchKey:
    """The key without what only the session knows: numbers, `$` and \\Recent become UIDs.

    A number beyond the mailbox is no error here but a criterion that nothing meets. Depth is bounded by the grammar.
    """
    match key:
        case Sequence(numbers, by_uid):
            return UIDs(_uids(numbers, by_uid, selected, saved))
        case Recent(present):
            return UIDs(selected.recent) if present else Not(UIDs(selected.recent))
        case Not(inner):
            return Not(resolved(inner, selected, saved))
        case Or(left, right):
            return Or(resolved(left, selected, saved), resolved(right, selected, saved))
        case And(keys):
            return And(tuple(resolved(each, selected, saved) for each in keys))
        case _:
            return key


def _uids(numbers: SequenceSet, by_uid: bool, selected: Selected, saved: NumberSet) -> NumberSet:
    if numbers.saved:
        return saved
    if by_uid:
        return numbers.resolve(selected.last_uid)
    spans: list[tuple[int, int]] = []
    for first, last in numbers.resolve(selected.count).ranges:
        known = selected.uids[first - 1 : last]
        if known:
            spans.append((known[0], known[-1]))
    return NumberSet.spanning(spans)
