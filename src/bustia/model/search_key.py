"""What SEARCH asks, as a tree of values that no wire owns (RFC 9051 §6.4.4).

Handlers resolve sequence numbers and `$` before a key reaches the store: the store sees `UIDs` only.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from bustia.model.number_set import NumberSet, SequenceSet


@dataclass(frozen=True, slots=True)
class All:
    """Every message."""


@dataclass(frozen=True, slots=True)
class HasFlag:
    """Messages that have (`present`) or lack a flag, named as on the wire: `\\Seen` or a keyword."""

    name: str
    present: bool = True


@dataclass(frozen=True, slots=True)
class Recent:
    """Messages recent in the asking session (or not): resolved by the handler to `UIDs` (RFC 3501 §6.4.4)."""

    present: bool = True


class TextField(Enum):
    """Where a text is looked for; HEADER names its own field."""

    BCC = "bcc"
    CC = "cc"
    FROM = "from"
    SUBJECT = "subject"
    TO = "to"
    BODY = "body"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class HasText:
    """Messages whose field or body contains `text` as a substring, after folding; "" matches all that have the field."""

    where: TextField
    text: str


@dataclass(frozen=True, slots=True)
class HasHeader:
    """Messages with a header field `name` (ASCII, any case) whose decoded value contains `text`; "" means the field exists."""

    name: str
    text: str


class DateKind(Enum):
    """INTERNALDATE, the Date field (RFC 9051 §6.4.4) or the save date (RFC 8514 §4.3)."""

    ARRIVED = ""
    SENT = "SENT"
    SAVED = "SAVED"


class DateSide(Enum):
    """Before the day, on it, or on it and later; the day is taken without regard to time and zone."""

    BEFORE = "BEFORE"
    ON = "ON"
    SINCE = "SINCE"


@dataclass(frozen=True, slots=True)
class DateIs:
    """Messages whose date is on that side of `day`."""

    kind: DateKind
    side: DateSide
    day: datetime.date


@dataclass(frozen=True, slots=True)
class WithinSeconds:
    """OLDER (`younger` False) or YOUNGER than so many seconds (RFC 5032 §2)."""

    seconds: int
    younger: bool


@dataclass(frozen=True, slots=True)
class SizeIs:
    """LARGER or SMALLER than `octets`, exclusive."""

    octets: int
    larger: bool


@dataclass(frozen=True, slots=True)
class ModSeqSince:
    """Messages whose modseq is at least `modseq` (RFC 7162 §3.1.5)."""

    modseq: int


@dataclass(frozen=True, slots=True)
class UIDs:
    """Messages with these UIDs."""

    uids: NumberSet


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence set as it was asked, by number or by UID: the handler makes `UIDs` of it."""

    numbers: SequenceSet
    by_uid: bool


@dataclass(frozen=True, slots=True)
class Not:
    """Messages that `key` does not match."""

    key: SearchKey


@dataclass(frozen=True, slots=True)
class Or:
    """Messages that either key matches."""

    left: SearchKey
    right: SearchKey


@dataclass(frozen=True, slots=True)
class And:
    """Messages that all keys match; none means all."""

    keys: tuple[SearchKey, ...]


SearchKey: TypeAlias = (
    All
    | HasFlag
    | Recent
    | HasText
    | HasHeader
    | DateIs
    | WithinSeconds
    | SizeIs
    | ModSeqSince
    | UIDs
    | Sequence
    | Not
    | Or
    | And
)
