"""A few threads that work off one queue, and the way back to the event loop.

Invariant: a task given to `submit` never raises into its thread; `run` carries what was raised to the awaiting task.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Threads:
    """`count` threads named `name`; started with `start`, ended by `stop` after all that was submitted."""

    def __init__(self, name: str, count: int) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def submit(self, task: Callable[[], None]) -> None:
        """Has `task` done by one of the threads, in the order of submission."""
        self._tasks.put(task)

    async def run(self, fn: Callable[[], T]) -> T:
        """The result of `fn`, called in one of the threads; raises what it raises. A cancelled wait does not stop `fn`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def task() -> None:
            try:
                result = fn()
            except BaseException as error:  # the awaiting task is the one to judge it
                loop.call_soon_threadsafe(_fail, future, error)
            else:
                loop.call_soon_threadsafe(_succeed, future, result)

        self._tasks.put(task)
        return await future

    def stop(self) -> None:
        """Waits until all submitted tasks are done and the threads have ended."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except Exception:
                _log.exception("a task of the store failed")
            del task  # an idle thread keeps nothing alive


def _succeed(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[T], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
