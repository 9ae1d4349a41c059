"""Local delivery: where a mail goes, and what keeps it out."""

from __future__ import annotations

from pathlib import Path

import pytest

import loops
from bustia.model.mailbox import MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.reason import Reason, Refused
from bustia.store.api import Column, ReadTxn
from bustia.store.delivery import deliver
from bustia.store.sqlite.prepare import prepare
from stores import ALICE, MAIL, NOW, open_store


def counts(txn: ReadTxn) -> dict[str, int]:
    return {info.name.text: info.messages for info in txn.mailboxes() if info.messages}


def test_over_quota_nothing_is_filed(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await account.write(lambda txn: txn.set_quota(MAIL.facts.size, None))
            await deliver(account, MAIL, mailbox=None, now=NOW)
            with pytest.raises(Refused) as refused:
                await deliver(account, MAIL, mailbox=None, now=NOW)
            assert refused.value.reason is Reason.OVER_QUOTA
            assert await account.read(counts) == {"INBOX": 1}

    loops.run(run())


@pytest.mark.parametrize(
    ("wanted", "filed"), [(None, "INBOX"), ("INBOX", "INBOX"), ("Archive", "Archive"), ("Missing", "INBOX")]
)
def test_mail_goes_where_it_is_wanted_or_else_into_inbox(tmp_path: Path, wanted: str | None, filed: str) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await deliver(account, MAIL, mailbox=MailboxName(wanted) if wanted else None, now=NOW)
            assert await account.read(counts) == {filed: 1}

    loops.run(run())


def test_the_time_of_delivery_is_the_internal_date(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await deliver(account, MAIL, mailbox=None, now=12345)
            inbox = await account.read(lambda txn: txn.mailbox(MailboxName("INBOX")).id)
            columns = [Column.INTERNAL_DATE, Column.FLAGS]
            rows = await account.read(lambda txn: txn.messages(inbox, NumberSet(((1, 1),)), columns))
            assert rows == [(12345, 0)]

    loops.run(run())


def test_large_mail_is_delivered_whole(tmp_path: Path) -> None:
    octets = b"Subject: big\r\n\r\n" + bytes(range(1, 256)) * 8000

    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await deliver(account, prepare(octets), mailbox=None, now=NOW)

            def content(txn: ReadTxn) -> bytes:
                inbox = txn.mailbox(MailboxName("INBOX")).id
                ((mail,),) = txn.messages(inbox, NumberSet(((1, 1),)), [Column.MAIL])
                assert isinstance(mail, int)
                return next(iter(txn.contents([mail]).values())).read(0, len(octets))  # type: ignore[list-item]  # a MailID

            assert await account.read(content, heavy=True) == octets

    loops.run(run())
