"""FETCH and UID FETCH, and the FETCH data in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from bustia.message.section import Partial, Section
from bustia.model.number_set import SequenceSet


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
    sections and the RFC822 forms: bytes or None. A section's item has the origin octet as `Partial(origin, count of octets got)` when the wire had `<origin>`.
    """

    number: int
    values: tuple[tuple[FetchItem, object], ...]
