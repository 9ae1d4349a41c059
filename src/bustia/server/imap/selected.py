"""What one session was told of its mailbox, and what it has still to be told. Pure: no store, no socket, no clock.

Invariants
- `_uids` are exactly the messages that the client knows, in order: the n-th has sequence number n. It changes in `flush` only, together with the
  responses that say so. So sequence numbers never shift while FETCH, STORE or SEARCH runs (RFC 9051 §7.5.1).
- Handlers speak UIDs. Sequence numbers are made here, from UIDs, at the moment of writing.
- `mark` is the modseq up to which the log was read. `announced_modseq` is the highest that the client may be told: it stays below any
  expunge that is held back, or a client which trusts it would never learn of that expunge (RFC 7162 §6, design §2 rule 7).
- An array that came from the store is shared with other sessions: it is replaced, never changed.
- What a command itself told the client (`told`) is not said again when the log repeats it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from bustia.model.mailbox import MailboxName
from bustia.model.number_set import EMPTY, NumberSet, SequenceSet
from bustia.model.numbers import MailboxID, ModSeq, UIDValidity
from bustia.protocol.imap.copy import ExpungeData
from bustia.protocol.imap.fetch import FetchItem, FetchRows, Item
from bustia.protocol.imap.mailbox import ExistsData, RecentData
from bustia.server.imap.flag_octets import FlagOctets
from bustia.store.api import Changes, View

Pending = ExpungeData | ExistsData | RecentData | FetchRows


class Selected:
    """One session's selected mailbox.

    `first_recent` is the first UID that is recent in this session (RFC 3501 §2.3.2); `read_only` says EXAMINE.
    """

    __slots__ = (
        "_announced",
        "_arrived",
        "_flags",
        "_gone",
        "_told",
        "_uids",
        "deleted",
        "flag_octets",
        "mailbox",
        "mark",
        "name",
        "read_only",
        "recent",
        "uid_validity",
    )

    def __init__(
        self,
        mailbox: MailboxID,
        name: MailboxName,
        uid_validity: UIDValidity,
        view: View,
        flag_octets: FlagOctets,
        *,
        read_only: bool,
        recent: NumberSet = EMPTY,
    ) -> None:
        self.mailbox = mailbox
        self.name = name
        self.uid_validity = uid_validity
        self.read_only = read_only
        self.flag_octets = flag_octets
        self.recent = recent  # UIDs recent in this session; ranges, since they come in runs
        self.mark: ModSeq = view.modseq
        self.deleted = False  # the mailbox is gone: the session must end (RFC 2180 §3.3)
        self._announced: ModSeq = view.modseq
        self._uids: array[int] = view.uids
        self._arrived: list[int] = []  # UIDs to announce by EXISTS
        self._gone: set[int] = set()  # UIDs to announce by EXPUNGE
        self._flags: dict[int, tuple[int, int]] = {}  # UID: flags and modseq to announce by FETCH
        self._told: dict[int, int] = {}  # UID: modseq that a command has told since `mark`

    @property
    def announced_modseq(self) -> ModSeq:
        """The highest modseq of which the client was told everything."""
        return self._announced

    @property
    def count(self) -> int:
        """How many messages the client knows."""
        return len(self._uids)

    @property
    def uids(self) -> Sequence[int]:
        """UIDs of the messages that the client knows, rising; not to be changed."""
        return self._uids

    @property
    def last_uid(self) -> int:
        """What `*` means in a set of UIDs; 0 in an empty mailbox."""
        return self._uids[-1] if self._uids else 0

    def resolve(self, numbers: SequenceSet, by_uid: bool, saved: NumberSet = EMPTY) -> Sequence[int] | None:
        """The known UIDs that a client's set means, rising; `saved` are the UIDs of `$` (RFC 9051 §6.4.4.1).

        UIDs that do not exist are passed over (RFC 9051 §6.4.9). None when a sequence number is beyond the mailbox,
        `*` in an empty one included: the command is then BAD (RFC 9051 §9, seq-number).
        """
        if numbers.saved:
            return saved.within(self._uids)
        if by_uid:
            return numbers.resolve(self.last_uid).within(self._uids)
        count = len(self._uids)
        if not count:
            return None
        ranges = numbers.resolve(count).ranges
        if ranges[-1][1] > count:
            return None
        if len(ranges) == 1:
            return self._uids[ranges[0][0] - 1 : ranges[0][1]]
        found = array(self._uids.typecode)
        for first, last in ranges:
            found.extend(self._uids[first - 1 : last])
        return found

    def as_set(self, uids: Sequence[int]) -> NumberSet:
        """Rising known UIDs as a set, in one range where no known UID is left out: what lies between two known UIDs is gone."""
        if not uids:
            return EMPTY
        if self.number(uids[-1]) - self.number(uids[0]) == len(uids) - 1:
            return NumberSet(((uids[0], uids[-1]),))
        return NumberSet.of(uids)

    def numbers(self, uids: Sequence[int]) -> Sequence[int]:
        """The sequence numbers of rising known UIDs, in the same order. Raises KeyError for one that is not known."""
        if not uids:
            return ()
        first = self.number(uids[0])
        last = self.number(uids[-1])
        if last - first == len(uids) - 1:
            return range(first, last + 1)
        return [self.number(uid) for uid in uids]

    def number(self, uid: int) -> int:
        """The sequence number of a known UID. Raises KeyError for one that is not known."""
        at = bisect_left(self._uids, uid)
        if at == len(self._uids) or self._uids[at] != uid:
            raise KeyError(uid)
        return at + 1

    def recent_count(self) -> int:
        """How many known messages are recent in this session (RFC 3501 §7.3.2)."""
        return sum(
            bisect_right(self._uids, last) - bisect_left(self._uids, first) for first, last in self.recent.ranges
        )

    def told(self, messages: Iterable[tuple[int, int, int]]) -> None:
        """Notes that a command itself tells (or may keep silent about) these (uid, flags, modseq)."""
        told = {uid: modseq for uid, _, modseq in messages}
        self._told |= told
        for uid in self._flags.keys() & told:
            del self._flags[uid]

    def apply(self, changes: Changes) -> Sequence[int]:
        """Takes what the log says since `mark`; nothing is told yet. Returns the UIDs that arrived."""
        newest = self._arrived[-1] if self._arrived else self.last_uid
        arrived: list[int] = []
        for uid, flags, modseq in changes.changed:
            if uid > newest:
                arrived.append(uid)
            elif uid <= self.last_uid and self._told.get(uid) != modseq:
                self._flags[uid] = (flags, modseq)
        self._arrived.extend(arrived)
        if changes.expunged:
            self._apply_expunged(changes.expunged)
        self.deleted = self.deleted or changes.deleted
        self.skip_to(changes.modseq)
        return arrived

    def _apply_expunged(self, expunged: NumberSet) -> None:
        gone = expunged.within(self._uids)
        for uid in gone:
            self._flags.pop(uid, None)
        self._gone.update(gone)
        if self._arrived:
            self._arrived = [uid for uid in self._arrived if uid not in expunged]

    def skip_to(self, modseq: ModSeq) -> None:
        """Moves `mark` over changes that need no telling, or that `apply` has just taken."""
        self.mark = modseq
        self._told.clear()
        if not self._gone:
            self._announced = modseq

    def flush(self, may_expunge: bool, condstore: bool = False) -> list[Pending]:
        """All that may be told now, in the order in which it is to be said; the client's view is then as told.

        FETCH names the UID always and MODSEQ under CONDSTORE (RFC 7162 §3.2).
        """
        if not (self._gone or self._arrived or self._flags):
            return []
        told: list[Pending] = []
        recent_before = self.recent_count() if self.recent else 0
        if may_expunge and self._gone:
            told.extend(ExpungeData(number) for number in self._remove_gone())
            self._announced = self.mark
        if self._arrived:
            self._uids = array(self._uids.typecode, self._uids)
            self._uids.extend(self._arrived)
            self._arrived = []
            told.append(ExistsData(len(self._uids)))
            if self.recent:
                told.append(RecentData(self.recent_count()))
        elif self.recent and self.recent_count() != recent_before:
            told.append(RecentData(self.recent_count()))
        if self._flags:
            told.append(self._flag_rows(condstore))
            self._flags = {}
        return told

    def _remove_gone(self) -> Iterator[int]:
        """The sequence numbers to say in turn, from low to high: each is already lower by those said before."""
        numbers = self.numbers(sorted(self._gone))
        if len(numbers) == 1:
            left = array(self._uids.typecode, self._uids)
            del left[numbers[0] - 1]
        else:
            left = array(self._uids.typecode, [uid for uid in self._uids if uid not in self._gone])
        self._uids = left
        self._gone = set()
        return (number - before for before, number in enumerate(numbers))

    def _flag_rows(self, condstore: bool) -> FetchRows:
        items: tuple[FetchItem, ...] = (Item.UID, Item.FLAGS, Item.MODSEQ) if condstore else (Item.UID, Item.FLAGS)
        rows: list[tuple[object, ...]] = []
        for uid, (flags, modseq) in sorted(self._flags.items()):
            octets = self.flag_octets(flags, uid in self.recent)
            number = self.number(uid)
            rows.append((number, uid, octets, modseq) if condstore else (number, uid, octets))
        return FetchRows(items, rows)
