"""How a test runs a coroutine: on the standard event loop or on uvloop, with a guard against hanging for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

HANG = 30.0  # seconds; no test takes a tenth of it, so whoever gets here waits for what never comes

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


def run(scenario: Coroutine[Any, Any, T], loop: str = "asyncio") -> T:
    """What `scenario` returns."""

    async def guarded() -> T:
        async with asyncio.timeout(HANG):
            return await scenario

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(guarded())


async def turns_while(waiting: Awaitable[object]) -> int:
    """How many turns of the loop another task gets while `waiting` runs."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await waiting
    task.cancel()
    return turns
