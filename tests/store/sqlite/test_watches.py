"""Watches in one process: who is told what, and until when."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import loops
from bustia.model.numbers import AccountID, ModSeq
from bustia.store.sqlite.threads import Threads
from bustia.store.sqlite.watches import Watches
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


class ClosedAccount:
    """An account without open files, whose modseq rises although its files keep their times."""

    def __init__(self) -> None:
        self.modseq = 1
        self.times = 1
        self.peeks = 0

    def look(self, account: AccountID) -> tuple[object, ModSeq | None]:
        return self.times, None

    def peek(self, account: AccountID) -> ModSeq:
        self.peeks += 1
        return ModSeq(self.modseq)


@contextmanager
def watches_of(account: ClosedAccount) -> Iterator[Watches]:
    threads = Threads("test", 1)
    threads.start()
    yield Watches(account, threads, 3600)  # type: ignore[arg-type]  # the two that a look needs
    threads.stop()


def test_a_second_change_within_one_tick_of_the_file_systems_clock_is_seen() -> None:
    account = ClosedAccount()

    async def run() -> None:
        told: list[int] = []
        with watches_of(account) as watches:
            watches.add(ALICE, told.append)
            for _ in range(3):
                await watches.look()
            account.modseq, account.times = 2, 2
            await watches.look()
            account.modseq = 3  # the files' times stay
            await watches.look()
            await soon(lambda: told == [1, 2, 3])

    loops.run(run())


def test_files_that_stay_the_same_are_not_read_again() -> None:
    account = ClosedAccount()

    async def run() -> None:
        with watches_of(account) as watches:
            watches.add(ALICE, lambda modseq: None)
            for _ in range(10):
                await watches.look()

    loops.run(run())
    assert account.peeks == 2, "at the first look, and once more after it"


def test_an_older_notice_is_not_told() -> None:
    async def run() -> None:
        told: list[int] = []
        with watches_of(ClosedAccount()) as watches:
            watches.add(ALICE, told.append)
            for modseq in (5, 4, 5, 6):
                watches.changed(ALICE, ModSeq(modseq))
            await soon(lambda: told[-1:] == [6])
            assert told == [5, 6]

    loops.run(run())
