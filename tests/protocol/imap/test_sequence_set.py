"""Sets of numbers on the wire."""

from __future__ import annotations

import pytest
from hypothesis import given

from bustia.model.number_set import NumberSet, SequenceSet
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.errors import BadCommand
from bustia.protocol.imap.sequence_set import (
    parse_number_list,
    parse_number_set,
    parse_sequence_set,
    write_number_list,
    write_number_set,
    write_sequence_set,
)
from protocol.imap.strategies import number_sets, sequence_sets, uid_lists


@pytest.mark.parametrize(
    "text", [b"", b"0", b"1:0", b"01", b"1,", b",1", b"1:", b":", b"*:*:*", b"1 2", b"4294967296", b"9" * 5_000]
)
def test_what_is_no_set_is_refused(text: bytes) -> None:
    def read_whole() -> None:
        cursor = Cursor([text])
        parse_sequence_set(cursor)
        cursor.end()

    with pytest.raises(BadCommand):
        read_whole()


@pytest.mark.parametrize("text", [b"*", b"1:*", b"$", b"4294967296", b"1:4294967296"])
def test_a_set_of_a_reply_has_no_star_and_no_number_too_big(text: bytes) -> None:
    with pytest.raises(BadCommand):
        parse_number_set(Cursor([text]))


@given(sequence_sets)
def test_sequence_set_round_trip(value: SequenceSet) -> None:
    assert parse_sequence_set(Cursor([write_sequence_set(value)])) == value


@given(number_sets)
def test_number_set_round_trip(value: NumberSet) -> None:
    assert parse_number_set(Cursor([write_number_set(value)])) == value


@given(uid_lists)
def test_number_list_keeps_its_order(value: tuple[int, ...]) -> None:
    ranges = parse_number_list(Cursor([write_number_list(value)]))
    assert tuple(number for first, last in ranges for number in range(first, last + 1)) == value


def test_an_empty_set_has_no_wire_form() -> None:
    with pytest.raises(ValueError, match="empty"):
        write_number_set(NumberSet())


def test_a_range_of_a_reply_may_fall() -> None:
    assert parse_number_list(Cursor([b"4:2,9"])) == ((2, 4), (9, 9))
