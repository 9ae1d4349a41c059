"""IDLE: told at once, in one write, and the ways in which it ends."""

from __future__ import annotations

from pathlib import Path

from bustia.server.imap.settings import ImapSettings
from pair import Client, Server, mail, paired, run, running


async def idle(client: Client) -> None:
    client.send(b"i IDLE\r\n")
    assert (await client.response()).startswith(b"+ ")


@paired()
async def test_anything_but_done_is_bad(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("SELECT INBOX")
    await idle(alice)
    alice.send(b"x NOOP\r\n")
    assert (await alice.response()).startswith(b"i BAD")
    await alice.ok("NOOP")


@paired()
async def test_idle_without_a_mailbox_waits_for_done(alice: Client, bob: Client, server: Server) -> None:
    await idle(alice)
    alice.send(b"done\r\n")
    assert (await alice.response()).startswith(b"i OK")


@paired()
async def test_changes_by_another_are_pushed(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail())
    await bob.ok("SELECT INBOX")
    await alice.ok("SELECT INBOX")
    await idle(alice)
    await bob.append(mail(2))
    assert await alice.response() == b"* 2 EXISTS\r\n"
    await bob.ok("STORE 1 +FLAGS (\\Deleted)")
    assert await alice.response() == b"* 1 FETCH (UID 1 FLAGS (\\Deleted))\r\n"
    await bob.ok("EXPUNGE")
    assert await alice.response() == b"* 1 EXPUNGE\r\n"
    alice.send(b"DONE\r\n")
    assert (await alice.response()).startswith(b"i OK")


@paired()
async def test_what_happened_before_idle_is_told_first(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("SELECT INBOX")
    await bob.append(mail())
    await idle(alice)
    assert await alice.response() == b"* 1 EXISTS\r\n"


@paired()
async def test_change_elsewhere_in_the_account_is_no_news(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("SELECT INBOX")
    await idle(alice)
    await bob.append(mail(), "Trash")
    alice.send(b"DONE\r\n")
    assert (await alice.response()).startswith(b"i OK")


@paired()
async def test_deleted_mailbox_ends_the_idler(alice: Client, bob: Client, server: Server) -> None:
    await bob.ok("CREATE Gone")
    await alice.ok("SELECT Gone")
    await idle(alice)
    await bob.ok("DELETE Gone")
    assert any(line.startswith(b"* BYE") for line in await alice.closed())


def test_idler_that_says_nothing_for_too_long_is_logged_out(tmp_path: Path) -> None:
    settings = ImapSettings()
    object.__setattr__(settings, "inactive_seconds", 0.05)  # below what an operator may choose

    async def test() -> None:
        async with running(tmp_path, settings=settings) as server:
            client = await server.client()
            await idle(client)
            assert (await client.closed())[-1].startswith(b"* BYE")

    run(test())


@paired()
async def test_many_changes_are_pushed_in_one_write(alice: Client, bob: Client, server: Server) -> None:
    for number in range(5):
        await bob.append(mail(number))
    await alice.ok("SELECT INBOX")
    await bob.ok("SELECT INBOX")
    await idle(alice)
    await bob.ok("STORE 1:5 +FLAGS.SILENT (\\Flagged)")
    octets = await alice.stream.read(10)
    assert octets is not None
    assert octets.count(b"\r\n") == 5
