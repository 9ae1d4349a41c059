"""Status responses and their codes, tagged or untagged, and the continuation request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from bustia.model.number_set import NumberSet


class Condition(Enum):
    """The five status words (RFC 9051 §7.1)."""

    OK = "OK"
    NO = "NO"
    BAD = "BAD"
    BYE = "BYE"
    PREAUTH = "PREAUTH"


@dataclass(frozen=True, slots=True)
class AtomCode:
    """A response code without arguments, e.g. TRYCREATE (RFC 9051 §7.1, RFC 5530 §3), or one of unknown meaning with its raw text."""

    name: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class NumberCode:
    """UIDNEXT, UIDVALIDITY, UNSEEN, HIGHESTMODSEQ (RFC 9051 §7.1, RFC 7162 §3.1.2.1)."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class NamesCode:
    """PERMANENTFLAGS (names in parentheses), CAPABILITY and BADCHARSET (RFC 9051 §7.1)."""

    name: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppendUID:
    """APPENDUID (RFC 4315 §3)."""

    uid_validity: int
    uids: NumberSet


@dataclass(frozen=True, slots=True)
class CopyUID:
    """COPYUID: the i-th source UID became the i-th target UID (RFC 4315 §3); lists, since order carries meaning."""

    uid_validity: int
    source: tuple[int, ...]
    target: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Modified:
    """MODIFIED: what UNCHANGEDSINCE spared, in numbers or UIDs as the STORE was (RFC 7162 §3.1.3)."""

    numbers: NumberSet


Code: TypeAlias = AtomCode | NumberCode | NamesCode | AppendUID | CopyUID | Modified


@dataclass(frozen=True, slots=True)
class Status:
    """`tag OK [code] text`, untagged when `tag` is None (RFC 9051 §7.1)."""

    tag: str | None
    condition: Condition
    text: str
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Continuation:
    """`+ text` (RFC 9051 §7.6); for AUTHENTICATE the text is base64."""

    text: str = ""
