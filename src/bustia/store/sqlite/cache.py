"""What a process remembers of an account between transactions, shared by all its sessions.

Invariants:
- A `MailboxState` is never changed once made: whoever holds one may read it without a lock.
- A state is true for exactly one modseq of its mailbox. A reader uses it only if the mailbox row of its own transaction has that modseq, or brings a copy up
  from the log; so a state from before another process's change can be remembered, but never believed.
- Only what is committed comes in: readers put in what they read, writers what they publish after COMMIT.
- Bounded: at most MAX_MESSAGES in all; the mailbox used longest ago goes first.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bustia.model.number_set import NumberSet
from bustia.model.numbers import MailboxID, ModSeq

MAX_MESSAGES = 1_000_000  # remembered per account: 12 MB (4 octets of UID and 8 of flags each)
OCTETS_EACH = 12  # of one remembered message


@dataclass(frozen=True, slots=True)
class MailboxState:
    """All messages of a mailbox in UID order, as of `highest`, the mailbox's modseq; `uids` and `flags` are parallel."""

    highest: ModSeq
    uids: array[int]
    flags: Sequence[int]

    @staticmethod
    def of(highest: ModSeq, uids: Iterable[int], flags: Sequence[int]) -> MailboxState:
        """A state of any UIDs, rising, and their flags, packed where they fit."""
        return MailboxState(highest, array("I", uids), _packed(flags))

    def after(self, highest: ModSeq, expunged: NumberSet, changed: Sequence[tuple[int, int, int]]) -> MailboxState:
        """This state brought to `highest` by what the log and the rows say: UIDs that went, and (uid, flags, modseq) that came or changed."""
        uids = self.uids[:]
        flags = list(self.flags)
        for first, last in reversed(expunged.ranges):
            start, stop = bisect_left(uids, first), bisect_left(uids, last + 1)
            del uids[start:stop], flags[start:stop]
        for uid, now, _ in changed:
            if not uids or uid > uids[-1]:
                uids.append(uid)
                flags.append(now)
                continue
            at = bisect_left(uids, uid)
            if uids[at] == uid:
                flags[at] = now
            else:
                uids.insert(at, uid)
                flags.insert(at, now)
        return MailboxState(highest, uids, _packed(flags))


def _packed(flags: Sequence[int]) -> Sequence[int]:
    try:
        return array("Q", flags)
    except OverflowError:
        return tuple(flags)


class AccountCache:
    """The states and keywords of one account; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: OrderedDict[MailboxID, MailboxState] = OrderedDict()
        self._messages = 0
        self._keywords: tuple[str, ...] = ()
        self._tidy_after = 0

    @property
    def octets(self) -> int:
        """About how much memory the states take, for whoever bounds all accounts together."""
        return self._messages * OCTETS_EACH

    def state(self, mailbox: MailboxID) -> MailboxState | None:
        """What is remembered of a mailbox; true only for its `highest`."""
        with self._lock:
            found = self._states.get(mailbox)
            if found is not None:
                self._states.move_to_end(mailbox)
            return found

    def remember(self, mailbox: MailboxID, state: MailboxState) -> None:
        """Keeps a state of committed data, unless a newer one is here."""
        with self._lock:
            before = self._states.get(mailbox)
            if before is not None and before.highest >= state.highest:
                return
            self._messages += len(state.uids) - (len(before.uids) if before is not None else 0)
            self._states[mailbox] = state
            self._states.move_to_end(mailbox)
            while self._messages > MAX_MESSAGES and len(self._states) > 1:
                _, dropped = self._states.popitem(last=False)
                self._messages -= len(dropped.uids)

    def forget(self) -> None:
        """Empties the cache: for an account that is closed, or whose file was replaced."""
        with self._lock:
            self._states.clear()
            self._messages = 0
            self._keywords = ()

    @property
    def keywords(self) -> tuple[str, ...]:
        """The first entries of the keyword table, as far as known; the table only grows."""
        return self._keywords

    def remember_keywords(self, keywords: tuple[str, ...]) -> None:
        """Keeps committed entries of the keyword table."""
        with self._lock:
            if len(keywords) > len(self._keywords):
                self._keywords = keywords

    def tidy_due(self, now: int, every: int) -> bool:
        """True at most once in `every` seconds: the asker then looks after what is due for removal."""
        with self._lock:
            due = not self._tidy_after - every <= now < self._tidy_after
            if due:
                self._tidy_after = now + every
            return due
