"""Which accounts have open files, and for how long."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import apsw

import loops
from bustia.model.numbers import AccountID
from bustia.store.sqlite.open_account import CHECKPOINT_OCTETS, OpenAccount
from stores import ALICE, NEVER_LOOKS, append, open_store, soon, uids


def open_files(root: Path) -> set[str]:
    """Names below `root` of the files that this process holds open."""
    links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))
    found = {os.readlink(link) for link in links if link.is_symlink()}
    return {str(Path(name).relative_to(root)) for name in found if name.startswith(str(root)) and "mail.db" in name}


def test_only_so_many_accounts_are_open(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path, replace(NEVER_LOOKS, open_accounts=2)) as store:
            for number in range(1, 7):
                await store.account(AccountID(number)).write(append)
            await soon(lambda: len({name.split("/")[1] for name in open_files(tmp_path)}) == 2)
            assert {name.split("/")[1] for name in open_files(tmp_path)} == {"5", "6"}, "the least recently used went"
            for number in range(1, 7):
                assert await store.account(AccountID(number)).read(uids) == [1]
        assert open_files(tmp_path) == set()

    loops.run(run())


def test_an_idle_account_keeps_no_file_open_although_it_is_watched(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path, replace(NEVER_LOOKS, idle_seconds=0.01, look_seconds=0.01)) as store:
            account = store.account(ALICE)
            account.watch(lambda modseq: None)
            await account.write(append)
            await soon(lambda: not open_files(tmp_path))
            assert not (tmp_path / "accounts" / str(ALICE) / "mail.db-wal").exists(), "closing empties the log"
            assert await account.read(uids) == [1]

    loops.run(run())


def test_many_readers_and_writers_while_accounts_come_and_go(tmp_path: Path) -> None:
    async def run() -> None:
        settings = replace(NEVER_LOOKS, open_accounts=1, idle_seconds=0.001, look_seconds=0.001)
        async with open_store(tmp_path, settings) as store:

            async def use(number: int) -> None:
                account = store.account(AccountID(number))
                for turn in range(1, 16):
                    assert await account.write(append, heavy=bool(turn % 3)) == turn
                    assert len(await account.read(uids, heavy=bool(turn % 2))) == turn

            await asyncio.gather(*(use(number) for number in range(1, 5)))

    loops.run(run())


def test_accounts_that_hold_too_much_memory_are_closed_though_not_idle(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path, replace(NEVER_LOOKS, memory_octets=1, look_seconds=0.01)) as store:
            await store.account(ALICE).write(append)
            await soon(lambda: not open_files(tmp_path))

    loops.run(run())


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path / "store") as store:
            store.directory.create("a@example.org", "")
            await store.account(ALICE).write(append)
            for path in (tmp_path / "store").rglob("*"):
                expected = 0o700 if path.is_dir() else 0o600
                if not path.is_socket():
                    assert path.stat().st_mode & 0o777 == expected, path

    loops.run(run())


def test_the_log_is_carried_into_the_file_as_it_grows(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            for _ in range(300):
                await account.write(append)
            await account.write(append, heavy=True)
            log = tmp_path / "accounts" / str(ALICE) / "mail.db-wal"
            assert log.stat().st_size < 2 << 20, "1,204 pages were written, and the log holds some 250 of them"

    loops.run(run())


def test_a_checkpoint_of_another_process_is_as_good(tmp_path: Path) -> None:
    class InUse:
        def wal_checkpoint(self, *, mode: int) -> None:
            raise apsw.BusyError

    opened = OpenAccount(ALICE, tmp_path, NEVER_LOOKS)
    opened.main = InUse()  # type: ignore[assignment]  # all that a checkpoint asks of it
    opened.wal_octets = CHECKPOINT_OCTETS
    opened.checkpoint()
    assert not opened.checkpoint_due(hurried=False), "not tried again after each write"


def test_one_handle_per_account_while_it_is_in_use(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            one = store.account(ALICE)
            assert store.account(ALICE) is one
            assert store.account(AccountID(2)) is not one

    loops.run(run())
