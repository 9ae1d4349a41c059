"""Date fields, right, obsolete and wrong."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.dates import MAX_DATE, parse_date

DAY = datetime.date(2024, 2, 29).toordinal()
NOON = 1709208000  # 2024-02-29 12:00:00 UTC


@pytest.mark.parametrize(
    "body",
    [b"", b"today", b"31 Feb 2024 10:00", b"0 Jan 2024", b"1 Foo 2024", b"1 Jan 0000", b"9999", b"1 Jan", b"\xff\0"],
)
def test_what_is_no_date_is_none(body: bytes) -> None:
    assert parse_date(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b"Thu, 29 Feb 2024 12:00:00 +0000",
        b"29 Feb 24 12:00 GMT",
        b"Thu,29 Feb 2024 13:00:00 +0100 (CET)",
        b"Thursday, 29-Feb-24 07:00:00 EST",
        b"Thu, 29 Feb 124 04:00:00 PST",
        b"29 (x) Feb 2024 12 : 00 : 00 -0000",
        b"Thu Feb 29 12:00:00 2024",
        b"Thu Feb 29 12:00:00 UTC 2024",
        b"2024-02-29T12:00:00Z",
        b"29 Feb 2024 12:00:00 PM",
        b"29 Feb 2024 12:00:00 X",
        b"29 Feb 2024 12:00:00 +9999",
        b"29 Feb 2024 14:00:00 GMT+0200",
        b"29 February 2024 12.00.00",
    ],
)
def test_the_same_noon_in_many_forms(body: bytes) -> None:
    date = parse_date(body)
    assert date is not None
    assert (date.seconds, date.day) == (NOON, DAY)


def test_an_invalid_time_counts_as_midnight() -> None:
    date = parse_date(b"29 Feb 2024 99:99:99 +0000")
    assert date is not None
    assert date.seconds == NOON - 12 * 3600


def test_the_day_is_the_writers_own() -> None:
    date = parse_date(b"1 Mar 2024 01:00:00 +1300")
    assert date is not None
    assert (date.seconds, date.day) == (NOON, DAY + 1)


def test_only_the_first_octets_are_read() -> None:
    assert parse_date(b" " * (MAX_DATE - 11) + b"29 Feb 2024") is not None
    assert parse_date(b" " * MAX_DATE + b"29 Feb 2024") is None


@given(
    st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(9999, 12, 31)),
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_a_written_date_is_read_back(moment: datetime.datetime, zone: int) -> None:
    sign, minutes = "-" if zone < 0 else "+", abs(zone)
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][moment.month - 1]
    text = f"{moment.day} {month} {moment.year:04} {moment:%H:%M:%S} {sign}{minutes // 60:02}{minutes % 60:02}"
    date = parse_date(text.encode())
    assert date is not None
    since = moment.replace(microsecond=0) - datetime.datetime(1970, 1, 1)
    assert date.seconds == since.days * 86_400 + since.seconds - zone * 60
    assert date.day == moment.toordinal()


@given(st.one_of(st.binary(max_size=60), st.text("0123456789 :-+,JanFebMoTue", max_size=40).map(str.encode)))
def test_any_octets_are_no_error(body: bytes) -> None:
    parse_date(body)
