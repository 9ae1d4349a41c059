"""The change log of an account: every change has a modseq and says which operation it was (design §2, rule 5).

Invariants:
- Each entry is about one mailbox (0: about none); a MOVE is two entries with one modseq, one on each side, each naming the other.
- `uids` and `peer_uids` of COPY and MOVE pair up in rising order.
- An expunge is known from the log alone (EXPUNGED, MOVED_OUT, DELETED): these entries are the tombstones (RFC 7162 §3.2.6).
- A mailbox's log is complete above its `pruned_through`; what is asked from below is answered from the messages themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import apsw

from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MailboxID, ModSeq
from bustia.store.api import Origin
from bustia.store.sqlite import sql
from bustia.store.sqlite.uid_sets import read_uid_set, write_uid_set

KEPT_ENTRIES = 20_000  # of a mailbox, about 1 MB: months for a person, and a client that was away for longer is answered from the messages
PRUNED_AT_ONCE = 5_000  # about 5 ms
ACCOUNT_WIDE = MailboxID(0)  # the mailbox of entries that belong to none


class Kind(IntEnum):
    """What an entry says; the numbers are in files and never change their meaning."""

    APPENDED = 1
    COPIED_IN = 2
    MOVED_IN = 3
    MOVED_OUT = 4
    FLAGS = 5
    EXPUNGED = 6
    CREATED = 7
    RENAMED = 8
    DELETED = 9
    SUBSCRIBED = 10
    UNSUBSCRIBED = 11


GOING = frozenset({Kind.MOVED_OUT, Kind.EXPUNGED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `at` is seconds since 1970 UTC. `detail` is the mailbox name (RENAMED: old and new, one a line; SUBSCRIBED: the names, one a line)."""

    mailbox: MailboxID
    modseq: ModSeq
    kind: Kind
    origin: Origin
    at: int
    uids: NumberSet = EMPTY
    peer: MailboxID | None = None
    peer_uids: NumberSet = EMPTY
    detail: str | None = None


def write_entry(connection: apsw.Connection, entry: Entry) -> None:
    """Adds an entry at the end of its mailbox's log."""
    connection.execute(
        "INSERT INTO change VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.mailbox,
            entry.modseq,
            entry.kind.value,
            entry.origin.value,
            entry.at,
            write_uid_set(entry.uids) or None,
            entry.peer,
            write_uid_set(entry.peer_uids) or None,
            entry.detail,
        ),
    )


def touched_since(connection: apsw.Connection, mailbox: MailboxID, since: ModSeq) -> tuple[NumberSet, NumberSet]:
    """UIDs that came or changed and UIDs that went after `since`; complete only above the mailbox's `pruned_through`."""
    stayed: list[tuple[int, int]] = []
    went: list[tuple[int, int]] = []
    for kind, uids in sql.rows(
        connection, "SELECT kind, uids FROM change WHERE mailbox = ? AND modseq > ?", (mailbox, since)
    ):
        (went if kind in GOING else stayed).extend(read_uid_set(uids).ranges)
    return NumberSet.spanning(stayed), NumberSet.spanning(went)


def copies_from(
    connection: apsw.Connection, source: MailboxID, since: int
) -> list[tuple[MailboxID, NumberSet, NumberSet]]:
    """COPYs out of `source` made at `since` (seconds since 1970 UTC) or later, as (target mailbox, UIDs there, UIDs in the source), newest first."""
    found: list[tuple[MailboxID, NumberSet, NumberSet]] = []
    for (target,) in sql.rows(connection, "SELECT id FROM mailbox WHERE copied_at >= ? AND name IS NOT NULL", (since,)):
        newest_first = "SELECT at, kind, peer, uids, peer_uids FROM change WHERE mailbox = ? ORDER BY modseq DESC"
        for at, kind, peer, uids, peer_uids in connection.execute(newest_first, (target,)):
            if at < since:
                break
            if kind == Kind.COPIED_IN and peer == source:
                found.append((target, read_uid_set(uids), read_uid_set(peer_uids)))
    return found


def prune(connection: apsw.Connection, mailbox: MailboxID, kept: int = KEPT_ENTRIES) -> None:
    """Drops the oldest entries of a mailbox beyond the newest `kept`, at most PRUNED_AT_ONCE of them."""
    nth = "SELECT modseq FROM change WHERE mailbox = ? ORDER BY modseq {} LIMIT 1 OFFSET ?"
    newest_to_go = sql.row(connection, nth.format("DESC"), (mailbox, kept))
    if newest_to_go is None:
        return
    last_at_once = sql.row(connection, nth.format("ASC"), (mailbox, PRUNED_AT_ONCE - 1))
    through = min(newest_to_go[0], last_at_once[0]) if last_at_once else newest_to_go[0]
    connection.execute("DELETE FROM change WHERE mailbox = ? AND modseq <= ?", (mailbox, through))
    connection.execute("UPDATE mailbox SET pruned_through = ? WHERE id = ?", (through, mailbox))
