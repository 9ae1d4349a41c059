"""Writes FETCH responses from rows of finished octets: one template for each tuple of items, filled row by row.

Invariants:
- Whatever stands in a template besides its `%` marks is free of `%`: header field names come from the client and are escaped.
- The octets of a message's sections are not looked at and copied once: they go into the answer between templates, as literals.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from bustia.protocol.imap.dates import write_date_time
from bustia.protocol.imap.fetch import BodySection, FetchItem, FetchRows, Item, is_modest
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
}
_LITERALS: dict[Item, bytes] = {
    Item.RFC822: b"RFC822 ",
    Item.RFC822_HEADER: b"RFC822.HEADER ",
    Item.RFC822_TEXT: b"RFC822.TEXT ",
}


def item_name(item: BodySection) -> bytes:
    """A section as the response names it: `BODY[…]` with the origin octet of its partial, never PEEK (RFC 9051 §7.5.2)."""
    writer = Writer(Literals.REPLY)
    writer.raw(b"BODY")
    write_section(item.section, writer)
    if item.partial is not None:
        writer.raw(b"<%d>" % item.partial.first)
    return writer.octets()


def _name(item: FetchItem) -> bytes | None:
    """The template in front of a literal, with its space; None for an item whose value is no literal."""
    return _LITERALS.get(item) if isinstance(item, Item) else item_name(item).replace(b"%", b"%%") + b" "


@dataclass(frozen=True, slots=True)
class _Shape:
    """How rows of one tuple of items are written.

    Each part is a template for the row's values start..stop. A literal, the value at stop, follows each part but the last. `dates` are the
    places of INTERNALDATE in the row.
    """

    parts: tuple[tuple[bytes, int, int], ...]
    last: bytes
    last_start: int
    dates: tuple[int, ...]


def _shape_of(items: tuple[FetchItem, ...]) -> _Shape:
    """The shape of rows of these items."""
    return _remembered(items) if is_modest(items) else _compiled(items)


def _compiled(items: tuple[FetchItem, ...]) -> _Shape:
    parts: list[tuple[bytes, int, int]] = []
    template = b"* %d FETCH ("
    start = 0
    for place, item in enumerate(items, 1):
        if place > 1:
            template += b" "
        name = _name(item)
        if name is None:
            assert isinstance(item, Item)
            template += _MARKS[item]
            continue
        parts.append((template + name, start, place))
        template, start = b"", place + 1
    dates = tuple(place for place, item in enumerate(items, 1) if item is Item.INTERNALDATE)
    return _Shape(tuple(parts), template + b")\r\n", start, dates)


_remembered = lru_cache(maxsize=64)(_compiled)  # shapes; one of modest items is under 8 KiB


def _dated(row: tuple[object, ...], dates: tuple[int, ...]) -> tuple[object, ...]:
    """The row with its seconds as date-time."""
    for place in dates:
        row = (*row[:place], write_date_time(cast(int, row[place])), *row[place + 1 :])
    return row


def write_fetch_rows(rows: FetchRows) -> bytes:
    """All lines, each with its end.

    message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
    msg-att      = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"
    """
    shape = _shape_of(rows.items)
    last, dates = shape.last, shape.dates
    if not shape.parts:
        if not dates:
            return b"".join([last % row for row in rows.rows])
        return b"".join([last % _dated(row, dates) for row in rows.rows])
    pieces: list[bytes] = []
    for row in rows.rows:
        values = _dated(row, dates) if dates else row
        for template, start, stop in shape.parts:
            pieces.append(template % values[start:stop])
            octets = cast("bytes | None", values[stop])
            if octets is None:
                pieces.append(b"NIL")
            else:
                pieces += (b"{%d}\r\n" % len(octets), octets)
        pieces.append(last % values[shape.last_start :])
    return b"".join(pieces)


def write_streamed_row(
    items: tuple[FetchItem, ...], row: tuple[object, ...], place: int, size: int
) -> tuple[bytes, bytes]:
    """What goes before and after the octets of one big section, which the caller sends itself, `size` of them, in between.

    `row` is as in FetchRows; `place` is the section's index in `items`, and its value in the row is not looked at.
    """
    name = _name(items[place])
    if name is None:
        raise ValueError(f"not a section: {items[place]}")
    before = write_fetch_rows(FetchRows(items[:place], [row[: place + 1]])).removesuffix(b")\r\n")
    after = write_fetch_rows(FetchRows(items[place + 1 :], [(0, *row[place + 2 :])])).removeprefix(b"* 0 FETCH (")
    space = b" " if place else b""
    return before + space + name % () + b"{%d}\r\n" % size, (b" " if place + 1 < len(items) else b"") + after
