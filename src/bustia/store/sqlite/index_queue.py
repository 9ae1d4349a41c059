"""Which accounts wait to be indexed, and the one thread that sees to them.

Invariant: an account that changed is indexed once it was quiet for QUIET_SECONDS, at the latest LATEST_SECONDS after the change: a burst of deliveries is a few
batches and not hundreds, and a busy account is not put off for ever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bustia.model.numbers import AccountID
from bustia.store.sqlite.index_worker import IndexWorker
from bustia.store.sqlite.open_account import FILE, SEARCH_FILE

QUIET_SECONDS = 0.5
LATEST_SECONDS = 5.0
AGAIN_SECONDS = 60.0  # until an index that could not be completed is tried again: as long as another's lease lasts


@dataclass(slots=True)
class _Wait:
    due: float  # by the monotonic clock
    latest: float


class IndexQueue:
    """Indexes accounts behind deliveries. `folder` gives an account's folder, `clock` seconds since 1970 UTC, `holder` names this process's indexer."""

    def __init__(self, folder: Callable[[AccountID], Path], clock: Callable[[], float], holder: str) -> None:
        self._folder = folder
        self._clock = clock
        self._worker = IndexWorker(holder)
        self._waiting: dict[AccountID, _Wait] = {}
        self._changed = threading.Condition()  # guards `_waiting` and `_stopped`
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="index-queue", daemon=True)

    def start(self) -> None:
        """Starts the thread; the worker is started when there is something to index."""
        self._thread.start()

    def note(self, account: AccountID) -> None:
        """The account may have mail that is not indexed; from any thread, and cheap."""
        now = time.monotonic()
        with self._changed:
            wait = self._waiting.get(account)
            if wait is None or wait.latest > now + LATEST_SECONDS:  # the latter waits to be tried again
                self._waiting[account] = _Wait(now + QUIET_SECONDS, now + LATEST_SECONDS)
                self._changed.notify()
            else:
                wait.due = min(now + QUIET_SECONDS, wait.latest)

    def note_opened(self, account: AccountID) -> None:
        """As `note` where the index is missing or older than the mails: mail came while nobody indexed."""
        folder = self._folder(account)
        if _changed_at(folder / FILE) > _changed_at(folder / SEARCH_FILE):
            self.note(account)

    def stop(self) -> None:
        """Ends the thread and the worker after the batch under way; what waits is indexed after the next start."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._worker.stop()
        self._thread.join()

    def _work(self) -> None:
        while (account := self._next()) is not None:
            folder = self._folder(account)
            if not self._worker.index(folder / FILE, folder / SEARCH_FILE, self._clock()).complete:
                with self._changed:
                    again = time.monotonic() + AGAIN_SECONDS
                    self._waiting.setdefault(account, _Wait(again, again))

    def _next(self) -> AccountID | None:
        """The next account, when it is due; None when it is time to stop."""
        with self._changed:
            while not self._stopped:
                account = min(self._waiting, key=lambda one: self._waiting[one].due, default=None)
                if account is None:
                    self._changed.wait()
                    continue
                left = self._waiting[account].due - time.monotonic()
                if left <= 0:
                    del self._waiting[account]
                    return account
                self._changed.wait(left)
            return None


def _changed_at(path: Path) -> int:
    """When a file or its write-ahead log changed, in nanoseconds; 0 if there is none."""
    times = [0]
    for one in (path, path.with_name(path.name + "-wal")):
        with suppress(OSError):
            times.append(one.stat().st_mtime_ns)
    return max(times)
