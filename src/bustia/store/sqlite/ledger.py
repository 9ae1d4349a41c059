"""The numbers of a change: what gives modseqs, mail and mailbox numbers and UIDVALIDITYs, and keeps the counters of a mailbox true.

Invariants:
- Counters only rise, and rise in the transaction that uses them.
- Every change of a mailbox goes through `Ledger.settle`: its modseq and its counters move together with the rows, and with the entry of the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import apsw

from bustia.model.flags import DELETED, SEEN
from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MAX_UID, MailboxID, ModSeq, UIDValidity
from bustia.model.reason import Reason, Refused
from bustia.store.api import MailboxInfo, Origin
from bustia.store.sqlite import log, mailbox_rows, sql


@dataclass(frozen=True, slots=True)
class Counts:
    """By how much a mailbox's counters change; negative when messages go."""

    messages: int = 0
    unseen: int = 0
    deleted: int = 0
    octets: int = 0
    deleted_octets: int = 0

    @staticmethod
    def of(flags_and_sizes: Iterable[tuple[int, int]]) -> Counts:
        """What messages with these (flags, octets) count."""
        messages = unseen = deleted = octets = deleted_octets = 0
        for flags, size in flags_and_sizes:
            messages += 1
            octets += size
            if not flags & SEEN:
                unseen += 1
            if flags & DELETED:
                deleted += 1
                deleted_octets += size
        return Counts(messages, unseen, deleted, octets, deleted_octets)

    def __neg__(self) -> Counts:
        return Counts(-self.messages, -self.unseen, -self.deleted, -self.octets, -self.deleted_octets)


class Ledger:
    """The counters of one write transaction; `modseq_reached` is the last modseq it gave, None while it changed nothing."""

    def __init__(self, connection: apsw.Connection, now: int) -> None:
        self.connection = connection
        self.now = now
        self.modseq_reached: ModSeq | None = None

    def next_modseq(self) -> ModSeq:
        """A new modseq, above all before."""
        self.modseq_reached = ModSeq(
            sql.only_row(self.connection, "UPDATE account SET modseq = modseq + 1 RETURNING modseq")[0]
        )
        return self.modseq_reached

    def next_mails(self, count: int) -> int:
        """The first of `count` new numbers of mails."""
        last = sql.only_row(
            self.connection, "UPDATE account SET last_mail = last_mail + ? RETURNING last_mail", (count,)
        )[0]
        return int(last) - count + 1

    def next_mailbox(self) -> MailboxID:
        """A number that no mailbox of the account ever had."""
        return MailboxID(
            sql.only_row(self.connection, "UPDATE account SET last_mailbox = last_mailbox + 1 RETURNING last_mailbox")[
                0
            ]
        )

    def next_uid_validity(self) -> UIDValidity:
        """A UIDVALIDITY above all before, and not below the clock, so that an account restored from nothing does not repeat one."""
        statement = "UPDATE account SET uid_validity = max(uid_validity + 1, min(?, ?)) RETURNING uid_validity"
        return UIDValidity(sql.only_row(self.connection, statement, (self.now, MAX_UID))[0])

    def settle(self, mailbox: MailboxID, modseq: ModSeq, counts: Counts) -> None:
        """Moves a mailbox's modseq and counters."""
        self.connection.execute(
            "UPDATE mailbox SET modseq = ?, messages = messages + ?, unseen = unseen + ?, deleted = deleted + ?, octets = octets + ?,"
            " deleted_octets = deleted_octets + ? WHERE id = ?",
            (modseq, counts.messages, counts.unseen, counts.deleted, counts.octets, counts.deleted_octets, mailbox),
        )

    def give_uids(self, mailbox: MailboxInfo, count: int) -> int:
        """The first of `count` new UIDs. Raises Refused(LIMIT) when the mailbox has no more (RFC 9051 §2.3.1.1: it would need a new UIDVALIDITY)."""
        if mailbox.uid_next + count > MAX_UID:
            raise Refused(Reason.LIMIT, "The mailbox has no UIDs left")
        self.connection.execute("UPDATE mailbox SET uid_next = uid_next + ? WHERE id = ?", (count, mailbox.id))
        return mailbox.uid_next

    def living(self, mailbox: MailboxID) -> MailboxInfo:
        """The mailbox as it is now. Raises Refused(NOT_FOUND)."""
        return mailbox_rows.living_mailbox(self.connection, mailbox)

    def record(
        self,
        kind: log.Kind,
        mailbox: MailboxID,
        modseq: ModSeq,
        uids: NumberSet = EMPTY,
        *,
        peer: MailboxID | None = None,
        peer_uids: NumberSet = EMPTY,
        detail: str | None = None,
        origin: Origin = Origin.USER,
    ) -> None:
        """Writes an entry of the log."""
        log.write_entry(
            self.connection,
            log.Entry(
                mailbox, modseq, kind, origin, self.now, uids=uids, peer=peer, peer_uids=peer_uids, detail=detail
            ),
        )
