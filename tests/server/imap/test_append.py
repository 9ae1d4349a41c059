"""APPEND: what is refused before it is sent, what is kept, and what the other one sees."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bustia.model.reason import Reason, Refused
from bustia.server.imap.settings import ImapSettings
from bustia.store.sqlite.spool import FileSpool
from pair import Client, Server, mail, paired, run, running


@paired(settings=ImapSettings(append_octets=1_000))
async def test_too_big_a_message_is_refused_before_it_is_sent(alice: Client, bob: Client, server: Server) -> None:
    assert b"[TOOBIG]" in await alice.no("APPEND INBOX {1001}")
    await alice.ok("NOOP")
    assert b"[TOOBIG]" in await alice.no(b"APPEND INBOX {1001+}\r\n" + b"x" * 1_001)
    await alice.append(mail())
    assert await bob.ok("STATUS INBOX (MESSAGES)") == [b"* STATUS INBOX (MESSAGES 1)"]


@paired()
async def test_append_to_a_missing_mailbox_offers_trycreate(alice: Client, bob: Client, server: Server) -> None:
    assert b"NO [TRYCREATE]" in await alice.tagged("APPEND Nowhere {100}")
    assert b"NO [TRYCREATE]" in await alice.tagged(b"APPEND Nowhere {5+}\r\nhello")
    await alice.ok("NOOP")


@paired()
async def test_nul_is_refused_outside_a_literal8(alice: Client, bob: Client, server: Server) -> None:
    assert (await alice.tagged(b"APPEND INBOX {5+}\r\nab\0de")).startswith(b"NO")
    await alice.ok(b"APPEND INBOX ~{5+}\r\nab\0de")
    assert await bob.ok("STATUS INBOX (MESSAGES)") == [b"* STATUS INBOX (MESSAGES 1)"]


@paired()
@pytest.mark.parametrize(
    "command",
    [
        b"APPEND INBOX",
        b"APPEND INBOX (\\Seen)",
        b'APPEND INBOX "31-Feb-2023 00:00:00 +0000" {5+}\r\nhello',
        b"APPEND INBOX (\\Recent) {5+}\r\nhello",
        b"APPEND INBOX (\\Bogus) {5+}\r\nhello",
        b"APPEND INBOX {5+}\r\nhello more",
    ],
)
async def test_broken_append_is_bad_and_files_nothing(
    alice: Client, bob: Client, server: Server, command: bytes
) -> None:
    await alice.bad(command)
    assert await bob.ok("STATUS INBOX (MESSAGES)") == [b"* STATUS INBOX (MESSAGES 0)"]


@paired()
async def test_empty_message_is_refused(alice: Client, bob: Client, server: Server) -> None:
    await alice.no(b"APPEND INBOX {0+}\r\n")
    await alice.ok("NOOP")


@paired()
async def test_message_over_quota_is_refused_before_it_is_sent(alice: Client, bob: Client, server: Server) -> None:
    await server.account.write(lambda txn: txn.set_quota(1_000, None))
    assert b"[OVERQUOTA]" in await alice.no("APPEND INBOX {1001}")
    assert b"[OVERQUOTA]" in await alice.no(b"APPEND INBOX {1001+}\r\n" + b"x" * 1_001)
    await alice.append(mail())
    await server.account.write(lambda txn: txn.set_quota(None, 1))
    assert b"[OVERQUOTA]" in await alice.no("APPEND INBOX {10}")
    assert await bob.ok("STATUS INBOX (MESSAGES)") == [b"* STATUS INBOX (MESSAGES 1)"]


@paired()
@pytest.mark.parametrize("reason", [Reason.DISK_FULL, Reason.BUSY])
async def test_message_that_cannot_be_kept_is_read_to_its_end_and_refused(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch, reason: Reason
) -> None:
    def write(spool: FileSpool, chunk: bytes) -> None:
        raise Refused(reason)

    monkeypatch.setattr(FileSpool, "write", write)
    octets = b"x NOOP\r\n" * 200_000
    assert (await alice.no(b"APPEND INBOX {%d+}\r\n" % len(octets) + octets)).startswith(b"NO [")
    monkeypatch.undo()
    await alice.append(mail())
    assert await bob.ok("STATUS INBOX (MESSAGES)") == [b"* STATUS INBOX (MESSAGES 1)"]


@paired()
async def test_keyword_beyond_the_tables_room_is_refused(alice: Client, bob: Client, server: Server) -> None:
    assert b"[LIMIT]" in await alice.no(b"APPEND INBOX (" + b"k" * 300 + b") {5+}\r\nhello")
    assert await bob.ok("STATUS INBOX (MESSAGES)") == [b"* STATUS INBOX (MESSAGES 0)"]


@paired()
async def test_flags_date_and_octets_are_kept_and_the_other_is_told(alice: Client, bob: Client, server: Server) -> None:
    await bob.ok("SELECT INBOX")
    tagged = await alice.append(mail(), options='(\\Flagged Work) "01-Feb-2020 03:04:05 +0100" ')
    assert tagged.startswith(b"OK [APPENDUID ")
    assert b"* 1 EXISTS" in await bob.ok("NOOP")
    fetched = (await bob.ok("FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"))[0]
    assert b"FLAGS (\\Flagged Work \\Recent)" in fetched
    assert b'INTERNALDATE " 1-Feb-2020 02:04:05 +0000"' in fetched
    assert b"RFC822.SIZE %d" % len(mail()) in fetched
    assert mail() in fetched


@paired()
async def test_append_that_waits_is_told_to_go_on(alice: Client, bob: Client, server: Server) -> None:
    alice.send(b"w APPEND INBOX {%d}\r\n" % len(mail()))
    assert (await alice.response()).startswith(b"+ ")
    alice.send(mail() + b"\r\n")
    assert (await alice.response()).startswith(b"w OK [APPENDUID")


@paired(cut=1_000)
async def test_large_message_goes_through_the_spool(alice: Client, bob: Client, server: Server) -> None:
    octets = b"Subject: large\r\n\r\n" + random.Random(3).randbytes(400_000).replace(b"\0", b"x")
    await alice.append(octets)
    await bob.ok("SELECT INBOX")
    assert octets in (await bob.ok("FETCH 1 BODY.PEEK[]"))[0]


def test_what_was_acknowledged_is_there_after_a_new_start(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as server:
            await (await server.client()).append(mail())
        async with running(tmp_path) as server:
            client = await server.client()
            assert await client.ok("STATUS INBOX (MESSAGES UIDNEXT)") == [b"* STATUS INBOX (MESSAGES 1 UIDNEXT 2)"]

    run(test())
