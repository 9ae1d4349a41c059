"""STORE and UID STORE."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.model.flags import FlagChange
from bustia.model.number_set import SequenceSet
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.sequence_set import parse_sequence_set, write_sequence_set
from bustia.protocol.imap.writer import Writer


@dataclass(frozen=True, slots=True)
class Store:
    """STORE or UID STORE (RFC 9051 §6.4.6); `unchanged_since` is RFC 7162 §3.1.3."""

    numbers: SequenceSet
    change: FlagChange
    flags: tuple[str, ...]
    silent: bool = False
    by_uid: bool = False
    unchanged_since: int | None = None


_CHANGES = {
    word.encode("ascii") + suffix: (change, bool(suffix))
    for change in FlagChange
    for word in (change.value,)
    for suffix in (b"", b".SILENT")
}


def parse_store(cursor: Cursor) -> Store:
    """Reads a STORE by sequence number.

    store           = "STORE" SP sequence-set [store-modifiers] SP store-att-flags
    store-modifiers = SP "(" "UNCHANGEDSINCE" SP mod-sequence-valzer ")"              ; RFC 7162 §7, RFC 4466 §2.5
    store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
    """
    return _parse(cursor, by_uid=False)


def parse_uid_store(cursor: Cursor) -> Store:
    """uid = "UID" SP store"""
    return _parse(cursor, by_uid=True)


def _parse(cursor: Cursor, *, by_uid: bool) -> Store:
    cursor.space()
    numbers = parse_sequence_set(cursor)
    cursor.space()
    unchanged_since = None
    if cursor.skip(b"("):
        if cursor.keyword() != b"UNCHANGEDSINCE":
            cursor.fail("Unknown modifier")
        cursor.space()
        unchanged_since = cursor.modseq()
        cursor.expect(b")")
        cursor.space()
    found = _CHANGES.get(cursor.keyword())
    if found is None:
        cursor.fail("Expected FLAGS, +FLAGS or -FLAGS")
    change, silent = found
    cursor.space()
    if cursor.next_is(b"("):
        flags = cursor.flags()
    else:
        names = [cursor.flag()]
        while cursor.skip(b" "):
            names.append(cursor.flag())
        flags = tuple(names)
    cursor.end()
    return Store(numbers, change, flags, silent, by_uid, unchanged_since)


def write_store(command: Store, writer: Writer) -> None:
    """The reverse of `parse_store` and `parse_uid_store`."""
    writer.raw(b"UID STORE " if command.by_uid else b"STORE ")
    writer.raw(write_sequence_set(command.numbers) + b" ")
    if command.unchanged_since is not None:
        writer.raw(b"(UNCHANGEDSINCE %d) " % command.unchanged_since)
    writer.raw(command.change.value.encode("ascii") + (b".SILENT " if command.silent else b" "))
    writer.flags(command.flags)
