"""Looks for anything in an account's file that is not as it must be: octets, frames, counters, facts, pointers, the log.

Invariants:
- Nothing is changed and nothing is repaired: each fault is told, and the search goes on after it as far as SQLite can still read.
- All of one look is of one state, so it may run beside a server at work.
- What cannot be found: a value that is valid in its place and follows from nothing else (a date, a set flag) and was changed in a way that SQLite's page
  structure bears.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw

from bustia.store.sqlite import schema, sql
from bustia.store.sqlite.finding import Finding, Kind
from bustia.store.sqlite.verify_contents import altered_contents, altered_facts
from bustia.store.sqlite.verify_rows import wrong_flags, wrong_log, wrong_rows

MAX_FAULTS = 1_000  # that SQLite's own check may list

_LOOKS: tuple[Callable[[apsw.Connection], Iterator[Finding]], ...] = (
    altered_contents,
    altered_facts,
    wrong_rows,
    wrong_flags,
    wrong_log,
)


def verify(path: Path) -> Iterator[Finding]:
    """Everything that is wrong with the account's file at `path`, nothing for a sound one; takes about as long as reading all mail once."""
    connection = None
    try:
        connection = apsw.Connection(
            str(path), flags=apsw.SQLITE_OPEN_READWRITE
        )  # a log left by a killed process is read too
        connection.execute("PRAGMA query_only = ON")
        yield from faults(connection)
    except apsw.Error as error:
        yield Finding(Kind.SQLITE, "file", str(error))
    finally:
        if connection is not None:
            connection.close()


def faults(connection: apsw.Connection) -> Iterator[Finding]:
    """As `verify`, for a connection that is open and in no transaction; it is in one until the iterator ends."""
    found = schema.version(connection)
    if found != schema.SCHEMA_VERSION:
        yield Finding(Kind.SQLITE, "schema", f"version {found}, where {schema.SCHEMA_VERSION} is known")
        return
    connection.execute("BEGIN")
    try:
        yield from _guarded(connection, _integrity)
        for look in _LOOKS:
            yield from _guarded(connection, look)
    finally:
        connection.execute("ROLLBACK")


def _integrity(connection: apsw.Connection) -> Iterator[Finding]:
    for (text,) in sql.rows(connection, f"PRAGMA integrity_check({MAX_FAULTS})"):
        if text != "ok":
            yield Finding(Kind.SQLITE, "file", text)


def _guarded(connection: apsw.Connection, look: Callable[[apsw.Connection], Iterator[Finding]]) -> Iterator[Finding]:
    """One look; where SQLite can read no further, that is the finding, and the next look begins."""
    try:
        yield from look(connection)
    except (apsw.Error, ValueError, LookupError, TypeError) as error:
        yield Finding(Kind.SQLITE, look.__name__.strip("_").replace("_", " "), f"cannot be read: {error}")
