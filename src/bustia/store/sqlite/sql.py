"""Rows out of SQLite for modules whose statements say what each column is.

The driver types every value as "any of SQLite's five": here, once, that becomes `Any`, and the tables' declared types are trusted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from bustia.model.number_set import NumberSet

Row = tuple[Any, ...]

FEW_RANGES = 16  # up to so many a set always goes as ranges
SCATTERED = 4  # UIDs a range on average; a range costs SQLite 1.7 µs to take apart, a UID by itself 0.2
_BY_RANGE = "uid BETWEEN wanted.value ->> 0 AND wanted.value ->> 1"
_ONE_BY_ONE = "uid = wanted.value"


def rows(connection: apsw.Connection, statement: str, bindings: apsw.Bindings = ()) -> list[Row]:
    """All rows of the answer."""
    return connection.execute(statement, bindings).fetchall()


def rows_within(
    connection: apsw.Connection, statement: str, bindings: apsw.Bindings, long: Sequence[int], most: int
) -> list[Row]:
    """The rows up to the first with which the values at the places `long` have `most` octets together."""
    found: list[Row] = []
    cursor = connection.execute(statement, bindings)
    for one in cursor:
        found.append(one)
        for place in long:
            most -= len(one[place])
        if most <= 0:
            cursor.close()
            break
    return found


def row(connection: apsw.Connection, statement: str, bindings: apsw.Bindings = ()) -> Row | None:
    """The first row, or None."""
    found: Row | None = connection.execute(statement, bindings).fetchone()
    return found


def only_row(connection: apsw.Connection, statement: str, bindings: apsw.Bindings = ()) -> Row:
    """The one row that is always there. Raises LookupError when it is not, which no sound file does."""
    found = row(connection, statement, bindings)
    if found is None:
        raise LookupError(f"no row: {statement}")
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """A set of UIDs as one binding of one statement: `FROM json_each(?) AS wanted CROSS JOIN message ON mailbox = ? AND {condition}`.

    Rows come in rising order of UID.
    """

    condition: str
    json: str


def wanted(uids: NumberSet) -> Wanted:
    """The set as ranges, or one by one where it is scattered."""
    ranges = uids.ranges
    if len(ranges) > FEW_RANGES and len(uids) <= len(ranges) * SCATTERED:
        return Wanted(_ONE_BY_ONE, json.dumps(list(uids)))
    return Wanted(_BY_RANGE, json.dumps(ranges))
