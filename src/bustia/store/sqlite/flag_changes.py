"""STORE, and the keywords that it names.

Invariants:
- A message whose flags stay as they are keeps its modseq (RFC 7162 §3.1): nothing is told to others that is not news.
- The keyword table only grows; a name keeps its bit and its first spelling for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bustia.model.flags import (
    DELETED,
    FIRST_KEYWORD_BIT,
    MAX_KEYWORD_LENGTH,
    MAX_KEYWORDS,
    SEEN,
    FlagChange,
    Flags,
    system_flag,
)
from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MailboxID, ModSeq
from bustia.model.reason import Reason, Refused
from bustia.store.api import FlagsChanged
from bustia.store.sqlite import sql
from bustia.store.sqlite.flag_numbers import LOW_MASK, join_flags, split_flags
from bustia.store.sqlite.ledger import Counts, Ledger
from bustia.store.sqlite.log import Kind

_WANTED = (
    "SELECT uid, flags, modseq, more_flags FROM json_each(?) AS wanted CROSS JOIN message ON mailbox = ?"
    " AND uid BETWEEN wanted.value ->> 0 AND wanted.value ->> 1"
)
_IN_SQL = {FlagChange.REPLACE: "?", FlagChange.ADD: "flags | ?", FlagChange.REMOVE: "flags & ~?"}
FEW_RANGES = 32  # up to so many the rows are changed range by range; a range costs about 8 µs, a row by itself about 2


@dataclass(frozen=True, slots=True)
class Wish:
    """What a STORE asks for."""

    change: FlagChange
    flags: Flags
    unchanged_since: ModSeq | None


def change_flags(ledger: Ledger, mailbox: MailboxID, uids: NumberSet, wish: Wish) -> FlagsChanged:
    """Changes flags of the living messages among `uids`; with `unchanged_since`, only of those whose modseq is not above it (RFC 7162 §3.1.3)."""
    before = [
        (uid, join_flags(low, more), modseq)
        for uid, low, modseq, more in sql.rows(ledger.connection, _WANTED, (sql.ranges_of(uids), mailbox))
    ]
    modified = EMPTY
    if wish.unchanged_since is not None:
        since = wish.unchanged_since
        modified = NumberSet.of(uid for uid, _, modseq in before if modseq > since)
        before = [message for message in before if message[2] <= since]
    changes = [(uid, old, wish.change.apply(old, wish.flags)) for uid, old, _ in before]
    changed = [change for change in changes if change[1] != change[2]]
    if not changed:
        modseq = ModSeq(sql.only_row(ledger.connection, "SELECT modseq FROM account")[0])
        return FlagsChanged(tuple(before), modified, modseq)
    modseq = ledger.next_modseq()
    _write(ledger, mailbox, modseq, changed, wish)
    changed_uids = NumberSet.of(uid for uid, _, _ in changed)
    ledger.settle(mailbox, modseq, _counts(changed))
    ledger.record(Kind.FLAGS, mailbox, modseq, changed_uids)
    after = tuple(
        (uid, new, modseq if new != old else unchanged)
        for (uid, old, new), (_, _, unchanged) in zip(changes, before, strict=True)
    )
    return FlagsChanged(after, modified, modseq)


def _write(
    ledger: Ledger, mailbox: MailboxID, modseq: ModSeq, changed: Sequence[tuple[int, int, int]], wish: Wish
) -> None:
    ranges = NumberSet.of(uid for uid, _, _ in changed).ranges
    in_low_bits = wish.flags <= LOW_MASK and all(old <= LOW_MASK for _, old, _ in changed)
    if in_low_bits and len(ranges) <= FEW_RANGES:
        statement = (
            f"UPDATE message SET flags = {_IN_SQL[wish.change]}, modseq = ? WHERE mailbox = ? AND uid BETWEEN ? AND ?"
        )
        ledger.connection.executemany(statement, [(wish.flags, modseq, mailbox, first, last) for first, last in ranges])
        return
    ledger.connection.executemany(
        "UPDATE message SET flags = ?, more_flags = ?, modseq = ? WHERE mailbox = ? AND uid = ?",
        [(*split_flags(new), modseq, mailbox, uid) for uid, _, new in changed],
    )


def _counts(changed: Sequence[tuple[int, int, int]]) -> Counts:
    unseen = deleted = 0
    for _, old, new in changed:
        different = old ^ new
        if different & SEEN:
            unseen += -1 if new & SEEN else 1
        if different & DELETED:
            deleted += 1 if new & DELETED else -1
    return Counts(unseen=unseen, deleted=deleted)


def new_keywords(names: Iterable[str], keywords: tuple[str, ...]) -> tuple[Flags, tuple[str, ...]]:
    """The bits of these flag names, and the keyword table grown by those that are new. Raises Refused(LIMIT)."""
    bits = {known.lower(): 1 << number for number, known in enumerate(keywords, FIRST_KEYWORD_BIT)}
    flags = 0
    grown = list(keywords)
    for name in names:
        bit: int | None = system_flag(name) or bits.get(name.lower())
        if bit is None:
            if len(grown) >= MAX_KEYWORDS:
                raise Refused(Reason.LIMIT, f"No more than {MAX_KEYWORDS} keywords")
            if len(name.encode()) > MAX_KEYWORD_LENGTH:
                raise Refused(Reason.LIMIT, f"A keyword has at most {MAX_KEYWORD_LENGTH} octets")
            bit = bits[name.lower()] = 1 << FIRST_KEYWORD_BIT + len(grown)
            grown.append(name)
        flags |= bit
    return Flags(flags), tuple(grown)
