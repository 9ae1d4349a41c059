"""Reads through the seam: one state each, and in which thread."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

import loops
from bustia.store.api import ReadTxn
from bustia.store.sqlite.reader import WARM_SECONDS
from stores import ALICE, append, open_store, uids


class Mishap(Exception):
    pass


def fail(txn: ReadTxn) -> None:
    raise Mishap


def where(txn: ReadTxn) -> str:
    return threading.current_thread().name


def take_long(txn: ReadTxn) -> None:
    until = time.monotonic() + 2 * WARM_SECONDS
    while time.monotonic() < until:
        txn.modseq()


@pytest.mark.parametrize("heavy", [False, True])
def test_what_a_read_raises_is_the_callers_and_the_next_one_works(tmp_path: Path, heavy: bool) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            for _ in range(3):
                with pytest.raises(Mishap):
                    await account.read(fail, heavy=heavy)
                assert await account.read(uids, heavy=heavy) == []

    loops.run(run())


def test_a_read_sees_one_state_while_others_write(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await account.write(append)
            began, go_on = threading.Event(), threading.Event()

            def slow(txn: ReadTxn) -> tuple[list[int], list[int]]:
                before = uids(txn)
                began.set()
                assert go_on.wait(loops.HANG)
                return before, uids(txn)

            def wait_for_it(txn: ReadTxn) -> None:
                assert began.wait(loops.HANG)

            reading = asyncio.create_task(account.read(slow, heavy=True))
            await account.read(wait_for_it, heavy=True)
            await account.write(append)
            go_on.set()
            assert await reading == ([1], [1])
            assert await account.read(uids) == [1, 2]

    loops.run(run())


def test_a_light_read_stays_in_the_loops_thread_while_reads_are_fast(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            here = threading.current_thread().name
            assert await account.read(where) != here, "opening files is nothing for the event loop"
            seen = [await account.read(where) for _ in range(100)]
            assert here in seen
            await account.read(take_long)
            assert await account.read(where) != here
            assert await account.read(where, heavy=True) != here

    loops.run(run())
