"""Connections to SQLite files: how each is opened, and what SQLite's errors mean.

Invariants:
- WAL with `synchronous=FULL`: a COMMIT that returned is flushed (design §2, rule 12).
- Files are 0600 in folders 0700, made before SQLite opens them so that the WAL inherits the mode.
- No connection checkpoints by itself: a checkpoint in the event loop's thread would stall it.
- A database file is opened by SQLite only: closing any other descriptor of it would drop the process's POSIX locks, and with them
  the safety of the WAL (sqlite.org/howtocorrupt.html §2.2).
- Waiting for another process is a property of a connection (`Patience`) that its user switches: off in the event loop's thread.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from bustia.model.reason import Reason, Refused

PAGE_SIZE = 8192  # octets; docs/decisions/007: larger ones make an empty account larger and lists no faster
JOURNAL_OCTETS = 1 << 20  # a WAL is cut back to this when it starts over
RETRY_SECONDS = 0.001  # between two tries for a lock that another process holds; its commit takes about 0.1 ms

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_SHORTAGE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})
_SHORTAGE_CODES = frozenset({apsw.SQLITE_IOERR_NOMEM, apsw.SQLITE_IOERR_LOCK, apsw.SQLITE_IOERR_BLOCKED})


class Patience:
    """SQLite's busy handler: waits up to `seconds` for a lock while `waits` is set, and not at all otherwise."""

    __slots__ = ("_seconds", "waits")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.waits = True

    def __call__(self, tries: int) -> bool:
        if not self.waits or tries * RETRY_SECONDS > self._seconds:
            return False
        time.sleep(RETRY_SECONDS)
        return True


def make_folder(folder: Path) -> None:
    """Makes a folder (0700) with its parents and flushes its name to disk; one that exists is left alone, flushed or not."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return  # another process was faster
    flush_names(folder.parent)


def flush_names(folder: Path) -> None:
    """Flushes which names a folder holds: what was made in it is still there after a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_file(path: Path) -> None:
    """Makes an empty file (0600) if there is none, and never opens one that exists."""
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def connect(path: Path, patience: Callable[[int], bool], cache_octets: int) -> apsw.Connection:
    """A connection in WAL mode to a file that exists, which may be empty. Raises apsw.Error."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_handler(patience)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.transaction_mode = "IMMEDIATE"  # `with connection` waits for others at its begin, not half-way
        for pragma in (
            f"page_size = {PAGE_SIZE}",  # counts for an empty file only
            "auto_vacuum = incremental",  # and this: pages of deleted mail can be given back step by step
            "journal_mode = wal",
            "synchronous = full",
            f"journal_size_limit = {JOURNAL_OCTETS}",
            "wal_autocheckpoint = 0",
            f"cache_size = {-cache_octets // 1024}",
            "temp_store = memory",
            "trusted_schema = off",
            "cell_size_check = on",  # finds a damaged page when it is read, not when it has spread
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def refusal(error: apsw.Error, connection: apsw.Connection | None) -> Refused | None:
    """What an error of SQLite means to the asker: no room, busy, damaged; None for a fault of our own.

    Full and busy are for the moment. Damaged means that the disk or the file can no longer be trusted (design §2, rule 12): a file that could not
    be opened has not been altered, and strangers can bring that about by connections enough to use up the descriptors (threats A6).
    """
    system = connection.system_errno if connection is not None else 0
    code = getattr(error, "extendedresult", 0)
    match error:
        case apsw.FullError():
            return Refused(Reason.DISK_FULL)
        case apsw.IOError() | apsw.CantOpenError() if system in _NO_ROOM or code == apsw.SQLITE_IOERR_SHMSIZE:
            return Refused(Reason.DISK_FULL)
        case apsw.BusyError() | apsw.LockedError() | apsw.NoMemError() | apsw.CantOpenError():
            return Refused(Reason.BUSY)
        case apsw.IOError() if system in _SHORTAGE or code in _SHORTAGE_CODES:
            return Refused(Reason.BUSY)
        case apsw.IOError() | apsw.CorruptError() | apsw.NotADBError() | apsw.ReadOnlyError():
            return Refused(Reason.DAMAGED)
        case apsw.TooBigError():
            return Refused(Reason.TOO_BIG)
        case _:
            return None


def refused_by_system(error: OSError) -> Refused | None:
    """What an error of the system means to the asker: no room, or nothing left of what processes share; None for any other."""
    if error.errno in _NO_ROOM:
        return Refused(Reason.DISK_FULL)
    return Refused(Reason.BUSY, "Too much is open at once, try again") if error.errno in _SHORTAGE else None
