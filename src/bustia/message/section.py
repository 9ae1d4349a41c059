"""Sections of a message: what BODY[…] names, where it lies, and its octets (RFC 9051 §6.4.5.1).

Invariants:
- The parts table is the only thing read here besides the octets: no MIME is parsed again at FETCH.
- Only the needed ranges are read: a partial of a body reads those octets, a header only its span.
- A section that the message does not have gives None (the wire's NIL), never an error.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bustia.message.fields import header_fields
from bustia.message.scanner import Kind, Part

_ROW = struct.Struct("<BBIII")  # level, role, header start, body start, end: offsets in octets below 2**32
MAX_TABLED = 2**32 - 1  # octets; IMAP4rev1 counts no further (RFC 3501 §9, number)

Read = Callable[[int, int], bytes]
"""read(start, end): the stored octets start..end of the message."""


class SectionKind(enum.Enum):
    """The words that may end a section (RFC 9051 §9, section-text)."""

    HEADER = b"HEADER"
    HEADER_FIELDS = b"HEADER.FIELDS"
    HEADER_FIELDS_NOT = b"HEADER.FIELDS.NOT"
    TEXT = b"TEXT"
    MIME = b"MIME"


@dataclass(frozen=True, slots=True)
class SectionText:
    """The word of a section; `names` are the field names as asked for, only with HEADER.FIELDS and HEADER.FIELDS.NOT."""

    kind: SectionKind
    names: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        wants_names = self.kind in (SectionKind.HEADER_FIELDS, SectionKind.HEADER_FIELDS_NOT)
        if wants_names != bool(self.names):
            raise ValueError(f"{self.kind.value!r} with {len(self.names)} field names")


@dataclass(frozen=True, slots=True)
class Section:
    """A part by its numbers (none: the message itself) and what of it; `text=None` is all of it (RFC 9051 §6.4.5.1)."""

    numbers: tuple[int, ...] = ()
    text: SectionText | None = None

    def __post_init__(self) -> None:
        if any(number < 1 for number in self.numbers):
            raise ValueError(f"part numbers begin at 1: {self.numbers}")
        if self.text is not None and self.text.kind is SectionKind.MIME and not self.numbers:
            raise ValueError("MIME needs a part number (RFC 9051 §9, section-spec)")


@dataclass(frozen=True, slots=True)
class Partial:
    """`<first.count>`: at most `count` octets from octet `first` on, counted from 0 (RFC 9051 §6.4.5.1)."""

    first: int
    count: int

    def __post_init__(self) -> None:
        if self.first < 0 or self.count < 1:
            raise ValueError(f"not a partial: <{self.first}.{self.count}>")


class _Role(enum.IntFlag):
    """What a row of the parts table is."""

    LEAF = 0
    MULTIPART = 1
    MESSAGE = 2
    INNER = 4  # the message inside a MESSAGE part, or the whole message: it has HEADER and TEXT


def pack_parts(parts: Sequence[Part]) -> bytes:
    """The parts table that facts keep: one row a part, in order; b"" for a message that IMAP cannot count."""
    if parts[0].end > MAX_TABLED:
        return b""
    rows: list[bytes] = []
    levels: list[int] = []
    for part in parts:
        role = _Role.LEAF
        if part.kind is Kind.MULTIPART:
            role = _Role.MULTIPART
        elif part.kind is Kind.MESSAGE:
            role = _Role.MESSAGE
        inner = part.parent < 0 or parts[part.parent].kind is Kind.MESSAGE
        level = 0 if part.parent < 0 else levels[part.parent] + (0 if inner else 1)
        levels.append(level)
        rows.append(
            _ROW.pack(level, role | (_Role.INNER if inner else 0), part.header_start, part.body_start, part.end)
        )
    return b"".join(rows)


def part_numbers(parts: Sequence[Part]) -> list[tuple[int, ...]]:
    """IMAP part number of each part: a message that is no multipart has its body as part 1 (RFC 9051 §6.4.5.1).

    () for a multipart that is the message itself; the multipart of a forwarded message has that message's number.
    """
    numbers: list[tuple[int, ...]] = []
    children = [0] * len(parts)
    for part in parts:
        around = numbers[part.parent] if part.parent >= 0 else ()
        if part.parent >= 0 and parts[part.parent].kind is Kind.MULTIPART:
            children[part.parent] += 1
            numbers.append((*around, children[part.parent]))
        else:
            numbers.append(around if part.kind is Kind.MULTIPART else (*around, 1))
    return numbers


def locate(parts_table: bytes, section: Section) -> tuple[int, int] | None:
    """Span (start, end) in octets of a section, of the header for HEADER.FIELDS; None if the message has no such part."""
    if not parts_table:
        return None
    kind = section.text.kind if section.text is not None else None
    if not section.numbers:
        _, _, start, body, end = _ROW.unpack_from(parts_table, 0)
        if kind is None:
            return start, end
        return (body, end) if kind is SectionKind.TEXT else (start, body)
    found = _walk(parts_table, section.numbers)
    if found is None:
        return None
    row, is_message = found
    if row < 0:
        return (-row, -row) if kind in (None, SectionKind.MIME) else None
    _, _, start, body, end = _ROW.unpack_from(parts_table, row)
    if kind is None:
        return body, end
    if kind is SectionKind.MIME:
        return start, body
    if not is_message:
        return None  # HEADER and TEXT belong to messages only
    _, _, start, body, end = _ROW.unpack_from(parts_table, row + _ROW.size)
    return (body, end) if kind is SectionKind.TEXT else (start, body)


def _walk(table: bytes, numbers: tuple[int, ...]) -> tuple[int, bool] | None:
    """Place in the table of a numbered part and whether it is a message part.

    A multipart without parts has one empty part 1, as BODYSTRUCTURE says (RFC 9051 §9, body-type-mpart wants one): it
    has no row, and is given as the negative of its offset in the message.
    """
    row = 0
    is_part = False  # the row was reached by a number; a message's own row is first the message, then its part 1
    for position, number in enumerate(numbers):
        level, role, _, body, _ = _ROW.unpack_from(table, row)
        if role & _Role.MESSAGE and is_part:
            row += _ROW.size
            is_part = False
            level, role, _, body, _ = _ROW.unpack_from(table, row)
        if role & _Role.MULTIPART:
            child = _child(table, row, level, number)
            if child is None:
                return None
            if child < 0:
                return (-body, False) if number == 1 and position == len(numbers) - 1 else None
            row = child
            is_part = True
        elif not is_part and number == 1:
            is_part = True
        else:
            return None
    role = table[row + 1]
    return row, bool(role & _Role.MESSAGE)


def _child(table: bytes, row: int, level: int, number: int) -> int | None:
    """Place of a multipart's child by its number; None if there are fewer, -1 if there are none at all."""
    count = 0
    for place in range(row + _ROW.size, len(table), _ROW.size):
        at, role = table[place], table[place + 1]
        if at <= level:
            break
        if at == level + 1 and not role & _Role.INNER:
            count += 1
            if count == number:
                return place
    return None if count else -1


def extract(
    read: Read, parts_table: bytes, header_size: int, size: int, section: Section, partial: Partial | None
) -> bytes | None:
    """Octets of a section, None if the message has no such part (the wire's NIL).

    `read(start, end)` gives stored octets; `header_size` and `size` are those of the facts, in octets. A partial beyond
    the end gives b"" (RFC 9051 §6.4.5.1).
    """
    text = section.text
    span = locate(parts_table, section)
    if span is None and not parts_table and not section.numbers:
        kind = text.kind if text is not None else None
        span = (
            header_size if kind is SectionKind.TEXT else 0,
            size if kind in (None, SectionKind.TEXT) else header_size,
        )
    if span is None:
        return None
    start, end = span
    if text is not None and text.names:
        names = frozenset(name.lower() for name in text.names)
        subset = header_fields(read(start, end), names, text.kind is SectionKind.HEADER_FIELDS_NOT)
        return subset if partial is None else subset[partial.first : partial.first + partial.count]
    if partial is not None:
        start = min(start + partial.first, end)
        end = min(start + partial.count, end)
    return read(start, end) if start < end else b""
