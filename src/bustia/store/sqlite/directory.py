"""Who has an account: `directory.db`, small look-ups that any thread and any process may make.

Invariants:
- One connection per process, used under `_lock`; in WAL mode a look-up waits for no writer.
- What was looked up is remembered until the file changes: `data_version` tells other processes' changes, our own empty the memory.
- Account numbers are never used again. Addresses compare in NFC and without regard to case.
"""

from __future__ import annotations

import threading
import unicodedata
from pathlib import Path

import apsw

from bustia.model.numbers import AccountID
from bustia.model.reason import Reason, Refused
from bustia.store.api import AccountRecord
from bustia.store.sqlite.connection import Patience, connect, make_file, make_folder, refusal

FILE = "directory.db"
SCHEMA_VERSION = 1
MAX_ADDRESS = 320  # octets: 64 of local part, "@", 255 of domain (RFC 5321 §4.5.3.1)
MAX_REMEMBERED = 10_000  # look-ups, found or not; about 5 MB
CACHE_OCTETS = 1 << 20
WRITE_SECONDS = 10.0  # how long a change waits for another process's
DETAIL_SEPARATOR = "+"  # RFC 5233 §1

_SCHEMA = f"""
CREATE TABLE account(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  address TEXT NOT NULL,              -- as it was given
  key TEXT NOT NULL UNIQUE,           -- as it is compared
  password_hash TEXT NOT NULL,
  credential_version INTEGER NOT NULL,
  enabled INTEGER NOT NULL
);
PRAGMA user_version = {SCHEMA_VERSION};
"""
_COLUMNS = "id, address, password_hash, credential_version, enabled"


class SqliteDirectory:
    """`store.api.Directory` over one file, opened when it is first needed. Raises Refused BUSY, DISK_FULL, DAMAGED."""

    def __init__(self, root: Path) -> None:
        self._path = root / FILE
        self._lock = threading.Lock()
        self._connection: apsw.Connection | None = None
        self._remembered: dict[str, AccountRecord | None] = {}
        self._remembered_of = -1

    def find(self, address: str) -> AccountRecord | None:
        """The account that may log in as `address`."""
        return self._look_up(_key(address))

    def resolve(self, recipient: str) -> AccountRecord | None:
        """The account that gets mail for `recipient`: of that very address, or of the one without its detail (RFC 5233 §1)."""
        key = _key(recipient)
        found = self._look_up(key)
        local, at, domain = key.rpartition("@")
        user, plus, _ = local.partition(DETAIL_SEPARATOR)
        if found is None and plus and user:
            return self._look_up(user + at + domain)
        return found

    def accounts(self) -> list[AccountRecord]:
        """All accounts, in the order in which they were made."""
        with self._lock:
            try:
                return [_record(row) for row in self._open().execute(f"SELECT {_COLUMNS} FROM account ORDER BY id")]
            except apsw.Error as error:
                raise self._judged(error) from error

    def create(self, address: str, password_hash: str) -> AccountRecord:
        """Makes an account. Raises Refused ALREADY_EXISTS, or BAD_NAME for what is no address."""
        key = _key(address)
        local, at, domain = key.rpartition("@")
        if (
            not (local and at and domain)
            or len(address.encode("utf-8", "replace")) > MAX_ADDRESS
            or not address.isprintable()
        ):
            raise Refused(Reason.BAD_NAME, "Not an address")
        try:
            row = self._change(
                f"INSERT INTO account(address, key, password_hash, credential_version, enabled)"
                f" VALUES(?, ?, ?, 1, 1) RETURNING {_COLUMNS}",
                (address, key, password_hash),
            )
        except apsw.ConstraintError as error:
            raise Refused(Reason.ALREADY_EXISTS) from error
        return _record(row)

    def set_password(self, account: AccountID, password_hash: str) -> None:
        """Changes the hash and raises the credential's version. Raises Refused(NOT_FOUND)."""
        self._change(
            "UPDATE account SET password_hash = ?, credential_version = credential_version + 1 WHERE id = ? RETURNING id",
            (password_hash, account),
        )

    def set_enabled(self, account: AccountID, enabled: bool) -> None:
        """Lets an account log in and get mail, or not. Raises Refused(NOT_FOUND)."""
        self._change("UPDATE account SET enabled = ? WHERE id = ? RETURNING id", (int(enabled), account))

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _look_up(self, key: str) -> AccountRecord | None:
        with self._lock:
            try:
                connection = self._open()
                version = connection.pragma("data_version")
                if version != self._remembered_of or len(self._remembered) >= MAX_REMEMBERED:
                    self._remembered.clear()
                    self._remembered_of = version
                if key not in self._remembered:
                    row = connection.execute(f"SELECT {_COLUMNS} FROM account WHERE key = ?", (key,)).fetchone()
                    self._remembered[key] = None if row is None else _record(row)
                return self._remembered[key]
            except apsw.Error as error:
                raise self._judged(error) from error

    def _change(self, statement: str, values: tuple[object, ...]) -> tuple[object, ...]:
        with self._lock:
            try:
                connection = self._open()
                with connection:
                    row = connection.execute(statement, values).fetchone()
            except apsw.ConstraintError:
                raise
            except apsw.Error as error:
                raise self._judged(error) from error
            finally:
                self._remembered.clear()
            if row is None:
                raise Refused(Reason.NOT_FOUND)
            return tuple(row)

    def _open(self) -> apsw.Connection:
        if self._connection is None:
            make_folder(self._path.parent)
            make_file(self._path)
            connection = connect(self._path, Patience(WRITE_SECONDS), CACHE_OCTETS)
            try:
                connection.execute("BEGIN IMMEDIATE")  # one process makes the table, the others find it
                found = connection.pragma("user_version")
                if found > SCHEMA_VERSION:
                    raise Refused(Reason.DAMAGED, f"The directory has the newer format {found}")
                if not found:
                    connection.execute(_SCHEMA)
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _judged(self, error: apsw.Error) -> BaseException:
        return refusal(error, self._connection) or error


def _key(address: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", address).casefold())


def _record(row: tuple[object, ...]) -> AccountRecord:
    number, address, password_hash, version, enabled = row
    assert isinstance(number, int)
    assert isinstance(version, int)
    return AccountRecord(AccountID(number), str(address), str(password_hash), version, bool(enabled))
