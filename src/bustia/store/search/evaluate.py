"""Which messages match a search key (RFC 9051 §6.4.4): the cheap questions first, the texts last and only where they decide.

Invariants
- Rounds of rising cost narrow what is known of each leaf: flags and UIDs; dates, sizes and modseqs; the index; subjects; header fields; texts.
  After each round the whole key is computed; the next one looks only at positions that are still undecided, and when none is the search ends.
- The index only ever narrows what is possible: the text decides. A mail that is not indexed is read, so no answer depends on the index.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import compress
from typing import assert_never, cast

from bustia.model.number_set import NumberSet
from bustia.model.search_key import (
    All,
    DateIs,
    DateKind,
    DateSide,
    HasFlag,
    HasHeader,
    HasText,
    ModSeqSince,
    SearchKey,
    SizeIs,
    UIDs,
    WithinSeconds,
)
from bustia.store.api import Column
from bustia.store.search import positions
from bustia.store.search.narrowing import Narrowing
from bustia.store.search.program import Leaf
from bustia.store.search.source import SearchSource
from bustia.store.search.text_rounds import TEXT_ROUNDS

_DAY = 86_400  # seconds
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_LEAST, _MOST = -(2**63), 2**63  # below and above every column's value


def evaluate(key: SearchKey, source: SearchSource) -> list[int]:
    """UIDs of the messages that match, rising. Raises ValueError for keys that only a session can resolve."""
    search = Narrowing(key, len(source.uids))
    for round_ in (_held, _numbers, *TEXT_ROUNDS):
        round_(search, source)
        search.settle()
        if not search.undecided:
            break
    if search.sure == search.everything:
        return list(source.uids)
    return [source.uids[position] for position in positions.listed(search.sure)]


def _held(search: Narrowing, source: SearchSource) -> None:
    """Leaves answered by what a view holds in memory: UIDs and flags."""
    for leaf in search.leaves():
        match leaf:
            case All():
                search.found(leaf, search.everything, search.everything)
            case UIDs(uids):
                search.found(leaf, search.everything, _within(uids, source.uids))
            case HasFlag(name, present):
                bit = source.flag(name)
                having = positions.of_marks(bytes([flags & bit != 0 for flags in source.flags])) if bit else 0
                search.found(leaf, search.everything, having if present else search.everything & ~having)


def _within(uids: NumberSet, ordered: Sequence[int]) -> int:
    """The positions of `uids` among rising UIDs."""
    marks = bytearray(len(ordered))
    for first, last in uids.ranges:
        start, end = bisect_left(ordered, first), bisect_right(ordered, last)
        marks[start:end] = b"\1" * (end - start)
    return positions.of_marks(marks)


def _numbers(search: Narrowing, source: SearchSource) -> None:
    """Leaves that ask for a number between bounds: one query gives the columns for all of them."""
    spans = {leaf: span for leaf in search.leaves() if (span := _span(leaf, source.now)) is not None}
    columns = tuple(dict.fromkeys(column for column, _, _ in spans.values()))
    if not columns:
        return
    at = positions.listed(search.undecided)
    values = dict(zip(columns, zip(*source.rows(at, columns), strict=True), strict=False))
    for leaf, (column, low, high) in spans.items():
        numbers = cast(Sequence[int | None], values.get(column, ()))
        inside = [number is not None and low <= number < high for number in numbers]
        search.found(leaf, search.undecided, positions.of_positions(compress(at, inside), search.size))


def _span(leaf: Leaf, now: int) -> tuple[Column, int, int] | None:
    """The column a leaf asks for, its least value and the value above its greatest; None for leaves of other kinds."""
    match leaf:
        case SizeIs(octets, larger):
            return (Column.SIZE, octets + 1, _MOST) if larger else (Column.SIZE, _LEAST, octets)
        case ModSeqSince(modseq):
            return Column.MODSEQ, modseq, _MOST
        case WithinSeconds(seconds, younger):  # both ends count (RFC 5032 §2)
            target = now - seconds
            return (Column.INTERNAL_DATE, target, _MOST) if younger else (Column.INTERNAL_DATE, _LEAST, target + 1)
        case DateIs(kind, side, day):
            column, start, end = _day(kind, day)
            match side:
                case DateSide.BEFORE:
                    return column, _LEAST, start
                case DateSide.ON:
                    return column, start, end
                case DateSide.SINCE:
                    return column, start, _MOST
                case _:
                    assert_never(side)
        case All() | UIDs() | HasFlag() | HasText() | HasHeader():
            return None
        case _:
            assert_never(leaf)


def _day(kind: DateKind, day: datetime.date) -> tuple[Column, int, int]:
    """The column of a date and where the day begins and ends in it: a day of UTC, but of the Date field the day that it says itself."""
    ordinal = day.toordinal()
    start = (ordinal - _EPOCH) * _DAY
    match kind:
        case DateKind.SENT:
            return Column.SENT_DAY, ordinal, ordinal + 1
        case DateKind.ARRIVED:
            return Column.INTERNAL_DATE, start, start + _DAY
        case DateKind.SAVED:  # RFC 8514 §4.3
            return Column.SAVED, start, start + _DAY
        case _:
            assert_never(kind)
