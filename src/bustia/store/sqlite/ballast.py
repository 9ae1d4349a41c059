"""Room kept for a full disk: a file that is given up so that opening, flags and deleting still work (design §2, rule 12).

Invariant: while the ballast is given up, nothing new is filed (`gone` says so and the writer refuses it), so that the room it left
serves what must go on.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from bustia.model.numbers import UID, MailboxID
from bustia.model.reason import Reason, Refused
from bustia.store.api import Arrival
from bustia.store.sqlite.write_txn import SqliteWriteTxn

ROOM_FACTOR = 4  # the ballast is made again when so many times its size is free, so that it does not come and go

_log = logging.getLogger(__name__)


class Ballast:
    """The ballast file of one store; safe from any thread. Size 0 switches it off."""

    def __init__(self, path: Path, octets: int) -> None:
        self._path = path
        self._octets = octets
        self._lock = threading.Lock()
        self.gone = False

    def restore(self) -> None:
        """Makes the file if it is missing and there is room for more than it; in a thread, at the start and now and then."""
        with self._lock:
            if not self._octets or self._path.exists():
                self.gone = False
                return
            room = os.statvfs(self._path.parent)
            if room.f_bavail * room.f_frsize < ROOM_FACTOR * self._octets:
                self._note_gone()
                return
            making = self._path.with_suffix(".new")
            try:
                descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    os.posix_fallocate(descriptor, 0, self._octets)
                finally:
                    os.close(descriptor)
                making.rename(self._path)
            except OSError:
                making.unlink(missing_ok=True)
                self._note_gone()
            else:
                self.gone = False

    def give_up(self) -> bool:
        """Frees the room; returns whether there was any to free."""
        with self._lock:
            self._note_gone()
            try:
                self._path.unlink()
            except OSError:
                return False
            return True

    def _note_gone(self) -> None:
        if self._octets and not self.gone:
            self.gone = True
            _log.error("the disk is full: nothing is filed until %d octets are free", ROOM_FACTOR * self._octets)


class FullDiskTxn(SqliteWriteTxn):
    """A transaction while the ballast is gone: everything but new mail."""

    def append(self, mailbox: MailboxID, arrivals: Sequence[Arrival]) -> list[UID]:
        """Raises Refused(DISK_FULL)."""
        raise Refused(Reason.DISK_FULL)
