"""The bin: mails whose places were expunged stay readable for a while, for sessions that have not been told and POP3 snapshots (design §2, rule 9).

Invariants:
- `mail.places` counts the messages and the entries of the bin that name a mail; at 0 the mail, its facts and its octets go together.
- Nothing leaves the bin before BIN_SECONDS have passed since its expunge, whatever the clock did: a clock set back only keeps it longer.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from bustia.model.numbers import ModSeq
from bustia.store.api import BIN_SECONDS
from bustia.store.sqlite import frames, sql
from bustia.store.sqlite.contents import drop_content

MAILS_AT_ONCE = 200  # removed in one go: about 10 ms, so that a write stays below its 50 ms (design §2, rule 14)
TIDY_EVERY = 60  # seconds between looks; a look finds nothing in 5 µs


def put_in_bin(connection: apsw.Connection, modseq: ModSeq, mails: Sequence[int], now: int) -> None:
    """Keeps the mails of an expunge: their places in a mailbox become places in the bin, so nothing is counted."""
    if mails:
        connection.execute("INSERT INTO bin VALUES(?, ?, ?)", (modseq, now, frames.write_numbers(mails)))


def bin_is_due(connection: apsw.Connection, now: int) -> bool:
    """Whether the oldest expunge in the bin has been there long enough."""
    oldest = sql.row(connection, "SELECT at FROM bin ORDER BY modseq LIMIT 1")
    return oldest is not None and oldest[0] <= now - BIN_SECONDS


def empty_bin(connection: apsw.Connection, now: int) -> bool:
    """Removes what has been there long enough, at most MAILS_AT_ONCE; true if more is due."""
    if not bin_is_due(connection, now):
        return False
    modseq, octets = sql.only_row(connection, "SELECT modseq, mails FROM bin ORDER BY modseq LIMIT 1")
    mails = frames.read_numbers(octets)
    _forget_places(connection, mails[:MAILS_AT_ONCE])
    rest = mails[MAILS_AT_ONCE:]
    if rest:
        connection.execute("UPDATE bin SET mails = ? WHERE modseq = ?", (frames.write_numbers(rest), modseq))
    else:
        connection.execute("DELETE FROM bin WHERE modseq = ?", (modseq,))
    return True


def _forget_places(connection: apsw.Connection, mails: Sequence[int]) -> None:
    for mail in mails:
        left = sql.row(connection, "UPDATE mail SET places = places - 1 WHERE id = ? RETURNING places, digest", (mail,))
        if left is None or left[0] > 0:
            continue
        connection.execute("DELETE FROM facts WHERE mail = ?", (mail,))
        connection.execute("DELETE FROM mail WHERE id = ?", (mail,))
        if left[1] is not None:
            drop_content(connection, left[1])
