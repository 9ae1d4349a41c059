"""One commit for several writes.

Invariants:
- Order: each write under a savepoint, one COMMIT (flushed), then the caches in the order of the writes; only then is anybody told.
- A write that raises is undone alone; an error that takes the whole transaction with it refuses all of the group.
- A write whose caller has gone before it ran is left out.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import apsw

from bustia.model.numbers import ModSeq
from bustia.model.reason import Reason, Refused
from bustia.store.api import WriteTxn
from bustia.store.sqlite.ballast import FullDiskTxn
from bustia.store.sqlite.open_account import OpenAccount
from bustia.store.sqlite.open_accounts import OpenAccounts
from bustia.store.sqlite.write_txn import SqliteWriteTxn


@dataclass(slots=True)
class Write:
    """One `fn` that waits to be run, its caller, and then what came of it: `result`, or `error` when that is not None."""

    fn: Callable[[WriteTxn], object]
    waiter: asyncio.Future[object] | None = None  # None while it runs in its caller's own step
    result: object = None
    error: BaseException | None = None

    def tell(self) -> None:
        """Wakes the caller, in the event loop's thread."""
        if self.waiter is None or self.waiter.done():
            return
        if self.error is not None:
            self.waiter.set_exception(self.error)
        else:
            self.waiter.set_result(self.result)


@dataclass(frozen=True, slots=True)
class Group:
    """What one commit held, and the highest modseq that it reached; None if nothing changed."""

    writes: list[Write]
    modseq: ModSeq | None


class GroupCommit:
    """Runs groups of writes on open accounts."""

    def __init__(self, accounts: OpenAccounts, clock: Callable[[], float], full: Callable[[], bool]) -> None:
        self._accounts = accounts
        self._clock = clock
        self._full = full

    def run(self, opened: OpenAccount, waiting: deque[Write], seconds: float) -> Group:
        """Commits writes from the head of `waiting`, at least one, no further ones after `seconds`; the account's lock is held.

        Raises apsw.BusyError, with nothing taken, when another process writes and waiting is not allowed or was in vain.
        """
        connection = opened.main
        if connection is None:
            raise RuntimeError("a group needs an open account")
        transaction = FullDiskTxn if self._full() else SqliteWriteTxn
        connection.execute("BEGIN IMMEDIATE")
        now = int(self._clock())
        until = time.monotonic() + seconds
        writes: list[Write] = []
        done: list[SqliteWriteTxn] = []
        try:
            while waiting and (not writes or time.monotonic() < until):
                write = waiting.popleft()
                if write.waiter is not None and write.waiter.cancelled():
                    continue
                writes.append(write)
                txn = transaction(connection, now, opened.cache, None)
                if self._run_one(opened, connection, write, txn):
                    done.append(txn)
            connection.execute("COMMIT")
        except apsw.Error as error:
            refuse_all(writes, self._accounts.judge(opened, error) or error)
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return Group(writes, None)
        modseq: ModSeq | None = None
        for txn in done:
            txn.publish()
            modseq = txn.modseq_reached or modseq
        return Group(writes, modseq)

    def _run_one(self, opened: OpenAccount, connection: apsw.Connection, write: Write, txn: SqliteWriteTxn) -> bool:
        """Runs one write under its savepoint; whether it stands. Raises apsw.Error where that is the end of the whole transaction."""
        connection.execute("SAVEPOINT write")
        try:
            write.result = write.fn(txn)
        except apsw.Error as error:
            refused = self._accounts.judge(opened, error)
            if not connection.in_transaction or (refused is not None and refused.reason is Reason.DAMAGED):
                raise
            write.error = refused or error
        except BaseException as error:  # whatever it is, it is the caller's
            write.error = error
        else:
            connection.execute("RELEASE write")
            return True
        connection.execute("ROLLBACK TO write")
        connection.execute("RELEASE write")
        return False


def refuse_all(writes: list[Write], error: BaseException) -> None:
    """Gives every write the same error, each a fresh one where it is a refusal: an exception collects the traces of those who raise it."""
    for write in writes:
        write.error = Refused(error.reason, error.text) if isinstance(error, Refused) else error
