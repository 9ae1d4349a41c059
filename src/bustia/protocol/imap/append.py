"""APPEND. The message itself does not pass through the value: it goes from the wire into a sink, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.dates import parse_date_time, write_date_time
from bustia.protocol.imap.writer import Writer


@dataclass(frozen=True, slots=True)
class Append:
    """APPEND of one message of `size` octets (RFC 9051 §6.3.12).

    `date` is seconds since 1970 UTC, or None for now; `binary` says literal8 (`~{n}`), which may carry NUL (RFC 3516 §4.4).
    """

    mailbox: str
    flags: tuple[str, ...]
    date: int | None
    size: int
    binary: bool = False


def parse_append(cursor: Cursor, size: int, binary: bool) -> Append | None:
    """Reads the head of an APPEND up to the announcement of its message, whose `size` and form are known from there.

    append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal    ; RFC 9051 §9
    None says that the literal announced is not the message but the mailbox's name.
    """
    cursor.space()
    if cursor.done:
        return None
    mailbox = cursor.mailbox()
    cursor.space()
    flags: tuple[str, ...] = ()
    if cursor.next_is(b"("):
        flags = cursor.flags()
        cursor.space()
    date = None
    if cursor.next_is(b'"'):
        date = parse_date_time(cursor)
        cursor.space()
    cursor.end()
    return Append(mailbox, flags, date, size, binary)


def parse_append_without_message(cursor: Cursor) -> Append:
    """A complete command APPEND that announced no message: always wrong."""
    parse_append(cursor, 0, False)
    cursor.fail("Missing message")


def write_append(command: Append, writer: Writer) -> None:
    """The reverse of `parse_append`, with the announcement; the message itself is the connection's to send."""
    writer.raw(b"APPEND ")
    writer.mailbox(command.mailbox)
    if command.flags:
        writer.raw(b" ")
        writer.flags(command.flags)
    if command.date is not None:
        writer.raw(b" " + write_date_time(command.date))
    writer.raw(b" ")
    writer.announce(command.size, binary=command.binary)
