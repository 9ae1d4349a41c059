"""Mailbox rows as `MailboxInfo`."""

from __future__ import annotations

import apsw

from bustia.model.mailbox import INBOX, MailboxName, SpecialUse
from bustia.model.numbers import UID, MailboxID, ModSeq, UIDValidity
from bustia.model.reason import Reason, Refused
from bustia.store.api import MailboxInfo
from bustia.store.sqlite import sql

_COLUMNS = (
    "id, name, uid_validity, uid_next, modseq, special_use,"
    " EXISTS(SELECT 1 FROM subscription WHERE subscription.name = mailbox.name),"
    " messages, unseen, deleted, octets, deleted_octets, first_recent"
)


def _info(row: sql.Row) -> MailboxInfo:
    return MailboxInfo(
        id=MailboxID(row[0]),
        name=MailboxName.parse(row[1]),
        uid_validity=UIDValidity(row[2]),
        uid_next=UID(row[3]),
        highest_modseq=ModSeq(row[4]),
        special_use=None if row[5] is None else SpecialUse(row[5]),
        subscribed=bool(row[6]),
        messages=row[7],
        unseen=row[8],
        deleted=row[9],
        octets=row[10],
        deleted_octets=row[11],
        first_recent=UID(row[12]),
    )


def every_mailbox(connection: apsw.Connection) -> list[MailboxInfo]:
    """All mailboxes, INBOX first, then by name in code point order."""
    found = sql.rows(
        connection, f"SELECT {_COLUMNS} FROM mailbox WHERE name IS NOT NULL ORDER BY name <> ?, name", (INBOX,)
    )
    return [_info(row) for row in found]


def mailbox_named(connection: apsw.Connection, name: MailboxName) -> MailboxInfo:
    """The mailbox of that name. Raises Refused(NOT_FOUND)."""
    found = sql.row(connection, f"SELECT {_COLUMNS} FROM mailbox WHERE name = ?", (name.text,))
    if found is None:
        raise Refused(Reason.NOT_FOUND, "No such mailbox")
    return _info(found)


def mailbox_numbered(connection: apsw.Connection, mailbox: MailboxID) -> MailboxInfo | None:
    """The mailbox of that number, or None once it is deleted."""
    found = sql.row(connection, f"SELECT {_COLUMNS} FROM mailbox WHERE id = ? AND name IS NOT NULL", (mailbox,))
    return None if found is None else _info(found)


def living_mailbox(connection: apsw.Connection, mailbox: MailboxID) -> MailboxInfo:
    """The mailbox of that number. Raises Refused(NOT_FOUND) once it is deleted."""
    found = mailbox_numbered(connection, mailbox)
    if found is None:
        raise Refused(Reason.NOT_FOUND, "No such mailbox")
    return found
