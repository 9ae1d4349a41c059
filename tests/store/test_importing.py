"""Importing: whole batches, mailboxes made as named, line ends made CRLF once, what cannot be filed named."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bustia.model.flags import NO_FLAGS, SEEN
from bustia.model.mailbox import MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.reason import Reason, Refused
from bustia.store.api import Account, Column, ReadTxn
from bustia.store.importing import BATCH_MAILS, ImportReport, import_mails
from bustia.store.mail_files import SourceMail
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.store import SqliteStore

INBOX = MailboxName("INBOX")
NOW = 1_700_000_000


def source(number: int, mailbox: str = "", arrived: int | None = NOW - 9) -> SourceMail:
    octets = b"From: a@example.org\nDate: Mon, 24 Sep 2001 13:05:01 +0000\nSubject: %d\n\nText\r\n" % number
    return SourceMail(f"source#{number}", mailbox, octets, SEEN if number % 2 else NO_FLAGS, arrived)


def run_with_account(root: Path, body: Callable[[Account], object]) -> object:
    async def main() -> object:
        names = itertools.count()
        store = SqliteStore(root, clock=lambda: NOW, new_id=lambda: f"id{next(names)}")
        await store.start()
        try:
            record = store.directory.create("a@example.org", "no hash")
            return await body(store.account(record.id))  # type: ignore[misc]  # a coroutine function
        finally:
            await store.aclose()

    return asyncio.run(main())


def rows(txn: ReadTxn, name: str) -> list[tuple[object, ...]]:
    mailbox = txn.mailbox(MailboxName(name))
    every = NumberSet(((1, 2**32 - 1),))
    found = txn.messages(mailbox.id, every, (Column.MAIL, Column.FLAGS, Column.INTERNAL_DATE))
    contents = txn.contents([row[0] for row in found])  # type: ignore[misc]  # MailIDs
    return [(contents[mail].read(0, 10_000), flags, date) for mail, flags, date in found]  # type: ignore[index]  # as above


async def importing(account: Account, mails: Iterator[SourceMail]) -> ImportReport:
    return await import_mails(account, mails, INBOX, prepare, now=lambda: NOW)


def test_a_name_that_cannot_be_is_reported_and_the_others_go_on(tmp_path: Path) -> None:
    async def body(account: Account) -> None:
        report = await importing(account, iter([source(0, "a//b"), source(1)]))
        assert (report.filed, [where for where, _ in report.refused]) == (1, ["source#0"])

    run_with_account(tmp_path, body)


def test_over_quota_ends_the_import_and_keeps_the_batches_before(tmp_path: Path) -> None:
    async def body(account: Account) -> None:
        await account.write(lambda txn: txn.set_quota(None, BATCH_MAILS + 1))
        with pytest.raises(Refused) as refused:
            await importing(account, (source(number) for number in range(BATCH_MAILS * 2)))
        assert refused.value.reason is Reason.OVER_QUOTA
        assert (await account.read(lambda txn: txn.quota())).messages == BATCH_MAILS

    run_with_account(tmp_path, body)


def test_octets_flags_dates_and_mailboxes_are_kept(tmp_path: Path) -> None:
    async def body(account: Account) -> None:
        report = await importing(account, iter([source(1), source(2, "Work/2024"), source(3, arrived=None)]))
        assert report.filed == 3
        form = source(1).octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        date_field = 1_001_336_701
        assert await account.read(lambda txn: rows(txn, "INBOX")) == [
            (form, SEEN, NOW - 9),
            (form.replace(b"Subject: 1", b"Subject: 3"), SEEN, date_field),
        ]
        assert len(await account.read(lambda txn: rows(txn, "INBOX/Work/2024"))) == 1

    run_with_account(tmp_path, body)
