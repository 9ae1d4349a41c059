"""Room comes back: after the bin is out, the file shrinks, step by step and beside all other use."""

from __future__ import annotations

import asyncio
import itertools
import os
from dataclasses import replace
from pathlib import Path

import pytest

import loops
from account_file import AccountFile
from bustia.model.flags import NO_FLAGS
from bustia.model.mailbox import INBOX, MailboxName
from bustia.store.api import BIN_SECONDS, Arrival, WriteTxn
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.store import SqliteStore
from bustia.store.sqlite.upkeep import KEPT_PAGES, KEPT_SHARE, PAGES_AT_ONCE, do_upkeep, give_back_pages, upkeep_due
from bustia.store.sqlite.verify import verify
from stores import ALICE, NEVER_LOOKS, NOW, append, soon, uids

BIG = [prepare(b"Subject: big %d\r\n\r\n" % number + os.urandom(1 << 20)) for number in range(12)]


def append_big(txn: WriteTxn) -> None:
    txn.append(txn.mailbox(MailboxName(INBOX)).id, [Arrival(mail, NO_FLAGS, NOW) for mail in BIG])


def expunge_all(txn: WriteTxn) -> None:
    txn.expunge(txn.mailbox(MailboxName(INBOX)).id, only_deleted=False)


@pytest.fixture
def emptied(tmp_path: Path) -> AccountFile:
    """An account whose 12 MiB of mail went into the bin, and a day passed."""
    file = AccountFile(tmp_path)
    file.change(append_big)
    file.change(expunge_all)
    file.now += BIN_SECONDS
    return file


def pages(file: AccountFile) -> tuple[int, int]:
    return int(file.connection.pragma("page_count")), int(file.connection.pragma("freelist_count"))


def test_upkeep_takes_the_bin_out_and_then_gives_pages_back_in_steps(emptied: AccountFile) -> None:
    before, free = pages(emptied)
    assert free < KEPT_PAGES
    do_upkeep(emptied.connection, emptied.now)
    assert pages(emptied)[0] == before, "the bin alone gives no page back"
    steps = 0
    while upkeep_due(emptied.connection, emptied.now):
        count = pages(emptied)[0]
        do_upkeep(emptied.connection, emptied.now)
        assert 0 < count - pages(emptied)[0] <= PAGES_AT_ONCE
        steps += 1
    assert steps >= 2
    count, free = pages(emptied)
    assert free <= max(KEPT_PAGES, count // KEPT_SHARE)
    assert count < before / 2
    emptied.close()
    assert list(verify(emptied.mail_db)) == []


def test_what_is_in_the_bin_for_less_than_its_time_stays(emptied: AccountFile) -> None:
    emptied.now -= 1
    assert not upkeep_due(emptied.connection, emptied.now)
    emptied.close()


def test_a_file_with_few_free_pages_is_left_alone(tmp_path: Path) -> None:
    file = AccountFile(tmp_path)
    file.append(b"Subject: one\r\n\r\n" + os.urandom(KEPT_PAGES * 4096))
    file.purge(1)
    before, free = pages(file)
    assert 0 < free <= KEPT_PAGES
    assert not upkeep_due(file.connection, file.now)
    assert not give_back_pages(file.connection)
    assert pages(file) == (before, free)
    file.close()


def test_the_index_gives_back_the_room_of_texts_that_are_gone(tmp_path: Path) -> None:
    file = AccountFile(tmp_path)
    for number in range(6):
        file.append(b"Subject: %d\r\n\r\n" % number + os.urandom(1 << 20).hex().encode())
    assert file.index().complete
    before = file.search_db.stat().st_size
    file.change(expunge_all)
    file.now += 2 * BIN_SECONDS
    do_upkeep(file.connection, file.now)
    assert file.index().complete
    assert file.search_db.stat().st_size < before * 3 / 4
    file.close()


def test_a_store_at_work_shrinks_the_files_of_accounts_it_has_open(tmp_path: Path) -> None:
    """The account stays open while there is upkeep to do, although it is idle, and serves meanwhile."""
    now = [float(NOW)]
    names = itertools.count()
    settings = replace(NEVER_LOOKS, look_seconds=0.01, idle_seconds=0.02)
    path = tmp_path / "accounts" / str(ALICE) / "mail.db"

    async def run() -> None:
        store = SqliteStore(tmp_path, lambda: now[0], lambda: f"n{next(names)}", settings)
        await store.start()
        account = store.account(ALICE)
        await account.write(append_big, heavy=True)
        assert await account.write(append) == len(BIG) + 1
        await soon(lambda: not path.with_name("mail.db-wal").exists())
        before = path.stat().st_size
        await account.write(expunge_all, heavy=True)
        now[0] += BIN_SECONDS
        assert await account.write(append) == len(BIG) + 2
        await soon(lambda: path.stat().st_size < before / 2)
        assert await account.read(uids) == [len(BIG) + 2]
        await asyncio.gather(*(account.write(append) for _ in range(10)))
        await store.aclose()

    loops.run(run())
    assert list(verify(path)) == []
