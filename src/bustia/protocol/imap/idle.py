"""IDLE and its end."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.writer import Writer


@dataclass(frozen=True, slots=True)
class Idle:
    """IDLE (RFC 9051 §6.3.13); it ends with the client's line DONE, which has no tag."""


def parse_idle(cursor: Cursor) -> Idle:
    """idle = "IDLE" CRLF "DONE" ; the second line is the connection's to read"""
    cursor.end()
    return Idle()


def write_idle(command: Idle, writer: Writer) -> None:
    """The reverse of `parse_idle`."""
    writer.raw(b"IDLE")
