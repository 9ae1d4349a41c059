"""Rows out of SQLite for modules whose statements say what each column is.

The driver types every value as "any of SQLite's five": here, once, that becomes `Any`, and the tables' declared types are trusted.
"""

from __future__ import annotations

import json
from typing import Any

import apsw

from bustia.model.number_set import NumberSet

Row = tuple[Any, ...]


def rows(connection: apsw.Connection, statement: str, bindings: apsw.Bindings = ()) -> list[Row]:
    """All rows of the answer."""
    return connection.execute(statement, bindings).fetchall()


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


def ranges_of(numbers: NumberSet) -> str:
    """A set as JSON pairs, for `FROM json_each(?) AS wanted … BETWEEN wanted.value ->> 0 AND wanted.value ->> 1`: one statement for any set."""
    return json.dumps(numbers.ranges)
