"""FETCH and UID FETCH, and the FETCH data in both directions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from bustia.message.section import Partial, Section
from bustia.model.number_set import SequenceSet
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.section import parse_partial, parse_section, write_section
from bustia.protocol.imap.sequence_set import parse_sequence_set, write_sequence_set
from bustia.protocol.imap.writer import Writer


class Item(Enum):
    """Fetch items without arguments (RFC 9051 §6.4.5; RFC822 forms of RFC 3501; PREVIEW of RFC 8970; MODSEQ of RFC 7162)."""

    UID = "UID"
    FLAGS = "FLAGS"
    INTERNALDATE = "INTERNALDATE"
    RFC822_SIZE = "RFC822.SIZE"
    ENVELOPE = "ENVELOPE"
    BODY = "BODY"
    BODYSTRUCTURE = "BODYSTRUCTURE"
    MODSEQ = "MODSEQ"
    RFC822 = "RFC822"
    RFC822_HEADER = "RFC822.HEADER"
    RFC822_TEXT = "RFC822.TEXT"


@dataclass(frozen=True, slots=True)
class BodySection:
    """`BODY[section]<partial>` or, when `peek`, `BODY.PEEK[…]` (RFC 9051 §6.4.5)."""

    section: Section
    partial: Partial | None = None
    peek: bool = False


FetchItem: TypeAlias = Item | BodySection

MODEST_ITEMS = 32  # of one FETCH; people's clients ask for up to ten
MODEST_NAMES = 1_024  # octets of all its header field names; the longest list seen, of Thunderbird, has 250


def is_modest(items: Sequence[FetchItem]) -> bool:
    """Whether what is worked out for these items is worth keeping for the next FETCH: a hostile client makes them as long as a command."""
    if len(items) > MODEST_ITEMS:
        return False
    texts = [item.section.text for item in items if isinstance(item, BodySection)]
    return sum(len(name) for text in texts if text is not None for name in text.names) <= MODEST_NAMES


@dataclass(frozen=True, slots=True)
class Fetch:
    """FETCH or UID FETCH; macros are already written out (RFC 9051 §6.4.5); `changed_since` is RFC 7162 §3.1.4.1."""

    numbers: SequenceSet
    items: tuple[FetchItem, ...]
    by_uid: bool = False
    changed_since: int | None = None


@dataclass(frozen=True, slots=True)
class FetchRows:
    """Many `* n FETCH (…)` of one shape, as the server says them: finished octets where the store keeps them.

    Each row is (sequence number, value, value, …), the values in the order of `items`: UID, RFC822.SIZE, MODSEQ and INTERNALDATE (seconds since 1970 UTC) as
    int, FLAGS as the octets between its parentheses, ENVELOPE, BODY and BODYSTRUCTURE as ready octets, sections as octets or None for NIL.
    """

    items: tuple[FetchItem, ...]
    rows: Sequence[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class FetchData:
    """One `* n FETCH (…)` as the client reads it: each item with its value (RFC 9051 §7.5.2).

    UID, RFC822.SIZE, MODSEQ: int; FLAGS: tuple of str; INTERNALDATE: seconds since 1970 UTC; ENVELOPE: Envelope; BODY, BODYSTRUCTURE: BodyStructure;
    sections and the RFC822 forms: bytes or None. A section's item has `Partial(origin, count of octets got, at least 1)` when the wire had `<origin>`.
    """

    number: int
    values: tuple[tuple[FetchItem, object], ...]


MAX_ITEMS = 1_000  # of one FETCH: each may be the whole message again; a client that asks for every part of a mail has under 200
_ITEMS = {item.value.encode("ascii"): item for item in Item}
_WORD = re.compile(rb"[A-Za-z0-9.]+")
_FAST = (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE)
_MACROS: dict[bytes, tuple[FetchItem, ...]] = {
    b"FAST": _FAST,
    b"ALL": (*_FAST, Item.ENVELOPE),
    b"FULL": (*_FAST, Item.ENVELOPE, Item.BODY),
}  # RFC 9051 §6.4.5


def parse_fetch(cursor: Cursor) -> Fetch:
    """Reads a FETCH by sequence number.

    fetch           = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")
                      [fetch-modifiers]
    fetch-modifiers = SP "(" "CHANGEDSINCE" SP mod-sequence-value ")"    ; RFC 7162 §7, RFC 4466 §2.4
    """
    return _parse(cursor, by_uid=False)


def parse_uid_fetch(cursor: Cursor) -> Fetch:
    """uid = "UID" SP fetch"""
    return _parse(cursor, by_uid=True)


def _parse(cursor: Cursor, *, by_uid: bool) -> Fetch:
    cursor.space()
    numbers = parse_sequence_set(cursor)
    cursor.space()
    if cursor.next_is(b"("):
        items = cursor.list(lambda: parse_fetch_item(cursor))
        if not 1 <= len(items) <= MAX_ITEMS:
            cursor.fail(f"Not 1 to {MAX_ITEMS} items")
    else:
        start = cursor.at
        macro = _MACROS.get(cursor.match(_WORD, "a fetch item")[0].upper())
        if macro is None:
            cursor.at = start
        items = macro or (parse_fetch_item(cursor),)
    changed_since = None
    if cursor.skip(b" ("):
        if cursor.keyword() != b"CHANGEDSINCE":
            cursor.fail("Unknown modifier")
        cursor.space()
        changed_since = cursor.modseq()
        cursor.expect(b")")
    cursor.end()
    return Fetch(numbers, items, by_uid, changed_since)


def parse_fetch_item(cursor: Cursor) -> FetchItem:
    """Reads one item.

    fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822.SIZE" / "BODY" ["STRUCTURE"] / "UID" / "MODSEQ" /
                "RFC822" [".HEADER" / ".TEXT"] / "BODY" [".PEEK"] section [partial]
    """
    start = cursor.at
    word = cursor.match(_WORD, "a fetch item")[0].upper()
    if cursor.next_is(b"["):
        if word not in (b"BODY", b"BODY.PEEK"):
            cursor.fail("Unknown fetch item")
        section = parse_section(cursor)
        return BodySection(section, parse_partial(cursor), peek=word == b"BODY.PEEK")
    item = _ITEMS.get(word)
    if item is None:
        cursor.at = start
        cursor.fail("Unknown fetch item")
    return item


def write_fetch(command: Fetch, writer: Writer) -> None:
    """The reverse of `parse_fetch` and `parse_uid_fetch`; items always in parentheses."""
    writer.raw(b"UID FETCH " if command.by_uid else b"FETCH ")
    writer.raw(write_sequence_set(command.numbers))
    before = b" ("
    for item in command.items:
        writer.raw(before)
        before = b" "
        if isinstance(item, Item):
            writer.raw(item.value.encode("ascii"))
            continue
        writer.raw(b"BODY.PEEK" if item.peek else b"BODY")
        write_section(item.section, writer)
        if item.partial is not None:
            writer.raw(b"<%d.%d>" % (item.partial.first, item.partial.count))
    writer.raw(b")")
    if command.changed_since is not None:
        writer.raw(b" (CHANGEDSINCE %d)" % command.changed_since)
