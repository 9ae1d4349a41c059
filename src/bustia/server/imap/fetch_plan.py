"""What a FETCH needs from the store, worked out once from its items.

Invariant: a plan's columns are the UID, then one column for each item in the order of the answer, then what only the server needs (`extras`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

from bustia.message.facts import HEADER_CACHE_FIELDS
from bustia.message.section import Partial, Section, SectionKind, SectionText
from bustia.protocol.imap.fetch import BodySection, FetchItem, Item, is_modest
from bustia.protocol.imap.fetch_rows import item_name
from bustia.store.api import Column

PLANS_KEPT = 256  # plans; a client uses a handful of item lists, a modest plan takes under 16 KiB
CACHED = 4  # sections of one FETCH that come from the header cache; each may be as long as the header, and their rows are told at once

_RENDERED = {Column.ENVELOPE, Column.BODY, Column.BODY_STRUCTURE, Column.HEADER_CACHE, Column.PARTS, Column.HEADER_SIZE}
_CONTENT = (Column.MAIL, Column.SIZE, Column.HEADER_SIZE, Column.PARTS)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to answer one list of items.

    `flags_at` and the positions in `cached` and `sections` count values of a row, the UID being 0. `cached` sections (their fields in lower case,
    and what is cut out of them) come from the header cache, `sections` from the content. `echo` is about how many octets of a row repeat the
    client's own words.
    """

    items: tuple[FetchItem, ...]
    columns: tuple[Column, ...]
    flags_at: int | None
    cached: tuple[tuple[int, frozenset[bytes], Partial | None], ...]
    sections: tuple[tuple[int, BodySection], ...]
    marks_seen: bool
    only_flags: bool  # the mailbox's view alone can answer
    echo: int

    @property
    def width(self) -> int:
        """Values of a row that are told, the UID at 0 included."""
        return 1 + len(self.items)

    def extra(self, column: Column) -> int:
        """Where in a row a column stands that only the server needs. Raises ValueError if it was not asked for."""
        return self.columns.index(column, self.width)


def planned(items: tuple[FetchItem, ...], may_mark: bool) -> Plan:
    """The plan for these items, doubles left out; `may_mark` says that \\Seen may be set (not after EXAMINE)."""
    return _remembered(items, may_mark) if is_modest(items) else _planned(items, may_mark)


def _planned(items: tuple[FetchItem, ...], may_mark: bool) -> Plan:
    items = tuple(dict.fromkeys(items))
    columns = [Column.UID]
    cached: list[tuple[int, frozenset[bytes], Partial | None]] = []
    sections: list[tuple[int, BodySection]] = []
    marks = False
    echo = 0
    for place, item in enumerate(items, 1):
        section = _section(item)
        if section is None:
            assert isinstance(item, Item)
            columns.append(_column(item))
            continue
        columns.append(Column.UID)
        echo += len(item_name(section))
        marks = marks or not section.peek
        if len(cached) < CACHED and is_cached(section):
            assert section.section.text is not None
            names = frozenset(name.lower() for name in section.section.text.names)
            cached.append((place, names, section.partial))
        else:
            sections.append((place, section))
    if cached:
        columns.append(Column.HEADER_CACHE)
    if sections:
        columns.extend(_CONTENT)
    if marks and may_mark:
        columns.append(Column.FLAGS)
    if _RENDERED.intersection(columns):
        columns.append(Column.RENDERER)
        if Column.MAIL not in columns:
            columns.append(Column.MAIL)
    flags_at = 1 + items.index(Item.FLAGS) if Item.FLAGS in items else None
    only_flags = not sections and {Column.UID, Column.FLAGS}.issuperset(columns)
    marks = marks and may_mark
    return Plan(items, tuple(columns), flags_at, tuple(cached), tuple(sections), marks, only_flags, max(1, echo))


_remembered = lru_cache(PLANS_KEPT)(_planned)


def _section(item: FetchItem) -> BodySection | None:
    """The section that an item means, or None for an item with a column of its own (RFC 3501 §6.4.5, RFC822 forms)."""
    match item:
        case BodySection():
            return item
        case Item.RFC822:
            return BodySection(Section())
        case Item.RFC822_HEADER:
            return BodySection(Section((), SectionText(SectionKind.HEADER)), peek=True)
        case Item.RFC822_TEXT:
            return BodySection(Section((), SectionText(SectionKind.TEXT)))
        case _:
            return None


def is_cached(item: BodySection) -> bool:
    """True for HEADER.FIELDS of the message itself, if all its fields are kept beside the message."""
    text = item.section.text
    return (
        text is not None
        and text.kind is SectionKind.HEADER_FIELDS
        and not item.section.numbers
        and all(name.lower() in HEADER_CACHE_FIELDS for name in text.names)
    )


def _column(item: Item) -> Column:
    match item:
        case Item.UID:
            return Column.UID
        case Item.FLAGS:
            return Column.FLAGS
        case Item.INTERNALDATE:
            return Column.INTERNAL_DATE
        case Item.RFC822_SIZE:
            return Column.SIZE
        case Item.ENVELOPE:
            return Column.ENVELOPE
        case Item.BODY:
            return Column.BODY
        case Item.BODYSTRUCTURE:
            return Column.BODY_STRUCTURE
        case Item.MODSEQ:
            return Column.MODSEQ
        case Item.RFC822 | Item.RFC822_HEADER | Item.RFC822_TEXT:
            raise ValueError(f"{item} is a section")
        case _:
            assert_never(item)
