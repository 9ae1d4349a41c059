"""The maildrop of one session: a snapshot of INBOX, taken at login; its numbers stay until the end (design §2, rule 9).

Invariants
- Message n is the n-th row for the whole session, whatever others do to the mailbox; nothing is added, marked ones are only hidden.
- `count` and `octets` are of the messages that are not marked, and always agree with `deleted`.
- A snapshot is a list, never an open transaction. At the end only what still is at that mailbox and UID is expunged: what is gone
  counts as done, what was moved away is spared.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.numbers import MAX_UID, MailboxID, MailID
from bustia.model.reason import Reason, Refused
from bustia.store.api import Column, ReadTxn, WriteTxn

_EVERY = NumberSet(((1, MAX_UID),))
_COLUMNS = (Column.UID, Column.MAIL, Column.POP3_SIZE, Column.SIZE, Column.HEADER_SIZE, Column.UIDL)


class Maildrop:
    """Messages 1 to `len(maildrop)`, as POP3 counts them."""

    __slots__ = (
        "_header",
        "_mails",
        "_sizes",
        "_stored",
        "_uidls",
        "_uids",
        "count",
        "deleted",
        "downloaded",
        "listed",
        "mailbox",
        "octets",
    )

    def __init__(self, mailbox: MailboxID, rows: list[tuple[object, ...]]) -> None:
        columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
        self.mailbox = mailbox
        self._uids: array[int] = array("I", columns[0])
        self._mails: array[int] = array("q", columns[1])
        self._sizes: array[int] = array("q", columns[2])
        self._stored: array[int] = array("q", columns[3])
        self._header: array[int] = array("q", columns[4])
        self._uidls: tuple[str, ...] = columns[5]
        self.count = len(rows)
        self.octets = sum(self._sizes)
        self.deleted: set[int] = set()  # numbers marked by DELE
        self.downloaded: set[int] = set()  # numbers that were sent whole, not noted yet
        self.listed: set[int] = set()  # numbers whose UIDL was told, not noted yet

    def __len__(self) -> int:
        return len(self._uids)

    def check(self, number: int) -> None:
        """Raises Refused(NOT_FOUND) unless the message is there and not marked (RFC 1939 §5)."""
        if number > len(self._uids):
            raise Refused(Reason.NOT_FOUND, f"No such message, only {len(self._uids)} in the maildrop")
        if number in self.deleted:
            raise Refused(Reason.NOT_FOUND, f"Message {number} is deleted")

    def delete(self, number: int) -> None:
        """Marks a message. Raises Refused(NOT_FOUND)."""
        self.check(number)
        self.deleted.add(number)
        self.count -= 1
        self.octets -= self._sizes[number - 1]

    def reset(self) -> None:
        """Takes all marks away (RFC 1939 §5, RSET)."""
        self.count = len(self._uids)
        self.octets = sum(self._sizes)
        self.deleted.clear()

    def mail(self, number: int) -> MailID:
        return MailID(self._mails[number - 1])

    def size(self, number: int) -> int:
        """Octets of the form with CRLF line ends, as it is sent (RFC 1939 §11)."""
        return self._sizes[number - 1]

    def stored_size(self, number: int) -> int:
        """Octets as stored; less than `size` if some line ends are bare or the last is missing."""
        return self._stored[number - 1]

    def header_size(self, number: int) -> int:
        """Octets of the header with its empty line, as stored."""
        return self._header[number - 1]

    def uidl(self, number: int) -> str:
        """RFC 1939 §7."""
        return self._uidls[number - 1]

    def sizes(self) -> bytes:
        """The scan listings of all that are not marked."""
        return b"".join([b"%d %d\r\n" % (number, self._sizes[number - 1]) for number in self.living()])

    def uidls(self) -> bytes:
        """The unique-id listings of all that are not marked."""
        return "".join([f"{number} {self._uidls[number - 1]}\r\n" for number in self.living()]).encode("ascii")

    def living(self) -> Iterator[int]:
        """The numbers that are not marked, rising."""
        if not self.deleted:
            return iter(range(1, len(self._uids) + 1))
        return (number for number in range(1, len(self._uids) + 1) if number not in self.deleted)

    def uids(self, numbers: set[int]) -> NumberSet:
        """The UIDs of those messages."""
        return NumberSet.of(self._uids[number - 1] for number in numbers)

    @property
    def has_notes(self) -> bool:
        return bool(self.listed or self.downloaded)

    def note(self, txn: WriteTxn) -> None:
        """Keeps what was listed and downloaded: copies take their UIDLs by it, and retention counts from it."""
        txn.note_pop3(self.mailbox, self.uids(self.listed), self.uids(self.downloaded))

    def noted(self) -> None:
        """Forgets what was kept."""
        self.listed.clear()
        self.downloaded.clear()

    def update(self, txn: WriteTxn) -> None:
        """What QUIT does: notes, and expunges all marked messages (RFC 1939 §6)."""
        self.note(txn)
        if self.deleted:
            txn.expunge(self.mailbox, self.uids(self.deleted), only_deleted=False)


def snapshot(txn: ReadTxn) -> Maildrop:
    """The maildrop as it is now: INBOX, in UID order."""
    mailbox = txn.mailbox(MailboxName(INBOX)).id
    return Maildrop(mailbox, txn.messages(mailbox, _EVERY, _COLUMNS))
