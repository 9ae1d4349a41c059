"""Reads FETCH responses; what the server writes is in `fetch_rows.py`."""

from __future__ import annotations

import re
from collections.abc import Callable

from bustia.message.section import Partial
from bustia.protocol.imap.body_structure import parse_body_structure
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.dates import parse_date_time
from bustia.protocol.imap.envelope import parse_envelope
from bustia.protocol.imap.extension import skip_extension
from bustia.protocol.imap.fetch import BodySection, FetchData, FetchItem, Item
from bustia.protocol.imap.section import parse_origin, parse_section

_WORD = re.compile(rb"[A-Za-z0-9.\-]+")


def _parse_modseq(cursor: Cursor) -> int:
    """fetch-mod-resp = "MODSEQ" SP "(" permsg-modsequence ")" (RFC 7162 §7)"""
    cursor.expect(b"(")
    modseq = cursor.modseq()
    cursor.expect(b")")
    return modseq


_PARSERS: dict[bytes, tuple[Item, Callable[[Cursor], object]]] = {
    item.value.encode("ascii"): (item, parse)
    for item, parse in (
        (Item.UID, Cursor.nz_number),
        (Item.FLAGS, Cursor.flags),
        (Item.INTERNALDATE, parse_date_time),
        (Item.RFC822_SIZE, Cursor.number64),
        (Item.ENVELOPE, parse_envelope),
        (Item.BODY, parse_body_structure),
        (Item.BODYSTRUCTURE, parse_body_structure),
        (Item.MODSEQ, _parse_modseq),
        (Item.RFC822, Cursor.nstring),
        (Item.RFC822_HEADER, Cursor.nstring),
        (Item.RFC822_TEXT, Cursor.nstring),
    )
}


def parse_fetch_data(cursor: Cursor, number: int) -> FetchData:
    """Reads a FETCH response behind its name; items that we do not know are passed over.

    msg-att         = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"
    msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")" / "MODSEQ" SP "(" permsg-modsequence ")"
    msg-att-static  = "ENVELOPE" SP envelope / "INTERNALDATE" SP date-time / "RFC822.SIZE" SP number64 /
                      "BODY" ["STRUCTURE"] SP body / "BODY" section ["<" number ">"] SP nstring / "UID" SP uniqueid
    """
    cursor.space()
    found = cursor.list(lambda: _parse_value(cursor))
    return FetchData(number, tuple(value for value in found if value is not None))


def _parse_value(cursor: Cursor) -> tuple[FetchItem, object] | None:
    word = cursor.match(_WORD, "a fetch item")[0].upper()
    if cursor.next_is(b"["):
        section = parse_section(cursor)
        origin = parse_origin(cursor)
        cursor.space()
        octets = cursor.nstring()
        if word != b"BODY":
            return None
        partial = None if origin is None else Partial(origin, max(1, len(octets or b"")))
        return BodySection(section, partial), octets
    cursor.space()
    known = _PARSERS.get(word)
    if known is None:
        skip_extension(cursor)
        return None
    item, parse = known
    return item, parse(cursor)
