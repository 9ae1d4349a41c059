"""The whole way: a mail is delivered, the worker indexes it, a search finds it by the index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import loops
from bustia.model.flags import NO_FLAGS
from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.search_key import HasText, TextField
from bustia.store.api import Arrival, ReadTxn, WriteTxn
from bustia.store.sqlite import index_queue, search_db
from bustia.store.sqlite.connection import Patience
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.settings import StoreSettings
from bustia.store.sqlite.uid_sets import read_uid_set
from stores import ALICE, NEVER_LOOKS, NOW, open_store, soon

INDEXES = StoreSettings(look_seconds=3600, ballast_octets=0)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_queue, "QUIET_SECONDS", 0.0)


def delivery(text: str) -> Callable[[WriteTxn], object]:
    mail = prepare(f"Subject: x\r\n\r\n{text}\r\n".encode())
    return lambda txn: txn.append(txn.mailbox(MailboxName(INBOX)).id, [Arrival(mail, NO_FLAGS, NOW)])


def having(text: str) -> Callable[[ReadTxn], list[int]]:
    return lambda txn: txn.search(txn.mailbox(MailboxName(INBOX)).id, HasText(TextField.BODY, text))


def indexed(root: Path) -> int:
    """How many mails of ALICE are indexed."""
    connection = search_db.open_reading(root / "accounts" / str(ALICE) / "search.db", Patience(1))
    if connection is None:
        return 0
    try:
        return len(read_uid_set(str(connection.execute("SELECT indexed FROM state").fetchall()[0][0])))
    finally:
        connection.close()


def test_delivered_mail_is_indexed_behind_and_found_before_and_after(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path, INDEXES) as store:
            account = store.account(ALICE)
            await account.write(delivery("needle one"))
            assert await account.read(having("needle"), heavy=True) == [1]
            await soon(lambda: indexed(tmp_path) == 1)
            await account.write(delivery("needle two"))
            assert await account.read(having("needle"), heavy=True) == [1, 2]
            await soon(lambda: indexed(tmp_path) == 2)
            assert await account.read(having("needle two"), heavy=True) == [2]

    loops.run(run())


def test_mail_that_came_while_nobody_indexed_is_indexed_when_the_account_is_opened(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path, NEVER_LOOKS) as store:
            await store.account(ALICE).write(delivery("needle"))
        assert indexed(tmp_path) == 0
        async with open_store(tmp_path, INDEXES) as store:
            assert await store.account(ALICE).read(lambda txn: len(txn.mailboxes()), heavy=True)
            await soon(lambda: indexed(tmp_path) == 1)

    loops.run(run())
