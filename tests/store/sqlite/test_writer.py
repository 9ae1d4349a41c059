"""Writes through the seam: what stands, what is undone, in which order, and what the event loop's thread does itself."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import apsw
import pytest

import loops
from bustia.model.mailbox import MailboxName
from bustia.model.numbers import ModSeq
from bustia.model.reason import Reason, Refused
from bustia.store.api import WriteTxn
from bustia.store.sqlite.writer import Pace
from stores import ALICE, BOB, append, make_store, open_store, uids


class Mishap(Exception):
    pass


def fail(txn: WriteTxn) -> None:
    append(txn)
    raise Mishap


def where(txn: WriteTxn) -> str:
    return threading.current_thread().name


@pytest.mark.parametrize("heavy", [False, True])
def test_a_write_that_raises_leaves_nothing(tmp_path: Path, heavy: bool) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            with pytest.raises(Mishap):
                await account.write(fail, heavy=heavy)
            assert await account.read(uids) == []

    loops.run(run())


@pytest.mark.parametrize("heavy", [False, True])
def test_of_many_at_once_one_fails_and_the_others_stand(tmp_path: Path, heavy: bool) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await account.read(uids)  # opens the files
            calls = [fail if number == 7 else append for number in range(40)]
            got = await asyncio.gather(*(account.write(call, heavy=heavy) for call in calls), return_exceptions=True)
            assert isinstance(got.pop(7), Mishap)
            assert got == list(range(1, 40)), "the order of the calls is the order of the writes"
            assert await account.read(uids) == list(range(1, 40))

    loops.run(run())


@pytest.mark.usefixtures("whole_groups")
def test_many_writes_share_commits(tmp_path: Path) -> None:
    async def run() -> None:
        told: list[int] = []
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await account.read(uids)
            account.watch(told.append)
            await asyncio.gather(*(account.write(append) for _ in range(200)))
            assert len(told) < 100, "watchers are told once for each commit"
            assert told == sorted(told)

    loops.run(run())


@pytest.mark.usefixtures("whole_groups")
def test_writers_that_come_together_wait_for_each_other(tmp_path: Path) -> None:
    async def run() -> None:
        told: list[int] = []
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await account.write(append)
            account.watch(told.append)

            async def write() -> None:
                for _ in range(20):
                    await account.write(append)

            await asyncio.gather(*(write() for _ in range(8)))
            assert len(told) < 30, "one commit a turn, after the first turn"

    loops.run(run())


def test_a_refusal_from_inside_is_the_callers(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            for heavy in (True, False):
                with pytest.raises(Refused) as refused:
                    await account.write(lambda txn: txn.delete_mailbox(MailboxName("None")), heavy=heavy)
                assert refused.value.reason is Reason.NOT_FOUND

    loops.run(run())


def test_a_lone_light_write_stays_in_the_loops_thread_once_the_account_is_open(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            here = threading.current_thread().name
            assert await account.write(where) != here, "opening files is nothing for the event loop"
            assert await account.write(where) == here
            assert await account.write(where, heavy=True) != here

    loops.run(run())


def test_what_waits_behind_another_process_leaves_the_loops_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleepers: list[str] = []
    sleep = time.sleep

    def noted_sleep(seconds: float) -> None:
        sleepers.append(threading.current_thread().name)
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", noted_sleep)

    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await account.write(append)
            other = apsw.Connection(str(tmp_path / "accounts" / str(ALICE) / "mail.db"))
            other.execute("BEGIN IMMEDIATE")
            write = asyncio.create_task(account.write(where))
            await asyncio.sleep(0)
            await store.account(BOB).write(append)  # the loop goes on, another account is written
            assert not write.done()
            other.execute("ROLLBACK")
            other.close()
            assert await write != threading.current_thread().name
            assert threading.current_thread().name not in sleepers

    loops.run(run())


def test_a_cancelled_write_that_did_not_run_is_left_out(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await account.write(append)
            tasks = [asyncio.create_task(account.write(append)) for _ in range(3)]
            await asyncio.sleep(0)  # the first has run, the others wait for the end of the turn
            tasks[2].cancel()
            assert await asyncio.gather(*tasks[:2]) == [2, 3]
            assert await account.read(uids) == [1, 2, 3]

    loops.run(run())


def test_the_caller_is_told_after_the_flush_and_before_the_watchers(tmp_path: Path) -> None:
    async def run() -> None:
        events: list[str] = []
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await account.write(append)
            account.watch(lambda modseq: events.append("watcher"))

            async def write(heavy: bool) -> None:
                await account.write(append, heavy=heavy)
                events.append("caller")

            await asyncio.gather(write(False))
            await asyncio.gather(write(True))
            await asyncio.sleep(0)
        assert events == ["caller", "watcher"] * 2

    loops.run(run())


def test_nothing_is_told_of_a_write_that_changed_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        told: list[ModSeq] = []
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            account.watch(told.append)
            await account.write(lambda txn: txn.modseq())
            await asyncio.sleep(0)
        assert told == []

    loops.run(run())


def test_closing_waits_for_what_is_under_way_and_takes_no_more(tmp_path: Path) -> None:
    async def run() -> None:
        store = make_store(tmp_path)
        await store.start()
        account = store.account(ALICE)
        writes = [asyncio.create_task(account.write(append, heavy=True)) for _ in range(5)]
        await asyncio.sleep(0)
        await store.aclose()
        assert await asyncio.gather(*writes) == [1, 2, 3, 4, 5]
        with pytest.raises(Refused):
            await account.write(append)

    loops.run(run())


def test_a_slow_commit_sends_the_next_ones_through_a_thread() -> None:
    pace = Pace(0.5)
    assert pace.quick()
    pace.note(0.4)
    assert pace.quick()
    pace.note(0.6)
    assert not pace.quick()
