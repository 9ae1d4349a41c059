"""The table of open accounts of one process: least recently used ones are closed, idle ones too.

Invariants:
- `_lock` guards the table and every `users` count, and is held for no I/O.
- An account is closed only with no users and its own lock held; whoever finds `main` closed opens a new one in a thread.
- What is closed is removed from the table first, so that two threads never share a closing one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path

import apsw

from bustia.model.numbers import AccountID, ModSeq
from bustia.model.reason import Reason, Refused
from bustia.store.sqlite.ballast import Ballast
from bustia.store.sqlite.connection import Patience, connect, refusal, refused_by_system
from bustia.store.sqlite.damage import DamagedAccounts
from bustia.store.sqlite.open_account import FILE, OpenAccount
from bustia.store.sqlite.settings import StoreSettings

TEND_SECONDS = (
    0.1  # of upkeep at each look, some 3 % of one writer thread: about 40 MiB given back to the disk each time
)


class OpenAccounts:
    """Opens, lends and closes the files of accounts below `folder`."""

    def __init__(
        self,
        folder: Path,
        settings: StoreSettings,
        clock: Callable[[], float],
        damaged: DamagedAccounts,
        ballast: Ballast,
        later: Callable[[Callable[[], None]], None],
        on_open: Callable[[AccountID], None],
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._damaged = damaged
        self._ballast = ballast
        self._later = later
        self._on_open = on_open
        self._lock = threading.Lock()
        self._tending = threading.Lock()  # held during upkeep, one thread's at a time
        self._table: dict[AccountID, OpenAccount] = {}

    def __len__(self) -> int:
        return len(self._table)

    def folder(self, account: AccountID) -> Path:
        return self._folder / str(account)

    def for_loop(self, account: AccountID) -> OpenAccount | None:
        """The account if it is open and free this moment, for the event loop's thread; `leave_loop` gives it back. Raises Refused(DAMAGED)."""
        self._damaged.check(account)
        opened = self._table.get(account)
        return opened if opened is not None and opened.loop_may_use() else None

    @contextmanager
    def inside(self, account: AccountID) -> Iterator[OpenAccount]:
        """The account, opened if need be, not closed before the end of the block; for the store's threads.

        Translates errors of SQLite inside the block into Refused, and stops an account that proves damaged.
        """
        self._damaged.check(account)
        opened = self._enter(account)
        try:
            with self.judged(opened):
                if opened.main is None:
                    with opened.lock:
                        self._open(opened)
                yield opened
        finally:
            with self._lock:
                opened.users -= 1
                opened.last_used = time.monotonic()
        if len(self._table) > self._settings.open_accounts:
            self._later(self._close_oldest)  # in a writer thread: it may have a log to carry into the file

    @contextmanager
    def judged(self, opened: OpenAccount) -> Iterator[None]:
        """Errors of SQLite and shortages of the system inside the block become Refused with the store's reaction to it done; faults of our own pass."""
        try:
            yield
        except apsw.Error as error:
            refused = self.judge(opened, error)
            if refused is None:
                raise
            raise refused from error
        except OSError as error:
            refused = refused_by_system(error)
            if refused is None:
                raise
            raise refused from error

    def judge(self, opened: OpenAccount, error: apsw.Error) -> Refused | None:
        """What `error` means to the asker, None for a fault of our own; stops a damaged account, gives up the ballast for a full disk."""
        refused = refusal(error, opened.main)
        if refused is not None and refused.reason is Reason.DAMAGED:
            self._damaged.stop(opened.id, str(error))
        elif refused is not None and refused.reason is Reason.DISK_FULL:
            self._ballast.give_up()
        return refused

    def look(self, account: AccountID) -> tuple[object, ModSeq | None]:
        """What shows whether an account has changed, in a thread: a mark to compare, or the modseq itself.

        An open account says its modseq, at the cost of one row. Of a closed one the mark is the times and sizes of its files.
        """
        opened = self._table.get(account)
        if opened is not None and opened.lock.acquire(blocking=False):
            try:
                if opened.main is not None:
                    return None, _modseq(opened.main)
            finally:
                opened.lock.release()
        return tuple(_times(self.folder(account) / name) for name in (FILE, FILE + "-wal")), None

    def peek(self, account: AccountID) -> ModSeq | None:
        """The modseq of an account that stays closed, in a thread; None if it has no file yet or cannot be read now."""
        path = self.folder(account) / FILE
        if not path.exists():
            return None
        try:
            connection = connect(path, Patience(self._settings.busy_seconds), self._settings.cache_octets)
        except apsw.Error:
            return None  # who opens the account in earnest is told
        try:
            return _modseq(connection)
        except apsw.Error:
            return None
        finally:
            connection.close()

    def readmit_sound(self) -> None:
        """Lets stopped accounts be used again whose file SQLite finds consistent, in a thread; the contents are for `verify`."""
        for account in self._damaged.stopped():
            if _is_sound(self.folder(account) / FILE):
                self._damaged.readmit(account)

    def tend(self) -> None:
        """Gives open accounts that nobody uses this moment their upkeep, step by step in turn, in a thread and for TEND_SECONDS."""
        if not self._tending.acquire(blocking=False):
            return  # the last look's upkeep takes long: the disk is slow
        try:
            until = time.monotonic() + TEND_SECONDS
            waiting = list(self._table.values())
            while waiting and time.monotonic() < until:
                waiting = [opened for opened in waiting if time.monotonic() < until and self._tend_one(opened)]
        finally:
            self._tending.release()

    def close_idle(self) -> None:
        """Closes what was not used for `idle_seconds`, is damaged or holds too much memory, in a thread."""
        limit = time.monotonic() - self._settings.idle_seconds
        stopped = set(self._damaged.stopped())
        for account, opened in list(self._table.items()):
            if opened.last_used < limit or account in stopped:
                self._close(opened, checkpoint=account not in stopped)
        held = sorted(
            ((opened.last_used, opened.octets(), opened) for opened in list(self._table.values())), key=itemgetter(0)
        )
        total = sum(octets for _, octets, _ in held)
        for _, octets, opened in held:
            if total > self._settings.memory_octets and self._close(opened, checkpoint=True):
                total -= octets

    def close_all(self) -> None:
        """Closes every account; nobody uses one any more, once upkeep under way has ended."""
        stopped = set(self._damaged.stopped())
        with self._tending:
            for account, opened in list(self._table.items()):
                self._close(opened, checkpoint=account not in stopped)

    def _enter(self, account: AccountID) -> OpenAccount:
        with self._lock:
            opened = self._table.get(account)
            if opened is None:
                opened = self._table[account] = OpenAccount(account, self.folder(account), self._settings)
            opened.users += 1
            return opened

    def _open(self, opened: OpenAccount) -> None:
        if opened.main is not None:
            return  # another thread was faster
        now = int(self._clock())
        try:
            opened.open(now)
        except apsw.Error as error:
            refused = refusal(error, None)
            if refused is None or refused.reason is not Reason.DISK_FULL or not self._ballast.give_up():
                raise
            opened.open(now)  # there is room now: the ballast was still there
        self._on_open(opened.id)

    def _tend_one(self, opened: OpenAccount) -> bool:
        """One step of upkeep; whether there was something to do, so that the account stays open for the next."""
        if not opened.lock.acquire(blocking=False):
            return False
        try:
            self._damaged.check(opened.id)
            with self.judged(opened):
                done = opened.tend(int(self._clock()))
        except Refused:
            return False  # judged; a full disk or another process at work is for the next time
        finally:
            opened.lock.release()
        if done:
            opened.last_used = time.monotonic()
        return done

    def _close_oldest(self) -> None:
        while len(self._table) > self._settings.open_accounts:
            with self._lock:
                idle = [opened for opened in self._table.values() if not opened.users]
            if not idle or not self._close(min(idle, key=lambda opened: opened.last_used), checkpoint=True):
                return  # all are in use: the next one to leave closes what is too many

    def _close(self, opened: OpenAccount, *, checkpoint: bool) -> bool:
        with self._lock:
            if opened.users or self._table.get(opened.id) is not opened or not opened.lock.acquire(blocking=False):
                return False
            del self._table[opened.id]
        try:
            with self.judged(opened):
                opened.close(checkpoint=checkpoint)
        except Refused:
            pass  # judged: the account is stopped or the ballast given up; what was acknowledged is in the WAL
        finally:
            opened.lock.release()
        return True


def _modseq(connection: apsw.Connection) -> ModSeq:
    return ModSeq(connection.execute("SELECT modseq FROM account").get)


def _times(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def _is_sound(path: Path) -> bool:
    try:
        connection = connect(path, Patience(0), 0)
    except apsw.Error:
        return False
    try:
        return bool(connection.pragma("quick_check") == "ok")
    except apsw.Error:
        return False
    finally:
        connection.close()
