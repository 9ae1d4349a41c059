"""FLAGS, EXISTS, RECENT, STATUS and NAMESPACE data on the wire, both ways; their values are in `mailbox.py`.

Each `parse_` begins behind the response's name and ends before the line's end.
"""

from __future__ import annotations

import re

from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.mailbox import (
    ExistsData,
    FlagsData,
    NamespaceData,
    RecentData,
    StatusData,
    StatusItem,
)
from bustia.protocol.imap.writer import Writer

_NOT_CLOSING = re.compile(rb"[^()]*")
_ITEMS = {item.value.encode("ascii"): item for item in StatusItem}


def parse_flags_data(cursor: Cursor) -> FlagsData:
    """mailbox-data = "FLAGS" SP flag-list"""
    cursor.space()
    return FlagsData(cursor.list(cursor.permanent_flag))


def write_flags_data(data: FlagsData, writer: Writer) -> None:
    """The reverse of `parse_flags_data`."""
    writer.raw(b"FLAGS ")
    writer.flags(data.names)


def write_exists_data(data: ExistsData, writer: Writer) -> None:
    """mailbox-data =/ number SP "EXISTS\""""
    writer.raw(b"%d EXISTS" % data.count)


def write_recent_data(data: RecentData, writer: Writer) -> None:
    """mailbox-data =/ number SP "RECENT" (RFC 3501 §9)"""
    writer.raw(b"%d RECENT" % data.count)


def parse_status_data(cursor: Cursor) -> StatusData:
    """Reads a STATUS; items that we do not know are passed over.

    mailbox-data    =/ "STATUS" SP mailbox SP "(" [status-att-list] ")"
    status-att-list = status-att-val *(SP status-att-val)
    """
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    pairs = cursor.list(lambda: _parse_status_pair(cursor))
    return StatusData(mailbox, tuple((item, number) for item, number in pairs if item is not None))


def _parse_status_pair(cursor: Cursor) -> tuple[StatusItem | None, int]:
    item = _ITEMS.get(cursor.keyword())
    cursor.space()
    if item is None and cursor.next_is(b"("):
        cursor.expect(b"(")
        cursor.match(_NOT_CLOSING, "a value")
        cursor.expect(b")")
        return None, 0
    return item, cursor.number64()


def write_status_data(data: StatusData, writer: Writer) -> None:
    """The reverse of `parse_status_data`."""
    writer.raw(b"STATUS ")
    writer.mailbox(data.mailbox)
    values = b" ".join(b"%b %d" % (item.value.encode("ascii"), number) for item, number in data.values)
    writer.raw(b" (" + values + b")")


def parse_namespace_data(cursor: Cursor) -> NamespaceData:
    """Reads a NAMESPACE.

    namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace
    namespace          = nil / "(" 1*namespace-descr ")"
    namespace-descr    = "(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil) [namespace-response-extensions] ")"
    """
    kinds: list[tuple[tuple[str, str], ...]] = []
    for _ in range(3):
        cursor.space()
        kinds.append(_parse_namespace(cursor))
    return NamespaceData(*kinds)


def _parse_namespace(cursor: Cursor) -> tuple[tuple[str, str], ...]:
    if cursor.nil():
        return ()
    pairs: list[tuple[str, str]] = []
    cursor.expect(b"(")
    while not cursor.skip(b")"):
        cursor.expect(b"(")
        prefix = cursor.mailbox()
        cursor.space()
        separator = cursor.nstring() or b""
        while cursor.skip(b" "):  # namespace-response-extension = SP string SP "(" string *(SP string) ")"
            cursor.string()
            cursor.space()
            cursor.list(cursor.string)
        cursor.expect(b")")
        pairs.append((prefix, separator.decode("ascii", "replace")))
    return tuple(pairs)


def write_namespace_data(data: NamespaceData, writer: Writer) -> None:
    """The reverse of `parse_namespace_data`; an empty separator is NIL."""
    writer.raw(b"NAMESPACE")
    for pairs in (data.personal, data.other_users, data.shared):
        if not pairs:
            writer.raw(b" NIL")
            continue
        writer.raw(b" (")
        for prefix, separator in pairs:
            writer.raw(b"(")
            writer.string(writer.name_octets(prefix))
            writer.raw(b" ")
            writer.nstring(separator.encode("ascii") or None)
            writer.raw(b")")
        writer.raw(b")")
