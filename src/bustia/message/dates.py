"""Dates of the Date field, read leniently (RFC 5322 §3.3, §4.3; RFC 850 and asctime forms besides).

Invariants: nothing raises; a result is always between the years 1 and 9999; no ambient time or zone is read.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from bustia.message.parameters import strip_comments

MAX_DATE = 500  # octets of a Date field that are read; real ones have below 60

_MONTHS = {name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_OBSOLETE_ZONES = {  # hours from UTC (RFC 5322 §4.3); military letters mean nothing known, so UTC
    b"ut": 0, b"gmt": 0, b"utc": 0, b"z": 0,
    b"est": -5, b"edt": -4, b"cst": -6, b"cdt": -5, b"mst": -7, b"mdt": -6, b"pst": -8, b"pdt": -7,
    b"bst": 1, b"cet": 1, b"met": 1, b"cest": 2, b"mest": 2, b"eet": 2, b"eest": 3, b"msk": 3, b"jst": 9,
}  # fmt: skip
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_DAY_FIRST = re.compile(rb"(?:[A-Za-z]+[.,]*\s*)?(\d{1,2})[\s-]+([A-Za-z]{3})[A-Za-z.]*[\s,-]+(\d{2,4})(?!\d)")
_MONTH_FIRST = re.compile(rb"(?:[A-Za-z]+[.,]*\s+)?([A-Za-z]{3})[A-Za-z.]*\s+(\d{1,2})(?!\d)")  # asctime(3)
_ISO = re.compile(rb"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_TIME = re.compile(rb"(\d{1,2})\s*[:.]\s*(\d{2})(?:\s*[:.]\s*(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm]\b)?")
_ZONE = re.compile(rb"\s*([+-])(\d{1,2}):?(\d{2})(?!\d)|\s*([A-Za-z]{1,4})\b")
_YEAR = re.compile(rb"\b(\d{4})\b")


@dataclass(frozen=True, slots=True)
class SentDate:
    """A Date field's moment, and the day that its writer's own clock showed."""

    seconds: int  # since 1970-01-01 UTC; negative before
    day: int  # `datetime.date.toordinal` of the date as written, whatever its zone (RFC 9051 §6.4.4, SENTON)


def parse_date(body: bytes) -> SentDate | None:
    """Moment and day of a Date field body, None if it has no valid date.

    An invalid zone counts as UTC, an invalid time as 00:00:00 (RFC 5256 §2.2).
    """
    value = strip_comments(body[:MAX_DATE]).strip()
    found = _date(value)
    if found is None:
        return None
    year, month, day, rest = found
    hour, minute, second, zone = _time(value, rest)
    try:
        ordinal = datetime.date(year, month, day).toordinal()
    except ValueError:
        return None
    return SentDate((ordinal - _EPOCH) * 86_400 + hour * 3_600 + (minute - zone) * 60 + second, ordinal)


def _date(value: bytes) -> tuple[int, int, int, int] | None:
    """Year, month, day and where the time may begin."""
    if (match := _DAY_FIRST.match(value)) is not None and match[2].lower() in _MONTHS:
        return _full_year(match[3]), _MONTHS[match[2].lower()], int(match[1]), match.end()
    if (match := _ISO.match(value)) is not None:
        return int(match[1]), int(match[2]), int(match[3]), match.end()
    if (match := _MONTH_FIRST.match(value)) is not None and match[1].lower() in _MONTHS:
        year = _YEAR.search(value, match.end())
        if year is not None:
            return int(year[1]), _MONTHS[match[1].lower()], int(match[2]), match.end()
    return None


def _full_year(digits: bytes) -> int:
    """RFC 5322 §4.3: two digits up to 49 are 2000 and later, other two and all three digits count from 1900."""
    year = int(digits)
    if len(digits) == 2 and year < 50:
        return year + 2000
    return year + 1900 if len(digits) < 4 else year


def _time(value: bytes, start: int) -> tuple[int, int, int, int]:
    """Hour, minute, second and the zone in minutes; zeros where they are missing or out of range."""
    match = _TIME.search(value, start)
    if match is None:
        return 0, 0, 0, 0
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4] is not None and 1 <= hour <= 12:
        hour = hour % 12 + (12 if match[4].lower() == b"pm" else 0)
    zone = _zone(value, match.end())
    if hour > 23 or minute > 59 or second > 60:
        return 0, 0, 0, zone
    return hour, minute, min(second, 59), zone  # 60 is a leap second (RFC 5322 §3.3)


def _zone(value: bytes, start: int) -> int:
    """Zone in minutes east of UTC: numeric, or one of the obsolete names; 0 if it is neither (RFC 5322 §4.3)."""
    match = _ZONE.match(value, start)
    if match is None:
        return 0
    if match[4] is not None:
        name = match[4].lower()
        numeric = _ZONE.match(value, match.end())
        if name in (b"gmt", b"utc", b"ut") and numeric is not None and numeric[1]:
            match = numeric  # "GMT+0200", as some mailers write
        else:
            return _OBSOLETE_ZONES.get(name, 0) * 60
    hours, minutes = int(match[2]), int(match[3])
    if hours > 23 or minutes > 59:
        return 0
    return (hours * 60 + minutes) * (-1 if match[1] == b"-" else 1)
