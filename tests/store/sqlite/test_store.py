"""The store as a whole: what it starts, and that it ends all of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import loops
from bustia.model.mailbox import MailboxName
from bustia.model.search_key import HasText, TextField
from bustia.store.api import ReadTxn
from bustia.store.delivery import deliver
from stores import ALICE, MAIL, NEVER_LOOKS, NOW, make_store, open_store, soon


def find_text(txn: ReadTxn) -> list[int]:
    return txn.search(txn.mailbox(MailboxName("INBOX")).id, HasText(TextField.BODY, "text"))


def test_what_is_delivered_is_indexed_behind_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path, replace(NEVER_LOOKS, index_texts=True)) as store:
            account = store.account(ALICE)
            await deliver(account, MAIL, mailbox=None, now=NOW)
            assert await account.read(find_text, heavy=True) == [1], "found before it is indexed"
            await soon((tmp_path / "accounts" / str(ALICE) / "search.db").exists)
            assert await account.read(find_text, heavy=True) == [1]

    loops.run(run())


def test_nothing_is_left_when_a_store_is_closed(tmp_path: Path) -> None:
    before = set(threading.enumerate())

    async def run() -> None:
        store = make_store(tmp_path)
        await store.aclose()  # never started: nothing to end
        store = make_store(tmp_path)
        await store.start()
        await deliver(store.account(ALICE), MAIL, mailbox=None, now=NOW)
        await store.aclose()
        await store.aclose()

    loops.run(run())
    assert set(threading.enumerate()) == before
    assert list((tmp_path / "bus").iterdir()) == []
    assert {path.name for path in (tmp_path / "accounts" / str(ALICE)).iterdir()} == {"mail.db"}
