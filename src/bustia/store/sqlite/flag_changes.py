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

Message = tuple[int, int, int]  # uid, flags, modseq
FEW_RANGES = 32  # up to so many the rows are changed range by range; a range costs about 8 µs, a row by itself about 2


@dataclass(frozen=True, slots=True)
class Wish:
    """What a STORE asks for, in an account which has more keywords than `message.flags` has bits, or not."""

    change: FlagChange
    flags: Flags
    unchanged_since: ModSeq | None
    many_keywords: bool

    def masks(self) -> tuple[int, int]:
        """(keep, add): the change as `flags & keep | add`, for flags of any width."""
        match self.change:
            case FlagChange.REPLACE:
                return 0, self.flags
            case FlagChange.ADD:
                return -1, self.flags
            case FlagChange.REMOVE:
                return ~self.flags, 0


def change_flags(ledger: Ledger, mailbox: MailboxID, uids: NumberSet, wish: Wish) -> FlagsChanged:
    """Changes flags of the living messages among `uids`; with `unchanged_since`, only of those whose modseq is not above it (RFC 7162 §3.1.3)."""
    before = _messages(ledger, mailbox, uids, wish.many_keywords)
    modified = EMPTY
    if wish.unchanged_since is not None:
        since = wish.unchanged_since
        modified = NumberSet.of(uid for uid, _, modseq in before if modseq > since)
        before = [message for message in before if message[2] <= since]
    keep, add = wish.masks()
    changed = [uid for uid, flags, _ in before if flags & keep | add != flags]
    if not changed:
        modseq = ModSeq(sql.only_row(ledger.connection, "SELECT modseq FROM account")[0])
        return FlagsChanged(tuple(before), modified, modseq)
    modseq = ledger.next_modseq()
    after = tuple(
        [
            (uid, new, modseq) if (new := flags & keep | add) != flags else (uid, flags, old)
            for uid, flags, old in before
        ]
    )
    numbers = NumberSet.of(changed)
    if wish.many_keywords or len(numbers.ranges) > FEW_RANGES:
        _write_each(ledger, mailbox, modseq, after)
    else:
        ledger.connection.executemany(
            "UPDATE message SET flags = flags & ? | ?, modseq = ? WHERE mailbox = ? AND uid BETWEEN ? AND ?",
            [(keep & LOW_MASK, add, modseq, mailbox, first, last) for first, last in numbers.ranges],
        )
    ledger.settle(mailbox, modseq, _counts(ledger, mailbox, before, after, ~keep | add))
    ledger.record(Kind.FLAGS, mailbox, modseq, numbers)
    return FlagsChanged(after, modified, modseq)


def _messages(ledger: Ledger, mailbox: MailboxID, uids: NumberSet, many_keywords: bool) -> list[Message]:
    wanted = sql.wanted(uids)
    rows = sql.rows(
        ledger.connection,
        f"SELECT uid, flags, modseq{', more_flags' if many_keywords else ''} FROM json_each(?) AS wanted CROSS JOIN message"
        f" ON mailbox = ? AND {wanted.condition}",
        (wanted.json, mailbox),
    )
    return [(uid, join_flags(low, more), modseq) for uid, low, modseq, more in rows] if many_keywords else rows


def _write_each(ledger: Ledger, mailbox: MailboxID, modseq: ModSeq, after: Sequence[Message]) -> None:
    ledger.connection.executemany(
        "UPDATE message SET flags = ?, more_flags = ?, modseq = ? WHERE mailbox = ? AND uid = ?",
        [(*split_flags(flags), modseq, mailbox, uid) for uid, flags, reached in after if reached == modseq],
    )


def _counts(
    ledger: Ledger, mailbox: MailboxID, before: Sequence[Message], after: Sequence[Message], touched: int
) -> Counts:
    """What the change does to the counters; `touched` are the bits that may have changed."""
    unseen = deleted = octets = 0
    if touched & SEEN:
        unseen = sum([flags & SEEN for _, flags, _ in before]) - sum([flags & SEEN for _, flags, _ in after])
    if touched & DELETED:
        turned = [new[0] for old, new in zip(before, after, strict=True) if (old[1] ^ new[1]) & DELETED]
        sign = 1 if after[0][1] & DELETED else -1  # a STORE sets it on all or takes it from all
        deleted = sign * len(turned)
        octets = sign * _octets(ledger, mailbox, NumberSet.of(turned)) if turned else 0
    return Counts(unseen=unseen // SEEN, deleted=deleted, deleted_octets=octets)


def _octets(ledger: Ledger, mailbox: MailboxID, uids: NumberSet) -> int:
    """The sum of the sizes of these messages."""
    wanted = sql.wanted(uids)
    statement = (
        "SELECT sum(size) FROM json_each(?) AS wanted CROSS JOIN message"
        f" ON mailbox = ? AND {wanted.condition} CROSS JOIN mail ON mail.id = message.mail"
    )
    return int(sql.only_row(ledger.connection, statement, (wanted.json, mailbox))[0])


def new_keywords(names: Iterable[str], keywords: tuple[str, ...]) -> tuple[Flags, tuple[str, ...]]:
    """The bits of these flag names, and the keyword table grown by those that are new. Raises Refused LIMIT, UNSUPPORTED."""
    bits = {known.lower(): 1 << number for number, known in enumerate(keywords, FIRST_KEYWORD_BIT)}
    flags = 0
    grown = list(keywords)
    for name in names:
        bit: int | None = system_flag(name) or bits.get(name.lower())
        if bit is None:
            if name.startswith("\\"):  # nobody defined it, or it is \Recent (RFC 3501 §2.3.2)
                raise Refused(Reason.UNSUPPORTED, f"No such flag: {name}")
            if len(grown) >= MAX_KEYWORDS:
                raise Refused(Reason.LIMIT, f"No more than {MAX_KEYWORDS} keywords")
            if len(name.encode()) > MAX_KEYWORD_LENGTH:
                raise Refused(Reason.LIMIT, f"A keyword has at most {MAX_KEYWORD_LENGTH} octets")
            bit = bits[name.lower()] = 1 << FIRST_KEYWORD_BIT + len(grown)
            grown.append(name)
        flags |= bit
    return Flags(flags), tuple(grown)
