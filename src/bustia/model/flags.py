"""Flags as one whole number: bits 0 to 4 are the system flags, every further bit is a keyword of the account.

Invariants:
- The five system bits never change their meaning. Bit 5 + n is keyword n of the account's keyword table, which only grows.
- `\\Recent` is not a flag of a message but of a session, so it has no bit (RFC 3501 §2.3.2).
- Keyword names are compared without regard to ASCII case (RFC 9051 §2.3.2) and keep the first spelling.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NewType

Flags = NewType("Flags", int)

ANSWERED = Flags(1)
FLAGGED = Flags(2)
DELETED = Flags(4)
SEEN = Flags(8)
DRAFT = Flags(16)
NO_FLAGS = Flags(0)

SYSTEM_FLAGS: tuple[str, ...] = (
    "\\Answered",
    "\\Flagged",
    "\\Deleted",
    "\\Seen",
    "\\Draft",
)  # bit order (RFC 9051 §2.3.2)
FIRST_KEYWORD_BIT = len(SYSTEM_FLAGS)
MAX_KEYWORDS = 1000  # keywords an account may define; design §2 rule 10
MAX_KEYWORD_LENGTH = 255  # octets; longer names are refused

_BY_NAME = {name.lower(): 1 << bit for bit, name in enumerate(SYSTEM_FLAGS)}


class FlagChange(Enum):
    """What STORE does with the flags it names (RFC 9051 §6.4.6)."""

    REPLACE = "FLAGS"
    ADD = "+FLAGS"
    REMOVE = "-FLAGS"

    def apply(self, before: int, named: int) -> Flags:
        """The flags after the change."""
        match self:
            case FlagChange.REPLACE:
                return Flags(named)
            case FlagChange.ADD:
                return Flags(before | named)
            case FlagChange.REMOVE:
                return Flags(before & ~named)


def system_flag(name: str) -> Flags | None:
    """The bit of a system flag by its wire name in any ASCII case, or None."""
    bit = _BY_NAME.get(name.lower())
    return None if bit is None else Flags(bit)


def flag_names(flags: int, keywords: Sequence[str]) -> tuple[str, ...]:
    """Wire names of the set bits in bit order; `keywords` is the account's table. Raises IndexError for a bit beyond it."""
    names = [name for bit, name in enumerate(SYSTEM_FLAGS) if flags >> bit & 1]
    rest = flags >> FIRST_KEYWORD_BIT
    while rest:
        low = rest & -rest
        names.append(keywords[low.bit_length() - 1])
        rest ^= low
    return tuple(names)
