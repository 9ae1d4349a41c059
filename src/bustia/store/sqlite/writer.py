"""The way from `await account.write(fn)` to a group commit and back.

Invariants:
- One account's writes run in the order of their calls, and never two groups at once: its queue is worked off either by the event
  loop's thread or by one writer thread. A `WriteQueue` changes in the event loop's thread only, but for the
  writer thread's taking from the head of the queue.
- Order: commit, caches, callers, watchers, other processes. A caller is told after the flush.
- Writes that arrive in one turn of the event loop share a commit. Where only one account has any, the loop's thread does it
  itself if that has been fast: a flush here takes 0.1 ms, and a thread would need the GIL back after each statement. One that took
  longer than `quick_seconds` sends all writes through the threads for a second, doubled each time: a disk that turned
  slow stalls the loop once in that time, for one flush. Busy, cold and heavy go to a thread at once.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar, cast

import apsw

from bustia.model.numbers import AccountID, ModSeq
from bustia.model.reason import Reason, Refused
from bustia.store.api import WriteTxn
from bustia.store.sqlite.group import Group, GroupCommit, Write, refuse_all
from bustia.store.sqlite.open_accounts import OpenAccounts
from bustia.store.sqlite.threads import Threads

T = TypeVar("T")

INLINE_SECONDS = 0.001  # the loop's thread adds writes to its group for so long
GROUP_SECONDS = 0.05  # a thread does; other processes wait meanwhile (design §2, rule 14)
FIRST_REST = 1.0  # seconds
LONGEST_REST = 60.0  # seconds


@dataclass(slots=True, eq=False)
class WriteQueue:
    """The writes of one account that wait; `at_work` while a writer thread has the account. Changed by `Writer` alone."""

    id: AccountID
    writes: deque[Write] = field(default_factory=deque)
    at_work: bool = False


class Pace:
    """Whether commits in the event loop's thread have been fast."""

    __slots__ = ("_quick_seconds", "_rest", "_until")

    def __init__(self, quick_seconds: float) -> None:
        self._quick_seconds = quick_seconds
        self._rest = FIRST_REST
        self._until = 0.0

    def quick(self) -> bool:
        return not self._until or time.monotonic() >= self._until

    def note(self, seconds: float) -> None:
        """Takes in how long a commit in the loop's thread took."""
        if seconds > self._quick_seconds:
            self._until = time.monotonic() + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
        elif self._until:
            self._until = 0.0
        elif self._rest > FIRST_REST:
            self._rest *= 0.99  # some hundred fast ones forgive a slow one


class Writer:
    """All writing of one process."""

    def __init__(
        self,
        accounts: OpenAccounts,
        group: GroupCommit,
        threads: Threads,
        changed: Callable[[AccountID, ModSeq], None],
        quick_seconds: float,
    ) -> None:
        self._accounts = accounts
        self._group = group
        self._threads = threads
        self._changed = changed
        self._pace = Pace(quick_seconds)
        self._arrived: list[WriteQueue] = []  # accounts with writes of this turn of the loop
        self._writes_this_turn = 0
        self._crowded = False  # the last turn had several writes: the first of this one waits for its companions
        self._at_work: set[WriteQueue] = set()
        self._closed = False
        self._finished: asyncio.Future[None] | None = None

    async def close(self) -> None:
        """Takes no more writes and waits for those under way."""
        self._closed = True
        await asyncio.sleep(0)  # the turn in which the last ones arrived ends
        if self._at_work:
            self._finished = asyncio.get_running_loop().create_future()
            await self._finished

    async def write(self, queue: WriteQueue, fn: Callable[[WriteTxn], T], heavy: bool) -> T:
        """Runs `fn` as `Account.write` promises."""
        if self._closed:
            raise Refused(Reason.BUSY, "The store is closing")
        loop = asyncio.get_running_loop()
        if not self._writes_this_turn:
            loop.call_soon(self._end_turn)
        self._writes_this_turn += 1
        write = Write(fn)
        if not heavy and not self._crowded and self._writes_this_turn == 1 and not queue.writes and not queue.at_work:
            queue.writes.append(write)
            if self._inline(queue):
                if write.error is not None:
                    raise write.error
                return cast(T, write.result)
            write.waiter = loop.create_future()
        else:
            write.waiter = loop.create_future()
            queue.writes.append(write)
        if heavy:
            self._to_thread(queue)
        else:
            self._arrived.append(queue)
        return cast(T, await write.waiter)

    def _end_turn(self) -> None:
        """Works off what arrived in this turn of the event loop."""
        self._crowded = self._writes_this_turn > 1
        self._writes_this_turn = 0
        arrived, self._arrived = self._arrived, []
        single = len(set(arrived)) == 1
        for queue in arrived:
            if queue.writes and not queue.at_work and not (single and self._inline(queue)):
                self._to_thread(queue)

    def _inline(self, queue: WriteQueue) -> bool:
        """Commits the account's queue in this thread, if that may be done and is likely to be quick; whether the queue is empty now."""
        try:
            opened = self._accounts.for_loop(queue.id) if self._pace.quick() else None
        except Refused:
            return False  # the thread finds out again, and tells all who wait
        if opened is None:
            return False
        started = time.monotonic()
        try:
            group = self._group.run(opened, queue.writes, INLINE_SECONDS)
        except apsw.Error:
            return False  # another process writes, or worse: nothing was taken from the queue
        finally:
            due = opened.checkpoint_due(hurried=False)
            opened.leave_loop()
        self._pace.note(time.monotonic() - started)
        self._tell(queue, group)
        if due or queue.writes:
            self._to_thread(queue)
        return True

    def _to_thread(self, queue: WriteQueue) -> None:
        if queue.at_work:
            return
        queue.at_work = True
        self._at_work.add(queue)
        self._threads.submit(partial(self._work_off, queue, asyncio.get_running_loop()))

    def _work_off(self, queue: WriteQueue, loop: asyncio.AbstractEventLoop) -> None:
        """In a writer thread: group after group until the queue is empty, and the checkpoints that are due."""
        group: Group | None = None
        failure: BaseException | None = None
        try:
            with self._accounts.inside(queue.id) as opened:
                at_work = True
                while at_work:
                    with opened.lock:
                        group = self._group.run(opened, queue.writes, GROUP_SECONDS) if queue.writes else None
                        at_work = bool(queue.writes)
                        due = opened.checkpoint_due(hurried=at_work)
                        if group is not None and (at_work or due):
                            loop.call_soon_threadsafe(self._tell, queue, group)
                            group = None
                        if due:
                            opened.checkpoint()
        except BaseException as error:  # a bug or a refusal to open: all who wait get it
            failure = error
        loop.call_soon_threadsafe(self._left, queue, group, failure)

    def _tell(self, queue: WriteQueue, group: Group) -> None:
        for write in group.writes:
            write.tell()
        if group.modseq is not None:
            self._changed(queue.id, group.modseq)

    def _left(self, queue: WriteQueue, group: Group | None, failure: BaseException | None) -> None:
        queue.at_work = False
        self._at_work.discard(queue)
        if group is not None:
            self._tell(queue, group)
        if failure is not None:
            writes = list(queue.writes)
            queue.writes.clear()
            refuse_all(writes, failure)
            for write in writes:
                write.tell()
        if queue.writes:
            self._to_thread(queue)
        elif not self._at_work and self._finished is not None:
            self._finished.set_result(None)
