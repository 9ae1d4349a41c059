"""Dates on the wire: `date-time` of INTERNALDATE and APPEND, `date` of SEARCH (RFC 9051 §9)."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

from bustia.protocol.imap.cursor import Cursor

MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_MONTH_NUMBER = {name.upper(): number for number, name in enumerate(MONTHS, 1)}
_DAY = 86_400  # seconds
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_FIRST_SECOND = (1 - _EPOCH) * _DAY  # 1 January of year 1: `datetime` knows no earlier day
_LAST_SECOND = (datetime.date(9999, 12, 31).toordinal() - _EPOCH + 1) * _DAY - 1  # date-year has four digits

_DATE_TIME = re.compile(
    rb'"([ 0-9][0-9])-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})"'
)
_DATE = re.compile(rb'("?)([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})\1')


def write_date_time(seconds: int) -> bytes:
    """Seconds since 1970 UTC as a date-time of zone +0000, quotes included.

    Days before year 1 or after year 9999 become the nearest that the grammar can write.
    """
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        seconds = max(_FIRST_SECOND, min(seconds, _LAST_SECOND))
    day, second = divmod(seconds, _DAY)
    return b'%b%02d:%02d:%02d +0000"' % (_day_text(day), second // 3600, second // 60 % 60, second % 60)


@lru_cache(maxsize=4096)  # days; the mails of ten years, 400 KiB
def _day_text(day: int) -> bytes:
    """`"dd-Mon-yyyy ` of a day counted from 1 January 1970."""
    date = datetime.date.fromordinal(_EPOCH + day)
    return b'"%2d-%b-%04d ' % (date.day, MONTHS[date.month - 1], date.year)


def parse_date_time(cursor: Cursor) -> int:
    """Reads a date-time; returns seconds since 1970 UTC.

    date-time      = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
    date-day-fixed = (SP DIGIT) / 2DIGIT
    time           = 2DIGIT ":" 2DIGIT ":" 2DIGIT    ; 60 is a leap second and counts as 59
    zone           = ("+" / "-") 4DIGIT              ; hhmm east of Greenwich
    """
    start = cursor.at
    found = cursor.match(_DATE_TIME, "a date and time")
    hour, minute, second, zone_hour, zone_minute = (int(found[group]) for group in (4, 5, 6, 8, 9))
    day = _day_number(int(found[1]), found[2], int(found[3]))
    if day is None or hour > 23 or minute > 59 or second > 60 or zone_minute > 59:
        cursor.at = start
        cursor.fail("Not a date and time")
    east = (zone_hour * 60 + zone_minute) * (60 if found[7] == b"+" else -60)
    return day * _DAY + hour * 3600 + minute * 60 + min(second, 59) - east


def write_date(day: datetime.date) -> bytes:
    """A date-text, without quotes."""
    return b"%d-%b-%04d" % (day.day, MONTHS[day.month - 1], day.year)


def parse_date(cursor: Cursor) -> datetime.date:
    """Reads a date of SEARCH.

    date      = date-text / DQUOTE date-text DQUOTE
    date-text = date-day "-" date-month "-" date-year
    date-day  = 1*2DIGIT
    """
    start = cursor.at
    found = cursor.match(_DATE, "a date")
    day = _day_number(int(found[2]), found[3], int(found[4]))
    if day is None:
        cursor.at = start
        cursor.fail("Not a date")
    return datetime.date.fromordinal(_EPOCH + day)


def _day_number(day: int, month: bytes, year: int) -> int | None:
    """Days since 1 January 1970, or None if there is no such day."""
    number = _MONTH_NUMBER.get(month.upper())
    if number is None:
        return None
    try:
        return datetime.date(year, number, day).toordinal() - _EPOCH
    except ValueError:
        return None
