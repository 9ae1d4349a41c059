"""Watches in one process: who is told what, and until when."""

from __future__ import annotations

import asyncio
from pathlib import Path

import loops
from bustia.model.numbers import ModSeq
from stores import ALICE, BOB, append, open_store, soon


def test_all_watchers_of_the_account_are_told_and_no_others(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            one: list[int] = []
            two: list[int] = []
            other: list[int] = []
            store.account(ALICE).watch(one.append)
            store.account(ALICE).watch(two.append)
            store.account(BOB).watch(other.append)
            await store.account(ALICE).write(append)
            modseq = await store.account(ALICE).read(lambda txn: txn.modseq())
            await soon(lambda: bool(one and two))
            assert one == two == [modseq]
            assert other == []

    loops.run(run())


def test_a_watch_ends(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            kept: list[int] = []
            ended: list[int] = []
            store.account(ALICE).watch(kept.append)
            end = store.account(ALICE).watch(ended.append)
            end()
            end()
            await store.account(ALICE).write(append)
            await soon(lambda: bool(kept))
            assert ended == []

    loops.run(run())


def test_a_watch_that_ended_and_one_that_began_again_do_not_mix(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            end = account.watch(lambda modseq: None)
            end()
            told: list[int] = []
            account.watch(told.append)
            end()
            await account.write(append)
            await soon(lambda: bool(told))

    loops.run(run())


def test_a_watcher_that_fails_does_not_keep_the_others_from_hearing(tmp_path: Path) -> None:
    def fail(modseq: ModSeq) -> None:
        raise RuntimeError("made up")

    async def run() -> None:
        async with open_store(tmp_path) as store:
            told: list[int] = []
            store.account(ALICE).watch(fail)
            store.account(ALICE).watch(told.append)
            await store.account(ALICE).write(append)
            await soon(lambda: bool(told))

    loops.run(run())


def test_modseqs_only_rise(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            told: list[int] = []
            account = store.account(ALICE)
            account.watch(told.append)
            await asyncio.gather(*(account.write(append, heavy=bool(number % 2)) for number in range(50)))
            modseq = await account.read(lambda txn: txn.modseq())
            await soon(lambda: told[-1:] == [modseq])
            assert told == sorted(set(told))

    loops.run(run())
