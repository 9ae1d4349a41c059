"""A full disk: what is refused, what goes on, and how the ballast comes and goes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

import loops
from bustia.model.flags import NO_FLAGS, SEEN, FlagChange
from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.reason import Reason, Refused
from bustia.store.api import Arrival, WriteTxn
from bustia.store.sqlite import open_account
from bustia.store.sqlite.ballast import Ballast
from bustia.store.sqlite.connection import connect
from bustia.store.sqlite.prepare import prepare
from stores import ALICE, NEVER_LOOKS, NOW, append, open_store, soon, uids

OCTETS = 1 << 20
WITH_BALLAST = replace(NEVER_LOOKS, ballast_octets=OCTETS, look_seconds=0.01)
BIG = prepare(b"Subject: big\r\n\r\n" + os.urandom(400_000))


def append_big(txn: WriteTxn) -> None:
    txn.append(txn.mailbox(MailboxName(INBOX)).id, [Arrival(BIG, NO_FLAGS, NOW)])


def set_seen(txn: WriteTxn) -> None:
    txn.change_flags(txn.mailbox(MailboxName(INBOX)).id, NumberSet(((1, 1),)), FlagChange.ADD, SEEN)


def expunge(txn: WriteTxn) -> None:
    txn.expunge(txn.mailbox(MailboxName(INBOX)).id, only_deleted=False)


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of accounts cannot grow beyond 60 pages, which SQLite reports like a full disk."""

    def connect_small(path: Path, patience: Callable[[int], bool], cache_octets: int) -> apsw.Connection:
        connection = connect(path, patience, cache_octets)
        connection.execute("PRAGMA max_page_count = 60").fetchall()
        return connection

    monkeypatch.setattr(open_account, "connect", connect_small)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One number: octets that the disk says are free."""
    octets = [100 * OCTETS]

    def statvfs(path: object) -> os.statvfs_result:
        return os.statvfs_result((1, 1, 0, 0, octets[0], 0, 0, 0, 0, 255))

    monkeypatch.setattr(os, "statvfs", statvfs)
    return octets


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("heavy", [False, True])
def test_new_mail_is_refused_while_flags_and_deleting_work(tmp_path: Path, free: list[int], heavy: bool) -> None:
    async def run() -> None:
        async with open_store(tmp_path, WITH_BALLAST) as store:
            account = store.account(ALICE)
            assert await account.write(append) == 1
            free[0] = 0
            with pytest.raises(Refused) as refused:
                await account.write(append_big, heavy=heavy)
            assert refused.value.reason is Reason.DISK_FULL
            assert not (tmp_path / "ballast").exists(), "its room is given up"
            with pytest.raises(Refused) as refused:
                await account.write(append)
            assert refused.value.reason is Reason.DISK_FULL, "the room left is not for new mail, however small"
            await account.write(set_seen)
            assert await account.read(uids) == [1]
            await account.write(expunge)
            assert await account.read(uids) == []
            free[0] = 100 * OCTETS
            await soon((tmp_path / "ballast").exists)
            assert await account.write(append) == 2

    loops.run(run())


@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_stops_no_account(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            for _ in range(3):
                with pytest.raises(Refused):
                    await account.write(append_big)
            assert store.damaged.stopped() == []
            assert await account.write(append) == 1, "without a ballast, small mail may still fit"

    loops.run(run())


def test_the_ballast_waits_for_more_room_than_it_takes(tmp_path: Path, free: list[int]) -> None:
    kept = Ballast(tmp_path / "ballast", OCTETS)
    free[0] = 4 * OCTETS - 1
    kept.restore()
    assert kept.gone
    free[0] = 4 * OCTETS
    kept.restore()
    assert not kept.gone
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= OCTETS, "the room is really taken"


def test_the_ballast_is_given_up_once(tmp_path: Path) -> None:
    kept = Ballast(tmp_path / "ballast", OCTETS)
    kept.restore()
    assert kept.give_up()
    assert not kept.give_up()
    assert kept.gone
