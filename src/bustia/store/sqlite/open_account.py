"""The open files of one account in one process.

Invariants:
- `main` does all writing and the light reading; it is used only while `lock` is held, so its page cache stays warm across commits.
- Each other connection reads, is used by one thread at a time, and is put back after use.
- Opening, closing and checkpoints happen in the store's threads, never in the event loop's.
- `main is None` means closed; a closed one is never opened again, the table makes a new one.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from bustia.model.numbers import AccountID
from bustia.store.sqlite import schema
from bustia.store.sqlite.cache import AccountCache
from bustia.store.sqlite.connection import PAGE_SIZE, Patience, connect, flush_names, make_file, make_folder
from bustia.store.sqlite.settings import StoreSettings
from bustia.store.sqlite.upkeep import do_upkeep, upkeep_due

FILE = "mail.db"
SEARCH_FILE = "search.db"
IDLE_READERS = 1  # reading connections kept per account: two threads read one account only for a moment
# A little less than `journal_size_limit`: a WAL above it is cut and grown again, and a flush that grows a file takes twice as long.
CHECKPOINT_OCTETS = 15 << 16  # of WAL
FRAME_HEADER = 24  # octets of WAL before each page
HURRIED_CHECKPOINT_OCTETS = 8 << 20  # while writes wait: an import then flushes the file every few hundred mails


class OpenAccount:
    """Connections and memory of one account; made and closed by `OpenAccounts` alone."""

    __slots__ = (
        "_patience",
        "_readers",
        "_settings",
        "cache",
        "folder",
        "id",
        "last_used",
        "lock",
        "main",
        "search_path",
        "users",
        "wal_octets",
        "warm",
    )

    def __init__(self, account: AccountID, folder: Path, settings: StoreSettings) -> None:
        self.id = account
        self.folder = folder
        self.search_path = folder / SEARCH_FILE
        self.lock = threading.Lock()
        self.main: apsw.Connection | None = None
        self.cache = AccountCache()
        self.users = 0  # threads inside; changed under the table's lock
        self.last_used = time.monotonic()
        self.wal_octets = 0
        self.warm = False  # the last light read was fast: its pages need no disk
        self._patience = Patience(settings.busy_seconds)
        self._readers: list[apsw.Connection] = []
        self._settings = settings

    def open(self, now: int) -> apsw.Connection:
        """Opens `main`, with `lock` held; makes a new account's file or brings an older one to this schema. Raises apsw.Error, Refused."""
        path = self.folder / FILE
        make_folder(self.folder)
        make_file(path)
        connection = connect(path, self._patience, self._settings.cache_octets)
        try:
            connection.execute("BEGIN IMMEDIATE")  # one process makes the tables, the others find them
            if connection.pragma("user_version") == 0:
                flush_names(self.folder.parent)  # whoever made the folder may have been killed before it did
                schema.create(connection, now)
            else:
                schema.migrate(connection)
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        connection.set_wal_hook(self._after_commit)
        self.main = connection
        return connection

    def loop_may_use(self) -> bool:
        """Takes `lock` for the event loop's thread if that needs no waiting and `main` is open; `leave_loop` gives it back."""
        if self.main is None or not self.lock.acquire(blocking=False):
            return False
        if self.main is None:  # closed between the two looks
            self.lock.release()
            return False
        self._patience.waits = False
        return True

    def leave_loop(self) -> None:
        self._patience.waits = True
        self.last_used = time.monotonic()
        self.lock.release()

    @contextmanager
    def reader(self) -> Iterator[apsw.Connection]:
        """A reading connection for this thread; waits for no writer of this process."""
        try:
            connection = self._readers.pop()
        except IndexError:
            patience = Patience(self._settings.busy_seconds)
            connection = connect(self.folder / FILE, patience, self._settings.cache_octets)
        try:
            yield connection
        finally:
            if len(self._readers) < IDLE_READERS:
                self._readers.append(connection)
            else:
                connection.close()

    def octets(self) -> int:
        """About what it holds in memory now: remembered mailboxes and page caches, those of reading connections at their largest."""
        held = self.cache.octets + len(self._readers) * self._settings.cache_octets
        if self.lock.acquire(blocking=False):
            try:
                if self.main is not None:
                    held += self.main.status(apsw.SQLITE_DBSTATUS_CACHE_USED)[0]
            finally:
                self.lock.release()
        return held

    def checkpoint_due(self, *, hurried: bool) -> bool:
        """Whether the WAL has grown enough; `hurried` when writes are waiting."""
        return self.wal_octets >= (HURRIED_CHECKPOINT_OCTETS if hurried else CHECKPOINT_OCTETS)

    def checkpoint(self) -> None:
        """Carries the WAL into the file, with `lock` held. Readers that still need the WAL leave some for the next time."""
        if self.main is not None:
            self.wal_octets = 0
            with contextlib.suppress(apsw.BusyError):  # another process is at it
                self.main.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def tend(self, now: int) -> bool:
        """One step of upkeep, with `lock` held; whether there was something to do. Raises apsw.Error."""
        if self.main is None or not upkeep_due(self.main, now):
            return False
        do_upkeep(self.main, now)
        if self.checkpoint_due(hurried=False):
            self.checkpoint()
        return True

    def close(self, *, checkpoint: bool = True) -> None:
        """Closes all connections, with `lock` held and no users; the last one of all processes empties the WAL unless told not to."""
        connections = [*self._readers, *([self.main] if self.main is not None else [])]
        self.main = None
        self._readers = []
        for connection in connections:
            if not checkpoint:
                connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            connection.close()

    def _after_commit(self, connection: apsw.Connection, database: str, pages: int) -> int:
        self.wal_octets = pages * (PAGE_SIZE + FRAME_HEADER)
        return apsw.SQLITE_OK
