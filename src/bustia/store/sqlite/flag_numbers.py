"""Flags between their one number outside and two columns inside: 63 bits that SQL can work on, and a blob for an account's further keywords.

Invariant: `flags` holds bits 0 to 62, `more_flags` the bits from 63 up as a big-endian number, NULL when there are none.
"""

from __future__ import annotations

from bustia.model.flags import FIRST_KEYWORD_BIT

LOW_BITS = 63  # SQLite's whole numbers are signed 64-bit
LOW_MASK = (1 << LOW_BITS) - 1
LOW_KEYWORDS = LOW_BITS - FIRST_KEYWORD_BIT  # an account with no more keywords never has `more_flags`


def split_flags(flags: int) -> tuple[int, bytes | None]:
    """The two columns of a number of flags."""
    high = flags >> LOW_BITS
    return flags & LOW_MASK, high.to_bytes((high.bit_length() + 7) // 8, "big") if high else None


def join_flags(low: int, more: bytes | None) -> int:
    """The number of flags in two columns."""
    return low if more is None else low | int.from_bytes(more, "big") << LOW_BITS
