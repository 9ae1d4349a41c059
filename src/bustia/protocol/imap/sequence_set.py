"""Sets of numbers on the wire: `sequence-set` of commands, `uid-set` of responses."""

from __future__ import annotations

import re

from bustia.model.number_set import NumberSet, SequenceSet
from bustia.model.numbers import MAX_UID
from bustia.protocol.imap.cursor import Cursor

_SET = re.compile(rb"[0-9*:,]+")
_ELEMENT = re.compile(rb"([1-9][0-9]{0,9}|\*)(?::([1-9][0-9]{0,9}|\*))?\Z")
_RANGE = re.compile(rb"([1-9][0-9]{0,9})(?::([1-9][0-9]{0,9}))?\Z")


def parse_sequence_set(cursor: Cursor) -> SequenceSet:
    """Reads numbers and ranges in the client's order.

    sequence-set   = (seq-number / seq-range) ["," sequence-set] / seq-last-command    ; RFC 9051 §9
    seq-range      = seq-number ":" seq-number
    seq-number     = nz-number / "*"
    seq-last-command = "$"
    """
    if cursor.skip(b"$"):
        return SequenceSet(saved=True)
    start = cursor.at
    text = cursor.match(_SET, "a sequence set")[0]
    pairs: list[tuple[int | None, int | None]] = []
    for element in text.split(b","):
        found = _ELEMENT.match(element)
        if found is None:
            cursor.at = start
            cursor.fail("Not a sequence set")
        one = None if found[1] == b"*" else int(found[1])
        two = one if found[2] is None else None if found[2] == b"*" else int(found[2])
        if (one is not None and one > MAX_UID) or (two is not None and two > MAX_UID):
            cursor.at = start
            cursor.fail("Number too big")
        pairs.append((one, two))
    return SequenceSet(tuple(pairs))


def write_sequence_set(numbers: SequenceSet) -> bytes:
    """The wire form: a pair of equal ends as one number."""
    if numbers.saved:
        return b"$"
    return b",".join(_end(one) if one == two else _end(one) + b":" + _end(two) for one, two in numbers.pairs)


def _end(number: int | None) -> bytes:
    return b"*" if number is None else b"%d" % number


def parse_number_list(cursor: Cursor) -> tuple[tuple[int, int], ...]:
    """Ranges of a uid-set in the order of the wire, each from low to high.

    uid-set   = (uniqueid / uid-range) *("," uid-set)    ; RFC 9051 §9
    uid-range = (uniqueid ":" uniqueid)                  ; 2:4 and 4:2 are equivalent
    """
    start = cursor.at
    text = cursor.match(_SET, "a set of numbers")[0]
    ranges: list[tuple[int, int]] = []
    for element in text.split(b","):
        found = _RANGE.match(element)
        if found is None:
            cursor.at = start
            cursor.fail("Not a set of numbers")
        one = int(found[1])
        two = one if found[2] is None else int(found[2])
        if one > MAX_UID or two > MAX_UID:
            cursor.at = start
            cursor.fail("Number too big")
        ranges.append((one, two) if one <= two else (two, one))
    return tuple(ranges)


def parse_number_set(cursor: Cursor) -> NumberSet:
    """A uid-set, or a sequence-set without `*`, as a set."""
    return NumberSet.spanning(parse_number_list(cursor))


def write_number_set(numbers: NumberSet) -> bytes:
    """The wire form of a set that is not empty; raises ValueError for an empty one, which has no wire form."""
    if not numbers:
        raise ValueError("an empty set has no wire form")
    return b",".join(b"%d" % one if one == two else b"%d:%d" % (one, two) for one, two in numbers.ranges)


def write_number_list(numbers: tuple[int, ...]) -> bytes:
    """The numbers in their order, runs that rise by one as ranges: 3,4,5,9 as `3:5,9` (RFC 4315 §3)."""
    parts: list[bytes] = []
    at = 0
    while at < len(numbers):
        last = at
        while last + 1 < len(numbers) and numbers[last + 1] == numbers[last] + 1:
            last += 1
        parts.append(b"%d" % numbers[at] if last == at else b"%d:%d" % (numbers[at], numbers[last]))
        at = last + 1
    return b",".join(parts)
