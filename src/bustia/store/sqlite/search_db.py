"""The file `search.db` beside an account's `mail.db`: its tables, how it is opened, and when it is not to be believed.

Invariants
- It is derived: deleting it, at any time, costs the time to make it again and never a wrong answer.
- `state.indexed` names the mails whose texts are in `text` and `term`; the three change together, in one transaction.
- Numbers of mails are never used again, except after an older `mail.db` was put back. Then the newest indexed mail that `mail.db` can know has other octets
  there: `is_stale` finds that, readers pass the index over and the indexer makes it again.
- Commits are not flushed one by one: a power cut loses the last ones whole, and they are indexed again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw

from bustia.store.search.comparable import COMPARABLE_FORM
from bustia.store.sqlite import sql
from bustia.store.sqlite.connection import connect, make_file

SEARCH_VERSION = 100 * COMPARABLE_FORM + 2  # `user_version`; raised with the tables, or with what the texts are made of
DIGEST_OCTETS = 8  # of a mail's SHA-256, kept with its texts: enough to tell two mails apart
CACHE_OCTETS = 4_194_304  # page cache of one connection
CHECKPOINT_PAGES = (
    1_000  # SQLite's own default, switched on again: only the indexer writes here, and nobody waits for it
)

_TABLES = """
CREATE TABLE state(                 -- one row
  indexed TEXT NOT NULL,            -- mails, as IMAP writes a set: 1:3,7
  swept INTEGER NOT NULL,           -- when it was last compared with mail.db whole, seconds since 1970 UTC
  holder TEXT,                      -- who indexes now, and until when
  held_until INTEGER NOT NULL
);
INSERT INTO state VALUES('', 0, NULL, 0);
CREATE TABLE text(                  -- comparable texts, each zstd
  mail INTEGER PRIMARY KEY,
  digest BLOB NOT NULL,             -- the first octets of mail.digest
  header BLOB NOT NULL,             -- the message's fields, NUL, the fields of its parts
  body BLOB NOT NULL
);
CREATE VIRTUAL TABLE term USING fts5(  -- rowid is 2 × mail + part
  text, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1'
);
"""
_NAMES = {"state", "text", "term"}


def open_reading(path: Path, patience: Callable[[int], bool]) -> apsw.Connection | None:
    """A connection to an index of this version, None if there is no such file. Raises apsw.Error."""
    if not path.exists():
        return None
    connection = connect(path, patience, CACHE_OCTETS)
    if connection.pragma("user_version") == SEARCH_VERSION:
        return connection
    connection.close()
    return None


def open_writing(path: Path, patience: Callable[[int], bool]) -> apsw.Connection:
    """A connection to an index of this version, made anew if it is missing, damaged or of another version. Raises apsw.Error."""
    try:
        return _open_or_make(path, patience)
    except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError):
        remove(path)
        return _open_or_make(path, patience)


def _open_or_make(path: Path, patience: Callable[[int], bool]) -> apsw.Connection:
    make_file(path)
    connection = connect(path, patience, CACHE_OCTETS)
    try:
        connection.pragma("synchronous", "normal")
        connection.wal_autocheckpoint(CHECKPOINT_PAGES)
        if connection.pragma("user_version") != SEARCH_VERSION or _found_tables(connection) != _NAMES:
            make_anew(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def make_anew(connection: apsw.Connection) -> None:
    """Empties the file and makes its tables, whole or not at all; who reads it meanwhile keeps what he has."""
    with connection:
        for table in _found_tables(connection):
            connection.execute(f"DROP TABLE {table}")
        connection.execute(_TABLES)
        connection.pragma("user_version", SEARCH_VERSION)


def _found_tables(connection: apsw.Connection) -> set[str]:
    return {name for (name,) in sql.rows(connection, "SELECT name FROM sqlite_schema") if name in _NAMES}


def remove(path: Path) -> None:
    """Deletes the file and its companions, if they are there."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def is_stale(search: apsw.Connection, mail: apsw.Connection) -> bool:
    """Whether the index was made of another history of this account than `mail.db` now holds."""
    (last,) = sql.only_row(mail, "SELECT last_mail FROM account")
    anchor = sql.row(search, "SELECT mail, digest FROM text WHERE mail <= ? ORDER BY mail DESC LIMIT 1", (last,))
    if anchor is None:
        return False
    found = sql.row(mail, "SELECT substr(digest, 1, ?) FROM mail WHERE id = ?", (DIGEST_OCTETS, anchor[0]))
    return found is not None and found[0] != anchor[1]
