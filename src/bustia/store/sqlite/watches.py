"""Who wants to be told of changes of an account, and the look every few seconds that makes up for lost notices.

Invariants:
- Everything but `_look_at` happens in the event loop's thread; `told` is called from the loop itself, never from inside a write.
- A watcher is told a modseq only if it is above the last one it was told.
- A closed account is read again once more after each change of its files: two changes within one tick of the file system's clock
  leave the same time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from bustia.model.numbers import AccountID, ModSeq
from bustia.store.sqlite.open_accounts import OpenAccounts
from bustia.store.sqlite.threads import Threads

LOOKS_AT_ONCE = 200  # accounts in one task of a reader thread: about 1 ms, so that reads are not kept waiting

_log = logging.getLogger(__name__)


class Watched:
    """One account with its watchers; `mark` is what the last look saw."""

    __slots__ = ("again", "mark", "modseq", "told")

    def __init__(self) -> None:
        self.told: list[Callable[[ModSeq], None]] = []
        self.modseq = ModSeq(0)  # the highest that the watchers were told
        self.mark: object = None
        self.again = True


class Watches:
    """The watched accounts of one process."""

    def __init__(self, accounts: OpenAccounts, threads: Threads, seconds: float) -> None:
        self._accounts = accounts
        self._threads = threads
        self._seconds = seconds
        self._watched: dict[AccountID, Watched] = {}

    def add(self, account: AccountID, told: Callable[[ModSeq], None]) -> Callable[[], None]:
        """Begins a watch; what it returns ends it, and is safe to call twice."""
        watched = self._watched.setdefault(account, Watched())
        watched.told.append(told)

        def end() -> None:
            if told in watched.told:
                watched.told.remove(told)
            if not watched.told and self._watched.get(account) is watched:
                del self._watched[account]

        return end

    def changed(self, account: AccountID, modseq: ModSeq) -> None:
        """Tells the watchers of an account, in the next turn of the event loop."""
        watched = self._watched.get(account)
        if watched is not None and modseq > watched.modseq:
            watched.modseq = modseq
            asyncio.get_running_loop().call_soon(_tell, watched, modseq)

    async def keep_looking(self, between: Callable[[], None]) -> None:
        """Looks at the watched accounts every few seconds until cancelled; calls `between` each time."""
        while True:
            await asyncio.sleep(self._seconds)
            between()
            try:
                await self.look()
            except Exception:
                _log.exception("the watched accounts were not looked at")

    async def look(self) -> None:
        """Looks once at every watched account."""
        watched = list(self._watched.items())
        for start in range(0, len(watched), LOOKS_AT_ONCE):
            some = watched[start : start + LOOKS_AT_ONCE]
            for account, modseq in await self._threads.run(partial(self._look_at, some)):
                self.changed(account, modseq)

    def _look_at(self, some: list[tuple[AccountID, Watched]]) -> list[tuple[AccountID, ModSeq]]:
        found = []
        for account, watched in some:
            mark, modseq = self._accounts.look(account)
            if modseq is None and (watched.again or mark != watched.mark):
                modseq = self._accounts.peek(account)
            watched.again = mark != watched.mark
            watched.mark = mark
            if modseq is not None:
                found.append((account, modseq))
        return found


def _tell(watched: Watched, modseq: ModSeq) -> None:
    for told in tuple(watched.told):
        try:
            told(modseq)
        except Exception:
            _log.exception("a watcher of changes failed")
