"""What breaks the grammar, the state or the limits gets the protocol's own error; the session and the server live on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bustia.net.stream import StreamLimits
from bustia.protocol.imap.commands import COMMANDS
from bustia.server.imap import fetch
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done
from bustia.server.imap.handlers import HANDLERS
from bustia.server.imap.settings import ImapSettings
from loops import turns_while
from pair import Client, Server, mail, paired, run, running


def test_every_command_of_the_table_has_a_handler_and_no_other() -> None:
    table = {spec.type.__name__ for spec in COMMANDS}
    assert {kind.__name__ for kind in HANDLERS} | {"Append"} == table


@paired()
async def test_unknown_command_is_bad(alice: Client, bob: Client, server: Server) -> None:
    assert b"Unknown command" in await alice.bad("FROBNICATE")
    await alice.ok("NOOP")


@paired()
async def test_line_without_command_is_bad(alice: Client, bob: Client, server: Server) -> None:
    alice.send(b"\r\n")
    assert (await alice.response()).startswith(b"* BAD")
    alice.send(b"lonely\r\n")
    assert (await alice.response()).split()[1] == b"BAD"
    await alice.ok("NOOP")


@paired()
@pytest.mark.parametrize(
    "command", ["CLOSE", "FETCH 1 FLAGS", "SEARCH ALL", "EXPUNGE", "UID MOVE 1 Trash", "LOGIN a b", "STARTTLS"]
)
async def test_command_of_another_state_is_bad(alice: Client, bob: Client, server: Server, command: str) -> None:
    assert b"state" in await alice.bad(command)
    await alice.ok("NOOP")


@pytest.mark.parametrize("command", ["SELECT INBOX", 'LIST "" *', "IDLE", "NAMESPACE", "APPEND INBOX {5+}\r\nhello"])
def test_command_before_login_is_bad(tmp_path: Path, command: str) -> None:
    async def test() -> None:
        async with running(tmp_path) as server:
            client = server.connect()
            await client.response()
            await client.bad(command)

    run(test())


def test_ten_bad_commands_before_login_end_the_session(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as server:
            client = server.connect()
            await client.response()
            for _ in range(9):
                await client.bad("NONSENSE")
            client.send(b"last NONSENSE\r\n")
            said = await client.closed()
            assert said[0].startswith(b"last BAD")
            assert said[1].startswith(b"* BYE")

    run(test())


@paired()
async def test_line_beyond_the_limit_is_bad_and_the_session_lives(alice: Client, bob: Client, server: Server) -> None:
    alice.send(b"long NOOP " + b"x" * 200_000 + b"\r\n")
    assert (await alice.response()).startswith(b"long BAD")
    await alice.ok("NOOP")


@paired()
async def test_deep_parentheses_are_bad(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("SELECT INBOX")
    await alice.bad("SEARCH " + "(" * 5_000 + "ALL" + ")" * 5_000)
    await alice.bad("SEARCH " + "NOT " * 5_000 + "ALL")
    await alice.ok("NOOP")


@paired()
async def test_literal_beyond_the_limit_is_refused_before_it_is_sent(
    alice: Client, bob: Client, server: Server
) -> None:
    assert b"TOOBIG" in await alice.bad("SELECT {4000000000}")
    await alice.ok("NOOP")


@paired()
async def test_literal_that_does_not_wait_is_drained_and_never_parsed(
    alice: Client, bob: Client, server: Server
) -> None:
    body = b"evil DELETE Archive\r\n" * 20_000
    alice.send(b"lit SELECT {%d+}\r\n" % len(body) + body + b"\r\n")
    assert (await alice.response()).startswith(b"lit BAD")
    assert any(b"Archive" in line for line in await alice.ok('LIST "" Archive'))


@paired()
async def test_literal_too_large_to_drain_ends_the_session(alice: Client, bob: Client, server: Server) -> None:
    alice.send(b"lit SELECT {4000000000+}\r\n")
    assert (await alice.closed())[-1].startswith(b"* BYE")
    await bob.ok("NOOP")


@paired()
@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/../b", "a//b", "/a", "a\\0", "&AGE", "&AAA-", "&2AA-", "x" * 1001, "%", "a*b"]
)
async def test_hostile_mailbox_name_makes_no_mailbox(alice: Client, bob: Client, server: Server, name: str) -> None:
    before = await bob.ok('LIST "" *')
    tagged = await alice.tagged(f'CREATE "{name}"')
    assert tagged.startswith((b"NO", b"BAD")), tagged
    assert await bob.ok('LIST "" *') == before


@paired()
async def test_nul_in_a_mailbox_name_is_refused(alice: Client, bob: Client, server: Server) -> None:
    assert (await alice.tagged(b"CREATE {3+}\r\na\0b")).startswith((b"NO", b"BAD"))
    await alice.ok("NOOP")


@paired()
async def test_connection_cut_in_the_middle_of_a_message_files_nothing(
    alice: Client, bob: Client, server: Server
) -> None:
    alice.send(b"cut APPEND INBOX {1000}\r\n")
    assert (await alice.response()).startswith(b"+")
    alice.send(b"half")
    alice.stream.close()
    assert await bob.ok("STATUS INBOX (MESSAGES)") == [b"* STATUS INBOX (MESSAGES 0)"]


@paired()
async def test_pipelined_commands_are_answered_in_order(alice: Client, bob: Client, server: Server) -> None:
    await bob.append(mail())
    alice.send(b"p1 SELECT INBOX\r\np2 FETCH 1 FLAGS\r\np3 NOPE\r\np4 CLOSE\r\n")
    tags: list[list[bytes]] = []
    while len(tags) < 4:
        line = await alice.response()
        if line.startswith(b"p"):
            tags.append(line.split()[:2])
    assert tags == [[b"p1", b"OK"], [b"p2", b"OK"], [b"p3", b"BAD"], [b"p4", b"OK"]]


@paired(cut=1)
async def test_octets_may_come_one_by_one(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail())
    await bob.ok("SELECT INBOX")
    assert mail() in (await bob.ok("FETCH 1 BODY[]"))[0]


@paired(cut=7)
async def test_octets_may_come_by_sevens(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail())
    await bob.ok("SELECT INBOX")
    assert mail() in (await bob.ok("FETCH 1 BODY[]"))[0]


@paired()
async def test_long_fetch_leaves_turns_to_others(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(100):
        await alice.append(mail(number))
    await alice.ok("SELECT INBOX")
    before = await turns_while(alice.ok("FETCH 1:* (ENVELOPE)"))
    monkeypatch.setattr(fetch, "SLICE", 1)
    assert await turns_while(alice.ok("FETCH 1:* (ENVELOPE)")) > before + 80


@paired()
async def test_bug_before_anything_was_said_is_a_no_and_the_session_lives(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(context: Context, command: object) -> Done:
        raise ZeroDivisionError

    namespace = next(kind for kind in HANDLERS if kind.__name__ == "Namespace")
    monkeypatch.setitem(HANDLERS, namespace, broken)
    assert b"[SERVERBUG]" in await alice.no("NAMESPACE")
    assert "ZeroDivisionError" in caplog.text
    await alice.ok("NOOP")


@paired()
async def test_bug_after_something_was_said_ends_the_session(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(context: Context, command: object) -> Done:
        context.say_octets(b"* 1 EXPUNGE\r\n")
        raise ZeroDivisionError

    namespace = next(kind for kind in HANDLERS if kind.__name__ == "Namespace")
    monkeypatch.setitem(HANDLERS, namespace, broken)
    alice.send(b"x NAMESPACE\r\n")
    said = await alice.closed()
    assert said[-2:][0].startswith(b"x NO [SERVERBUG]")
    assert said[-1].startswith(b"* BYE")
    await bob.ok("NOOP")


def test_silent_client_is_sent_away_before_login(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path, settings=ImapSettings(login_seconds=0.05)) as server:
            client = server.connect()
            assert (await client.closed())[-1].startswith(b"* BYE")

    run(test())


def test_client_that_does_not_read_loses_its_connection_and_nobody_else_does(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as server:
            bob = await server.client("B")
            for number in range(4):
                await bob.append(mail(number, "x" * 70 + "\r\n") * 1_000)
            deaf = server.connect("D", limits=StreamLimits(write_octets=4_096, write_seconds=0.05))
            deaf.send(
                b'a LOGIN alice@example.org "open sesame"\r\nb SELECT INBOX\r\n' + b"c FETCH 1:* BODY.PEEK[]\r\n" * 20
            )
            while server.listener.connections > 1:
                await bob.ok("NOOP")
            await bob.ok("NOOP")

    run(test())


def test_end_of_the_server_says_bye_to_all(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as server:
            waiting = await server.client("W")
            idling = await server.client("I")
            await idling.ok("SELECT INBOX")
            idling.send(b"i IDLE\r\n")
            assert (await idling.response()).startswith(b"+")
            await server.listener.stop()
            assert (await waiting.closed())[-1].startswith(b"* BYE")
            assert any(line.startswith(b"* BYE") for line in await idling.closed())

    run(test())


def test_settings_below_the_rfc_are_refused() -> None:
    with pytest.raises(ValueError, match="30 minutes"):
        ImapSettings(inactive_seconds=60)
