"""Sets of numbers as the wire and the log know them: few ranges, many numbers.

Invariant: the ranges of a `NumberSet` are sorted, do not overlap and do not touch; so two equal sets have equal ranges.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bustia.model.numbers import MAX_UID


@dataclass(frozen=True, slots=True)
class NumberSet:
    """A finite set of UIDs or sequence numbers 1 … 2**32 - 1, kept as ranges (first, last), both included.

    Raises ValueError when the ranges are out of range, unsorted, or touch.
    """

    ranges: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        before = -1
        for first, last in self.ranges:
            if not (1 <= first <= last <= MAX_UID and first > before + 1):
                raise ValueError(f"not a sorted set of ranges: {self.ranges!r}"[:200])
            before = last

    @staticmethod
    def of(numbers: Iterable[int]) -> NumberSet:
        """The set of these numbers, in any order, doubles allowed."""
        ordered = sorted(set(numbers))
        ranges: list[tuple[int, int]] = []
        start = before = 0
        for number in ordered:
            if number != before + 1 or not start:
                if start:
                    ranges.append((start, before))
                start = number
            before = number
        if start:
            ranges.append((start, before))
        return NumberSet(tuple(ranges))

    @staticmethod
    def spanning(pairs: Iterable[tuple[int, int]]) -> NumberSet:
        """The union of ranges in any order, which may overlap."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted(pairs):
            if merged and first <= merged[-1][1] + 1:
                if last > merged[-1][1]:
                    merged[-1] = (merged[-1][0], last)
            else:
                merged.append((first, last))
        return NumberSet(tuple(merged))

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self.ranges, (number, MAX_UID + 1)) - 1
        return at >= 0 and self.ranges[at][0] <= number <= self.ranges[at][1]

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __or__(self, other: NumberSet) -> NumberSet:
        return NumberSet.spanning(self.ranges + other.ranges)

    def __sub__(self, other: NumberSet) -> NumberSet:
        left: list[tuple[int, int]] = []
        theirs = other.ranges
        at = 0
        for first, last in self.ranges:
            start = first
            while at < len(theirs) and theirs[at][1] < start:
                at += 1
            walk = at
            while walk < len(theirs) and theirs[walk][0] <= last:
                if theirs[walk][0] > start:
                    left.append((start, theirs[walk][0] - 1))
                start = max(start, theirs[walk][1] + 1)
                walk += 1
            if start <= last:
                left.append((start, last))
        return NumberSet(tuple(left))

    def within(self, ordered: Sequence[int]) -> Sequence[int]:
        """The members of this set among `ordered` (rising numbers), as a slice when one range holds them all."""
        if len(self.ranges) == 1:
            first, last = self.ranges[0]
            return ordered[bisect_left(ordered, first) : bisect_right(ordered, last)]
        found: list[int] = []
        for first, last in self.ranges:
            found.extend(ordered[bisect_left(ordered, first) : bisect_right(ordered, last)])
        return found


EMPTY = NumberSet()


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """The wire's `sequence-set` as it was asked: pairs in the client's order, None for `*` (RFC 9051 §9).

    `saved` is the `$` of SEARCHRES (RFC 9051 §6.4.4.1). A pair (5, 3) means 3:5, and (None, None) is `*`.
    """

    pairs: tuple[tuple[int | None, int | None], ...] = ()
    saved: bool = False

    def __post_init__(self) -> None:
        if self.saved == bool(self.pairs):
            raise ValueError("a sequence set is either $ or at least one range")
        for pair in self.pairs:
            for number in pair:
                if number is not None and not 1 <= number <= MAX_UID:
                    raise ValueError(f"not a number of a sequence set: {number}")

    def resolve(self, star: int) -> NumberSet:
        """The numbers meant when `*` is `star`; with an empty mailbox (star 0) `*` means nothing."""
        spans: list[tuple[int, int]] = []
        for one, two in self.pairs:
            low = star if one is None else one
            high = star if two is None else two
            if low == 0 or high == 0:
                continue
            spans.append((low, high) if low <= high else (high, low))
        return NumberSet.spanning(spans)
