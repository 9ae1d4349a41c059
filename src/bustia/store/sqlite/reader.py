"""The way from `await account.read(fn)` to one state of the account and back.

Invariants:
- A light read runs in the event loop's thread only while the account is open, free and warm: the last light read was fast, so its
  pages need no disk. A slow one sends the next through a thread, until one there is fast again (design §2, rule 15).
- What runs in a thread while a commit is flushed reads through a connection of its own and waits for nobody.
- A read ends by ROLLBACK: a statement left unfinished by `fn` cannot keep its state alive and stop checkpoints.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import apsw

from bustia.model.numbers import AccountID
from bustia.store.api import ReadTxn
from bustia.store.sqlite.open_account import OpenAccount
from bustia.store.sqlite.open_accounts import OpenAccounts
from bustia.store.sqlite.read_txn import SqliteReadTxn
from bustia.store.sqlite.text_index import TextIndex
from bustia.store.sqlite.threads import Threads

T = TypeVar("T")

WARM_SECONDS = 0.002  # a light read (500 rows, 0.15 ms) that takes longer met the disk


class Reader:
    """All reading of one process."""

    def __init__(
        self,
        accounts: OpenAccounts,
        threads: Threads,
        clock: Callable[[], float],
        lagging: Callable[[AccountID], None],
    ) -> None:
        self._accounts = accounts
        self._lagging = lagging
        self._threads = threads
        self._clock = clock

    async def read(self, account: AccountID, fn: Callable[[ReadTxn], T], heavy: bool) -> T:
        """Runs `fn` as `Account.read` promises."""
        opened = None if heavy else self._accounts.for_loop(account)
        if opened is not None:
            try:
                if opened.warm and opened.main is not None:
                    return self._light(opened, opened.main, fn)
            except apsw.BusyError:
                pass  # another process recovers or empties the WAL: a thread can wait for it
            except apsw.Error as error:
                raise self._accounts.judge(opened, error) or error from error
            finally:
                opened.leave_loop()
        return await self._threads.run(partial(self._in_thread, account, fn, heavy))

    def _in_thread(self, account: AccountID, fn: Callable[[ReadTxn], T], heavy: bool) -> T:
        with self._accounts.inside(account) as opened:
            if not heavy and opened.lock.acquire(blocking=False):
                try:
                    if opened.main is not None:
                        return self._light(opened, opened.main, fn)
                finally:
                    opened.lock.release()
            with opened.reader() as connection:
                return self._run(opened, connection, fn)

    def _light(self, opened: OpenAccount, connection: apsw.Connection, fn: Callable[[ReadTxn], T]) -> T:
        started = time.monotonic()
        try:
            return self._run(opened, connection, fn)
        finally:
            opened.warm = time.monotonic() - started < WARM_SECONDS

    def _run(self, opened: OpenAccount, connection: apsw.Connection, fn: Callable[[ReadTxn], T]) -> T:
        connection.execute("BEGIN")
        index = TextIndex(opened.search_path, connection, partial(self._lagging, opened.id))
        try:
            with index:
                return fn(SqliteReadTxn(connection, int(self._clock()), opened.cache, index))
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
