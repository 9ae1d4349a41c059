"""UIDLs: unique in the account, at most 70 printable characters, never used again (RFC 1939 §7; design §2, rule 8).

Invariants:
- A message without a UIDL of its own has the one made of its mailbox's UIDVALIDITY and its UID: both never come again in the account, so neither does it.
- The text is written down once the message leaves that place: MOVE takes it along; so does a COPY whose source is expunged soon after, which is how clients
  without MOVE move, unless a POP3 client has already seen the copy under its own.
- A UIDL that an import brings is kept if no message has or had it: all such are in `uidl` for ever, and what looks like one that we make or may still
  make is not free.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import apsw

from bustia.model.numbers import MailboxID
from bustia.store.sqlite import log, sql

INHERIT_SECONDS = (
    600  # "COPY, then expunge the source" takes a client seconds; mutt and older mbsync wait for the user's next sync
)
_WANTED = re.compile(r"[\x21-\x7e]{1,70}")  # RFC 1939 §7
_MADE = re.compile(r"([0-9a-f]{1,8})\.[0-9a-f]{1,8}")


def made_uidl(uid_validity: int, uid: int) -> str:
    """The UIDL of a message that has none of its own."""
    return f"{uid_validity:x}.{uid:x}"


def claim_uidl(connection: apsw.Connection, wanted: str | None) -> str | None:
    """The wanted UIDL if it is valid and free, from now on taken; else None: the message gets the one that is made."""
    if wanted is None or not _WANTED.fullmatch(wanted):
        return None
    made = _MADE.fullmatch(wanted)
    if made is not None:
        ours = "SELECT 1 FROM account WHERE uid_validity < ?1 UNION ALL SELECT 1 FROM mailbox WHERE uid_validity = ?1"
        if sql.row(connection, ours, (int(made[1], 16),)) is not None:
            return None
    connection.execute("INSERT OR IGNORE INTO uidl VALUES(?)", (wanted,))
    return wanted if connection.changes() else None


def pass_on_uidls(connection: apsw.Connection, source: MailboxID, gone: Mapping[int, str], now: int) -> None:
    """Gives the UIDLs of expunged messages (by their UID in `source`) to their recent copies that no POP3 client has listed yet; one copy each."""
    left = dict(gone)
    for target, uids, source_uids in log.copies_from(connection, source, now - INHERIT_SECONDS):
        for uid, source_uid in zip(uids, source_uids, strict=True):
            if source_uid not in left:
                continue
            connection.execute(
                "UPDATE message SET uidl = ? WHERE mailbox = ? AND uid = ? AND listed IS NULL",
                (left[source_uid], target, uid),
            )
            if connection.changes():
                del left[source_uid]
        if not left:
            return
