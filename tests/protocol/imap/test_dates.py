"""INTERNALDATE and the dates of SEARCH, both ways."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.dates import parse_date, parse_date_time, write_date, write_date_time
from bustia.protocol.imap.errors import BadCommand
from protocol.imap.strategies import seconds


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b'""',
        b'"1-Jan-2020 00:00:00 +0000"',
        b'"01-Jan-2020 00:00:00"',
        b'"30-Feb-2020 00:00:00 +0000"',
        b'"01-Jan-2020 00:60:00 +0000"',
        b'"01-Jan-2020 00:00:61 +0000"',
        b'"01-Jan-2020 00:00:00 +0060"',
        b'"00-Jan-2020 00:00:00 +0000"',
        b'"01-Jan-0000 00:00:00 +0000"',
    ],
)
def test_what_is_no_date_time_is_refused(text: bytes) -> None:
    with pytest.raises(BadCommand):
        parse_date_time(Cursor([text]))


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        (b'"17-Jul-1996 02:44:25 -0700"', 837596665),
        (b'" 1-jan-1970 00:00:00 +0000"', 0),
        (b'"01-Jan-1970 01:00:00 +0100"', 0),
        (b'"31-Dec-2016 23:59:60 +0000"', 1483228799),
        (b'"19-Jan-2038 03:14:08 +0000"', 2**31),
    ],
)
def test_zones_and_leap_seconds(text: bytes, stamp: int) -> None:
    assert parse_date_time(Cursor([text])) == stamp


@given(seconds)
def test_date_time_round_trip(stamp: int) -> None:
    assert parse_date_time(Cursor([write_date_time(stamp)])) == stamp


@given(st.integers())
def test_any_number_of_seconds_is_written_within_four_digit_years(stamp: int) -> None:
    assert len(write_date_time(stamp)) == 28


@given(st.dates(), st.booleans())
def test_date_round_trip(day: datetime.date, quoted: bool) -> None:
    text = write_date(day)
    cursor = Cursor([b'"' + text + b'"' if quoted else text])
    assert parse_date(cursor) == day
    assert cursor.done
