"""COPY, MOVE, EXPUNGE and UID forms, and their data."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.model.number_set import SequenceSet
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.sequence_set import parse_sequence_set, write_sequence_set
from bustia.protocol.imap.writer import Writer


@dataclass(frozen=True, slots=True)
class Copy:
    """COPY or UID COPY (RFC 9051 §6.4.7)."""

    numbers: SequenceSet
    mailbox: str
    by_uid: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """MOVE or UID MOVE (RFC 9051 §6.4.8)."""

    numbers: SequenceSet
    mailbox: str
    by_uid: bool = False


@dataclass(frozen=True, slots=True)
class Expunge:
    """EXPUNGE (RFC 9051 §6.4.3) or, with `uids`, UID EXPUNGE (RFC 9051 §6.4.9)."""

    uids: SequenceSet | None = None


@dataclass(frozen=True, slots=True)
class ExpungeData:
    """`* n EXPUNGE` (RFC 9051 §7.5.1)."""

    number: int


def parse_copy(cursor: Cursor) -> Copy:
    """copy = "COPY" SP sequence-set SP mailbox"""
    return Copy(*_numbers_and_mailbox(cursor))


def parse_uid_copy(cursor: Cursor) -> Copy:
    """uid = "UID" SP copy"""
    return Copy(*_numbers_and_mailbox(cursor), by_uid=True)


def write_copy(command: Copy, writer: Writer) -> None:
    """The reverse of `parse_copy` and `parse_uid_copy`."""
    writer.raw(b"UID COPY " if command.by_uid else b"COPY ")
    writer.raw(write_sequence_set(command.numbers) + b" ")
    writer.mailbox(command.mailbox)


def parse_move(cursor: Cursor) -> Move:
    """move = "MOVE" SP sequence-set SP mailbox"""
    return Move(*_numbers_and_mailbox(cursor))


def parse_uid_move(cursor: Cursor) -> Move:
    """uid = "UID" SP move"""
    return Move(*_numbers_and_mailbox(cursor), by_uid=True)


def write_move(command: Move, writer: Writer) -> None:
    """The reverse of `parse_move` and `parse_uid_move`."""
    writer.raw(b"UID MOVE " if command.by_uid else b"MOVE ")
    writer.raw(write_sequence_set(command.numbers) + b" ")
    writer.mailbox(command.mailbox)


def _numbers_and_mailbox(cursor: Cursor) -> tuple[SequenceSet, str]:
    cursor.space()
    numbers = parse_sequence_set(cursor)
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.end()
    return numbers, mailbox


def parse_expunge(cursor: Cursor) -> Expunge:
    """Reads nothing: "EXPUNGE" has no arguments."""
    cursor.end()
    return Expunge()


def parse_uid_expunge(cursor: Cursor) -> Expunge:
    """uid-expunge = "EXPUNGE" SP sequence-set"""
    cursor.space()
    uids = parse_sequence_set(cursor)
    cursor.end()
    return Expunge(uids)


def write_expunge(command: Expunge, writer: Writer) -> None:
    """The reverse of `parse_expunge` and `parse_uid_expunge`."""
    writer.raw(b"EXPUNGE" if command.uids is None else b"UID EXPUNGE " + write_sequence_set(command.uids))


def write_expunge_data(data: ExpungeData, writer: Writer) -> None:
    """message-data = nz-number SP "EXPUNGE\""""
    writer.raw(b"%d EXPUNGE" % data.number)
