"""Sections and partials on the wire: `[1.2.HEADER.FIELDS (Date)]<0.100>` (RFC 9051 §6.4.5.1, §9)."""

from __future__ import annotations

import re

from bustia.message.section import Partial, Section, SectionKind, SectionText
from bustia.model.numbers import MAX_UID
from bustia.protocol.imap.cursor import MAX_NUMBER64, Cursor
from bustia.protocol.imap.writer import Writer

MAX_PART_LEVELS = 100  # part numbers in one section; the MIME scanner goes no deeper

_NUMBERS = re.compile(rb"[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9})*+")
_PARTIAL = re.compile(rb"<([0-9]{1,19})\.([0-9]{1,19})>")
_ORIGIN = re.compile(rb"<([0-9]{1,19})>")
_WORDS = {kind.value: kind for kind in SectionKind}
_WORD = re.compile(rb"[A-Za-z.]+")


def parse_section(cursor: Cursor) -> Section:
    """Reads a section.

    section         = "[" [section-spec] "]"
    section-spec    = section-msgtext / (section-part ["." section-text])
    section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
    section-part    = nz-number *("." nz-number)
    section-text    = section-msgtext / "MIME"
    """
    cursor.expect(b"[")
    if cursor.skip(b"]"):
        return Section()
    numbers: tuple[int, ...] = ()
    found = _NUMBERS.match(cursor.line, cursor.at)
    if found is not None:
        parts = found[0].split(b".")
        if len(parts) > MAX_PART_LEVELS:
            cursor.fail("Too many part numbers")
        numbers = tuple(map(int, parts))
        if max(numbers) > MAX_UID:
            cursor.fail("Number too big")
        cursor.at = found.end()
        if cursor.skip(b"]"):
            return Section(numbers)
        cursor.expect(b".")
    text = _parse_text(cursor)
    if text.kind is SectionKind.MIME and not numbers:
        cursor.fail("MIME needs a part number")
    cursor.expect(b"]")
    return Section(numbers, text)


def _parse_text(cursor: Cursor) -> SectionText:
    """header-list = "(" header-fld-name *(SP header-fld-name) ")" ; astring"""
    kind = _WORDS.get(cursor.match(_WORD, "a section")[0].upper())
    if kind is None:
        cursor.fail("Unknown section")
    if kind not in (SectionKind.HEADER_FIELDS, SectionKind.HEADER_FIELDS_NOT):
        return SectionText(kind)
    cursor.space()
    names = cursor.list(cursor.astring)
    if not names:
        cursor.fail("No header fields")
    return SectionText(kind, names)


def write_section(section: Section, writer: Writer) -> None:
    """The reverse of `parse_section`."""
    numbers = ".".join(map(str, section.numbers)).encode("ascii")
    text = section.text
    if text is None:
        writer.raw(b"[%b]" % numbers)
        return
    writer.raw(b"[%b%b%b" % (numbers, b"." if numbers else b"", text.kind.value))
    if text.names:
        for before, name in zip([b" (", *[b" "] * len(text.names)], text.names, strict=False):
            writer.raw(before)
            writer.astring(name)
        writer.raw(b")")
    writer.raw(b"]")


def parse_partial(cursor: Cursor) -> Partial | None:
    """partial = "<" number64 "." nz-number64 ">" ; None where there is none"""
    if not cursor.next_is(b"<"):
        return None
    found = cursor.match(_PARTIAL, "a partial")
    first, count = int(found[1]), int(found[2])
    if count < 1 or max(first, count) > MAX_NUMBER64:
        cursor.fail("Not a partial")
    return Partial(first, count)


def parse_origin(cursor: Cursor) -> int | None:
    """ "<" number ">" of a FETCH response: the octet where its data begin (RFC 9051 §7.5.2); None where there is none."""
    if not cursor.next_is(b"<"):
        return None
    origin = int(cursor.match(_ORIGIN, "an origin octet")[1])
    if origin > MAX_NUMBER64:
        cursor.fail("Number too big")
    return origin
