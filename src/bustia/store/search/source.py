"""What a search reads: one mailbox at one moment, and the derived index beside its account.

Invariant: positions are the places of messages in `uids` (0 … n - 1, rising by UID); all columns are parallel to it, so a set of messages is one whole
number with a bit per position, and AND, OR and NOT are one operation each.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bustia.model.number_set import NumberSet
from bustia.model.numbers import MAX_UID, MailboxID, MailID
from bustia.store.api import Column, Content, ReadTxn

_EVERY_UID = NumberSet(((1, MAX_UID),))


class TextPart(Enum):
    """The two texts of a mail which the index holds."""

    HEADER = 0  # the fields of the message and the MIME fields of its parts
    BODY = 1


@dataclass(frozen=True, slots=True)
class MailText:
    """The decoded texts of one mail in their comparable form (`text.comparable`), UTF-8.

    `header` has a line `name: value` for each field of the message, in their order, each after a LF; `mime` the same for the fields of its parts;
    `body` the text parts and the headers of nested messages.
    """

    header: bytes
    mime: bytes
    body: bytes


class SearchTextSource(Protocol):
    """The index of one account (`search.db`), as of one moment; it may lag behind the mails, never lead to a wrong answer."""

    def indexed(self, mails: Sequence[int]) -> Sequence[bool]:
        """Whether each of these mails is indexed; parallel to `mails`."""
        ...

    def candidates(self, part: TextPart, term: bytes) -> frozenset[int] | None:
        """Mails among which all are that contain the comparable `term` in that part; None if the term is too short to tell."""
        ...

    def texts(self, mails: Sequence[int], parts: frozenset[TextPart]) -> Iterator[tuple[int, MailText]]:
        """The texts of indexed mails, one by one, rising by mail; other parts than `parts` are left empty, what is not indexed is left out."""
        ...


class SearchSource(Protocol):
    """One mailbox, for `evaluate`."""

    @property
    def now(self) -> int:
        """Seconds since 1970 UTC."""
        ...

    @property
    def uids(self) -> Sequence[int]:
        """Of all messages, rising."""
        ...

    @property
    def flags(self) -> Sequence[int]:
        """Of all messages, as numbers of `model.flags`."""
        ...

    @property
    def index(self) -> SearchTextSource | None:
        """The account's index, if it has one."""
        ...

    def flag(self, name: str) -> int:
        """The bit of a flag or keyword, 0 when no message can have it."""
        ...

    def rows(
        self, positions: Sequence[int], columns: Sequence[Column], most: int | None = None
    ) -> list[tuple[object, ...]]:
        """One tuple for each position, in their order; with `most` perhaps only for the first ones, as `ReadTxn.messages`."""
        ...

    def contents(self, mails: Sequence[MailID]) -> dict[MailID, Content]:
        """The octets of mails; what is not here (only its header was fetched) is missing from the answer."""
        ...


class MailboxSource:
    """A `SearchSource` over any backend's transaction. Raises Refused(NOT_FOUND) when the mailbox is gone."""

    def __init__(self, txn: ReadTxn, mailbox: MailboxID, index: SearchTextSource | None) -> None:
        view = txn.view(mailbox)
        self.now = txn.now
        self.uids: array[int] = view.uids
        self.flags = view.flags
        self.index = index
        self._txn = txn
        self._mailbox = mailbox

    def flag(self, name: str) -> int:
        return self._txn.known_flags((name,))

    def rows(
        self, positions: Sequence[int], columns: Sequence[Column], most: int | None = None
    ) -> list[tuple[object, ...]]:
        every = len(positions) == len(self.uids)
        wanted = _EVERY_UID if every else NumberSet.of(self.uids[position] for position in positions)
        return self._txn.messages(self._mailbox, wanted, columns, most)

    def contents(self, mails: Sequence[MailID]) -> dict[MailID, Content]:
        return self._txn.contents(mails)
