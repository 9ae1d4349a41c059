"""Writes FETCH responses from rows of finished octets: one template for each tuple of items, filled row by row.

Invariant: whatever stands in a template besides its `%` marks is free of `%`: header field names come from the client and are escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from bustia.protocol.imap.dates import write_date_time
from bustia.protocol.imap.fetch import BodySection, FetchItem, FetchRows, Item
from bustia.protocol.imap.section import write_section
from bustia.protocol.imap.writer import Literals, Writer

_MARKS: dict[Item, bytes] = {
    Item.UID: b"UID %d",
    Item.FLAGS: b"FLAGS (%b)",
    Item.INTERNALDATE: b"INTERNALDATE %b",
    Item.RFC822_SIZE: b"RFC822.SIZE %d",
    Item.ENVELOPE: b"ENVELOPE %b",
    Item.BODY: b"BODY %b",
    Item.BODYSTRUCTURE: b"BODYSTRUCTURE %b",
    Item.MODSEQ: b"MODSEQ (%d)",  # RFC 7162 §3.1.4.2
    Item.RFC822: b"RFC822 %b",
    Item.RFC822_HEADER: b"RFC822.HEADER %b",
    Item.RFC822_TEXT: b"RFC822.TEXT %b",
}


def _literal(value: bytes | None) -> bytes:
    """nstring ; always as literal, so that no octet of a message needs to be looked at"""
    return b"NIL" if value is None else b"{%d}\r\n%b" % (len(value), value)


_CONVERSIONS: dict[Item, Callable[[Any], bytes]] = {
    Item.INTERNALDATE: write_date_time,
    Item.RFC822: _literal,
    Item.RFC822_HEADER: _literal,
    Item.RFC822_TEXT: _literal,
}


def item_name(item: BodySection) -> bytes:
    """A section as the response names it: `BODY[…]` with the origin octet of its partial, never PEEK (RFC 9051 §7.5.2)."""
    writer = Writer(Literals.REPLY)
    writer.raw(b"BODY")
    write_section(item.section, writer)
    if item.partial is not None:
        writer.raw(b"<%d>" % item.partial.first)
    return writer.octets()


def _mark(item: FetchItem) -> bytes:
    """The `%` template of one item."""
    return _MARKS[item] if isinstance(item, Item) else item_name(item).replace(b"%", b"%%") + b" %b"


def _conversion(item: FetchItem) -> Callable[[Any], bytes] | None:
    """What makes octets of the item's value, None where the template takes the value as it is."""
    return _CONVERSIONS.get(item) if isinstance(item, Item) else _literal


@lru_cache(maxsize=64)  # shapes; one is under 1 KiB, a hostile one of many field names 130 KiB: 8 MiB at the very most
def _compiled(items: tuple[FetchItem, ...]) -> tuple[bytes, tuple[tuple[int, Callable[[Any], bytes]], ...]]:
    """The template of a row and, by place in the row, what makes octets of a value."""
    found = [(place, _conversion(item)) for place, item in enumerate(items, 1)]
    conversions = tuple((place, convert) for place, convert in found if convert is not None)
    return b"* %d FETCH (" + b" ".join(map(_mark, items)) + b")\r\n", conversions


def write_fetch_rows(rows: FetchRows) -> bytes:
    """All lines, each with its end.

    message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
    msg-att      = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"
    """
    template, conversions = _compiled(rows.items)
    if not conversions:
        return b"".join([template % row for row in rows.rows])
    if len(conversions) == 1:
        place, convert = conversions[0]
        after = place + 1
        return b"".join([template % (*row[:place], convert(row[place]), *row[after:]) for row in rows.rows])
    lines: list[bytes] = []
    for row in rows.rows:
        values = list(row)
        for place, convert in conversions:
            values[place] = convert(values[place])
        lines.append(template % tuple(values))
    return b"".join(lines)


def write_streamed_row(
    items: tuple[FetchItem, ...], row: Sequence[object], place: int, size: int
) -> tuple[bytes, bytes]:
    """What goes before and after the octets of one big section, which the caller sends itself, `size` of them, in between.

    `row` is as in FetchRows; `place` is the section's index in `items`, and its value in the row is not looked at.
    """
    written: list[bytes] = []
    for item, value in zip(items, row[1:], strict=True):
        if len(written) == place:
            written.append(_mark(item) % (b"{%d}\r\n" % size))
            continue
        convert = _conversion(item)
        written.append(_mark(item) % (value if convert is None else convert(value)))
    before = b"* %b FETCH (" % str(row[0]).encode("ascii") + b" ".join(written[: place + 1])
    return before, b"".join(b" " + each for each in written[place + 1 :]) + b")\r\n"
