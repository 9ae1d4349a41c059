"""The octets of mails in `content` and `frame`: filed once for the account, read in parts.

Invariants:
- `content.mails` is the number of mails with that digest; at 0 the row and its frames go in the same transaction.
- Octets are written once and never changed; a reader opens only the frames it needs.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import apsw

from bustia.model.numbers import MailID
from bustia.model.reason import Reason, Refused
from bustia.store.api import Content, Prepared
from bustia.store.sqlite import frames, sql

MAX_FRAMES = 65_536  # of one content: the numbers that its id leaves for them; 16 GiB


class StoredContent:
    """A `Content` whose frames are read when asked for, within the transaction that gave it; used by one thread."""

    __slots__ = ("_connection", "_ends", "_id", "_last", "size")

    def __init__(self, connection: apsw.Connection, content: int, ends: array[int]) -> None:
        self.size = ends[-1] if ends else 0
        self._connection = connection
        self._id = content
        self._ends = ends
        self._last: tuple[int, bytes] = (
            -1,
            b"",
        )  # the last frame opened: headers and parts are often asked for one by one

    def read(self, start: int, end: int) -> bytes:
        """Octets start..end (end excluded), cut at the size. Raises Refused(DAMAGED) when a frame is missing or does not open."""
        end = min(end, self.size)
        start = max(start, 0)
        if start >= end:
            return b""
        first = bisect_right(self._ends, start)
        last = bisect_left(self._ends, end)
        opened = self._open(first, last)
        before = self._ends[first - 1] if first else 0
        octets = opened[0] if len(opened) == 1 else b"".join(opened)
        if start == before and end - start == len(octets):
            return octets
        return octets[start - before : end - before]

    def _open(self, first: int, last: int) -> list[bytes]:
        number, octets = self._last
        if first == last == number:
            return [octets]
        found = sql.rows(
            self._connection,
            "SELECT octets FROM frame WHERE id BETWEEN ? AND ?",
            (self._id * MAX_FRAMES + first, self._id * MAX_FRAMES + last),
        )
        if len(found) != last - first + 1:
            raise Refused(Reason.DAMAGED, f"Frames of content {self._id} are missing")
        try:
            opened = [
                frames.unpack(frame, self._ends[number] - (self._ends[number - 1] if number else 0))
                for number, (frame,) in enumerate(found, first)
            ]
        except ValueError as error:
            raise Refused(Reason.DAMAGED, f"Content {self._id}: {error}") from error
        self._last = (last, opened[-1])
        return opened


def contents_of(connection: apsw.Connection, mails: Sequence[MailID]) -> dict[MailID, Content]:
    """The contents of these mails; those that are gone, or have only their header here, are missing from the answer."""
    found: dict[MailID, Content] = {}
    for mail, content, ends in sql.rows(
        connection,
        "SELECT mail.id, content.id, frame_ends FROM json_each(?) AS wanted CROSS JOIN mail ON mail.id = wanted.value"
        " CROSS JOIN content USING(digest)",
        (json.dumps(mails),),
    ):
        found[mail] = StoredContent(connection, content, frames.read_numbers(ends))
    return found


def file_content(connection: apsw.Connection, mail: int, prepared: Prepared) -> None:
    """Keeps the octets of a new mail, or counts one more mail on those already here."""
    known = sql.row(connection, "SELECT 1 FROM content WHERE digest = ?", (prepared.digest,))
    if known is not None:
        connection.execute("UPDATE content SET mails = mails + 1 WHERE digest = ?", (prepared.digest,))
        return
    if len(prepared.frames) > MAX_FRAMES:
        raise Refused(Reason.TOO_BIG, "The message has too many frames")
    connection.execute(
        "INSERT INTO content(digest, id, mails, frame_ends) VALUES(?, ?, 1, ?)",
        (prepared.digest, mail, frames.write_numbers(prepared.frame_ends)),
    )
    for number, frame in enumerate(prepared.frames):
        connection.execute("INSERT INTO frame VALUES(?, ?)", (mail * MAX_FRAMES + number, frame))


def drop_content(connection: apsw.Connection, digest: bytes) -> None:
    """Counts one mail less on these octets, and forgets them with the last."""
    connection.execute("UPDATE content SET mails = mails - 1 WHERE digest = ?", (digest,))
    gone = sql.row(connection, "SELECT id FROM content WHERE digest = ? AND mails <= 0", (digest,))
    if gone is None:
        return
    connection.execute(
        "DELETE FROM frame WHERE id BETWEEN ? AND ?", (gone[0] * MAX_FRAMES, (gone[0] + 1) * MAX_FRAMES - 1)
    )
    connection.execute("DELETE FROM content WHERE digest = ?", (digest,))
