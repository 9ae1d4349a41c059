"""Accounts that an I/O error or corruption has stopped: told to every process by a marker file, `damaged/<id>`.

Invariant: once marked, an account is used by no process until `readmit`; nothing is tried again in the hope that it works
(a flush that failed once and then succeeds has lost what it did not write).
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from bustia.model.numbers import AccountID
from bustia.model.reason import Reason, Refused
from bustia.store.sqlite.connection import make_folder

_log = logging.getLogger(__name__)


class DamagedAccounts:
    """The markers below `folder`; safe from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._prefix = str(folder) + os.sep
        self._here: set[AccountID] = set()  # stopped by this process; counts where the marker could not be written

    def start(self) -> None:
        make_folder(self._folder)

    def check(self, account: AccountID) -> None:
        """Raises Refused(DAMAGED) if the account is stopped."""
        if account in self._here or os.access(self._prefix + str(account), os.F_OK):
            raise Refused(Reason.DAMAGED)

    def stop(self, account: AccountID, why: str) -> None:
        """Stops an account in all processes; `why` is kept in the marker for the administrator."""
        if account in self._here:
            return
        self._here.add(account)
        _log.error("account %d is stopped: %s", account, why)
        try:
            (self._folder / str(account)).write_text(why + "\n", "utf-8")
        except OSError as error:
            _log.error("the marker of account %d was not written: %s", account, error)

    def readmit(self, account: AccountID) -> None:
        """Lets a stopped account be used again, after `verify` or a repair."""
        (self._folder / str(account)).unlink(missing_ok=True)
        self._here.discard(account)

    def stopped(self) -> list[AccountID]:
        """All stopped accounts, rising."""
        marked = {AccountID(int(entry.name)) for entry in self._folder.iterdir() if entry.name.isdecimal()}
        return sorted(marked | self._here)
