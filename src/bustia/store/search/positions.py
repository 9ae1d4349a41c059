"""Sets of positions as whole numbers: bit n stands for position n, so that AND, OR and NOT of ten thousand messages take less than a microsecond."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress

_TO_DIGITS = bytes((48, 49)) + bytes(254)  # mark 0 or 1 to "0" or "1"
_TO_MARKS = bytes(49) + b"\1" + bytes(206)  # and back


def full(size: int) -> int:
    """Positions 0 … size - 1."""
    return (1 << size) - 1


def of_marks(marks: bytes | bytearray) -> int:
    """The positions whose mark is 1; each mark is 0 or 1."""
    return int(marks.translate(_TO_DIGITS)[::-1], 2) if marks else 0


def of_positions(positions: Iterable[int], size: int) -> int:
    """The set of these positions, each below `size`."""
    marks = bytearray(size)
    for position in positions:
        marks[position] = 1
    return of_marks(marks)


def listed(positions: int) -> list[int]:
    """The members of a set, rising."""
    marks = f"{positions:b}".encode()[::-1].translate(_TO_MARKS)
    return list(compress(range(len(marks)), marks))
