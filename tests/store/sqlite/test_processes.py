"""Several processes on one store: nothing acknowledged is lost, and each hears of the others' changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import apsw

import loops
from stores import ALICE, NEVER_LOOKS, append, ask, open_store, other_process, soon, uids

LOOKS = replace(NEVER_LOOKS, look_seconds=0.02)


def test_what_a_killed_process_acknowledged_is_there(tmp_path: Path) -> None:
    with other_process(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("100000\n")
        process.stdin.flush()
        acknowledged = [int(process.stdout.readline()) for _ in range(50)]
        process.kill()
        acknowledged += [int(line) for line in process.stdout.read().split("\n")[:-1]]

    async def run() -> None:
        async with open_store(tmp_path) as store:
            found = await store.account(ALICE).read(uids)
            assert found[: len(acknowledged)] == acknowledged
            assert len(found) <= len(acknowledged) + 1, "at most the one that was being acknowledged"
            assert await store.account(ALICE).write(append) == found[-1] + 1

    loops.run(run())
    connection = apsw.Connection(str(tmp_path / "accounts" / str(ALICE) / "mail.db"))
    assert connection.pragma("integrity_check") == "ok"
    connection.close()


def test_two_processes_write_one_account(tmp_path: Path) -> None:
    async def run() -> None:
        with other_process(tmp_path) as process:
            async with open_store(tmp_path) as store:
                account = store.account(ALICE)
                theirs = asyncio.create_task(asyncio.to_thread(ask, process, 100))
                ours: list[int] = []
                while not theirs.done() or len(ours) < 100:
                    ours += await asyncio.gather(*(account.write(append) for _ in range(4)))
                    await asyncio.sleep(0)
                both = ours + await theirs
                assert len(set(both)) == len(both), "no UID is given twice"
                assert await account.read(uids) == sorted(both)
                assert ours == sorted(ours)

    loops.run(run())


def test_a_change_of_another_process_is_told_by_the_bus(tmp_path: Path) -> None:
    async def run() -> None:
        with other_process(tmp_path) as process:
            async with open_store(tmp_path, NEVER_LOOKS) as store:
                told: list[int] = []
                store.account(ALICE).watch(told.append)
                uid = (await asyncio.to_thread(ask, process, 1))[-1]
                await soon(lambda: bool(told))
                assert await store.account(ALICE).read(lambda txn: txn.modseq()) >= told[-1]
                assert await store.account(ALICE).read(uids) == [uid]

    loops.run(run())


def test_a_change_is_told_although_its_notice_was_lost(tmp_path: Path) -> None:
    async def run(open_first: bool) -> None:
        with other_process(tmp_path) as process:
            async with open_store(tmp_path, LOOKS) as store:
                account = store.account(ALICE)
                if open_first:
                    await account.write(append)
                for path in (tmp_path / "bus").iterdir():
                    path.unlink()  # nobody finds anybody any more
                told: list[int] = []
                account.watch(told.append)
                await soon(lambda: bool(told))  # the first look, which has nothing to compare with
                before = await account.read(lambda txn: txn.modseq()) if open_first else told[-1]
                await asyncio.to_thread(ask, process, 1)
                await soon(lambda: told[-1] > before)

    for open_first in (True, False):
        loops.run(run(open_first))


def test_a_socket_that_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            with other_process(tmp_path):
                assert len(list((tmp_path / "bus").iterdir())) == 2
            await account.write(append)
            await soon(lambda: len(list((tmp_path / "bus").iterdir())) == 1)

    loops.run(run())
