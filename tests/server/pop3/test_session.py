"""POP3 sessions on a real store: bad input first, then what RFC 1939 promises, and what another session sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bustia.message.pop3_form import pop3_form
from bustia.model.mailbox import MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.reason import Reason, Refused
from bustia.protocol.pop3.commands import (
    COMMANDS,
    Auth,
    Capa,
    Dele,
    List,
    Noop,
    Pass,
    Quit,
    Retr,
    Rset,
    Stat,
    Stls,
    Top,
    Uidl,
    User,
)
from bustia.protocol.pop3.replies import Reply
from bustia.protocol.sasl import base64
from bustia.protocol.sasl.exchange import Credentials, write_plain
from bustia.server.pop3.handlers import HANDLERS
from bustia.server.pop3.settings import Pop3Settings
from bustia.store.api import WriteTxn
from bustia.store.sqlite.account import SqliteAccount
from bustia.store.sqlite.write_txn import SqliteWriteTxn
from certificate import HOST, client_context, server_context
from loops import run
from mail_server import EVERY, INBOX_NAME, MailServer, Pop3Client, mail_server, pop3
from pair import PASSWORD, USER
from stores import soon

ONE = b"Subject: one\r\n\r\nfirst\r\n.second\r\n..\r\nlast\r\n"
TWO = b"Subject: two\n\nbare\n.\nDELE 1\r\nno end"
PLAIN = base64.encode(write_plain(Credentials(USER, PASSWORD)))


def play(
    root: Path,
    scenario: Callable[[MailServer], Awaitable[None]],
    settings: Pop3Settings | None = None,
) -> None:
    async def whole() -> None:
        async with mail_server(root, pop3(settings, server_context())) as server:
            await scenario(server)

    run(whole())


async def logged_in(server: MailServer, cut: int | None = None) -> Pop3Client:
    client = Pop3Client(server.connect(cut))
    await client.log_in()
    return client


def test_every_command_has_a_handler() -> None:
    assert set(HANDLERS) == {spec.type for spec in COMMANDS}


def test_commands_in_the_wrong_state_are_refused(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = Pop3Client(server.connect())
        await client.answer()
        for command in (Stat(), List(), Retr(1), Dele(1), Noop(), Rset(), Uidl(), Top(1, 0)):
            assert "state" in (await client.error(command)).text
        client = await logged_in(server)
        for wrong in (User(USER), Pass(PASSWORD), Auth(b"PLAIN"), Stls()):
            assert "state" in (await client.error(wrong)).text

    play(tmp_path, scenario)


@pytest.mark.parametrize("cut", [None, 1, 7])
def test_bad_lines_are_refused_and_the_session_goes_on(tmp_path: Path, cut: int | None) -> None:
    async def scenario(server: MailServer) -> None:
        client = await logged_in(server, cut)
        for octets in (b"\r\n", b"XYZZY\r\n", b"RETR\r\n", b"NOOP\n", b"NOOP " + b"x" * 5000 + b"\r\n", b"\0\xff\r\n"):
            assert not (await client.line(octets)).ok
            await client.ok(Noop())

    play(tmp_path, scenario)


def test_who_does_nothing_right_is_sent_away(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = Pop3Client(server.connect())
        await client.answer()
        for _ in range(3):
            await client.error(Pass("guess"))
        await client.closed()

    play(tmp_path, scenario, Pop3Settings(bad_commands=3))


def test_wrong_password_unknown_user_and_disabled_account_sound_the_same(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        disabled = server.store.directory.create("carla@example.org", "no hash at all")
        server.store.directory.set_enabled(disabled.id, False)
        client = Pop3Client(server.connect())
        await client.answer()
        replies = []
        for name, password in ((USER, "wrong"), ("nobody@example.org", PASSWORD), ("carla@example.org", PASSWORD)):
            assert await client.ok(User(name)) == "Password?"
            replies.append(await client.error(Pass(password)))
        assert set(replies) == {Reply(False, "Authentication failed", "AUTH")}

    play(tmp_path, scenario)


def test_password_needs_tls_from_another_machine(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = Pop3Client(server.connect(host="192.0.2.1"))
        await client.answer()
        offered = await client.text(Capa())
        assert b"USER" not in offered
        assert b"SASL" not in offered
        assert b"STLS\r\n" in offered
        assert not (await client.error(User(USER))).code
        assert (await client.error(Auth(b"PLAIN", PLAIN))).code == "AUTH"
        await client.ok(Stls())
        client.wire.discard()
        await client.stream.start_tls(client_context(), HOST)
        offered = await client.text(Capa())
        assert b"USER\r\n" in offered
        assert b"SASL PLAIN LOGIN\r\n" in offered
        assert b"STLS" not in offered
        await client.ok(Auth(b"PLAIN", PLAIN))
        await client.ok(Stat())

    play(tmp_path, scenario)


def test_commands_sent_in_the_clear_behind_stls_are_never_obeyed(tmp_path: Path) -> None:
    injected = f"USER {USER}\r\nPASS {PASSWORD}\r\nDELE 1\r\nQUIT\r\n".encode()

    async def scenario(server: MailServer) -> None:
        await server.append(ONE)
        for cut in range(len(injected)):
            client = Pop3Client(server.connect())
            await client.answer()
            client.stream.write(client.wire.send(Stls()) + injected[:cut])
            await client.answer()
            client.wire.discard()
            await client.stream.start_tls(client_context(), HOST)
            assert "state" in (await client.error(Stat())).text
            client.stream.abort()
        assert await server.stored() == [ONE]

    play(tmp_path, scenario)


def test_auth_plain_with_and_without_initial_response(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        for command in (Auth(b"PLAIN", PLAIN), Auth(b"PLAIN"), Auth(b"LOGIN")):
            client = Pop3Client(server.connect())
            await client.answer()
            client.stream.write(client.wire.send(command))
            if command.mechanism == b"LOGIN":
                assert await client.challenge() == b"Username:"
                client.stream.write(client.wire.respond(USER.encode()))
                assert await client.challenge() == b"Password:"
                client.stream.write(client.wire.respond(PASSWORD.encode()))
            elif command.initial is None:
                assert await client.challenge() == b""
                client.stream.write(client.wire.respond(base64.decode(PLAIN)))
            reply, _ = await client.answer()
            assert reply.ok
            assert await client.ok(Stat()) == "0 0"

    play(tmp_path, scenario)


@pytest.mark.parametrize("response", [b"*", b"no base64", b"=AAA", b"AAA=BBB=", b"", b"AGEA", b"x" * 20_000])
def test_auth_exchange_that_fails_ends_and_is_not_a_command(tmp_path: Path, response: bytes) -> None:
    async def scenario(server: MailServer) -> None:
        client = Pop3Client(server.connect())
        await client.answer()
        client.stream.write(client.wire.send(Auth(b"PLAIN")))
        assert await client.challenge() == b""
        client.stream.write(response + b"\r\n")
        assert not (await client.answer())[0].ok
        await client.ok(User(USER))
        await client.ok(Pass(PASSWORD))

    play(tmp_path, scenario)


def test_auth_refuses_other_mechanisms_and_acting_for_another(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = Pop3Client(server.connect())
        await client.answer()
        await client.error(Auth(b"CRAM-MD5"))
        await client.error(Auth(b"LOGIN", b"YQ=="))
        other = base64.encode(write_plain(Credentials(USER, PASSWORD, "bob@example.org")))
        assert (await client.error(Auth(b"PLAIN", other))).code == "AUTH"
        assert await client.text(Auth()) == b"PLAIN\r\nLOGIN\r\n"

    play(tmp_path, scenario)


def test_capabilities_say_what_is_served(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = Pop3Client(server.connect())
        await client.answer()
        before = (await client.text(Capa())).split(b"\r\n")
        for tag in (b"TOP", b"UIDL", b"RESP-CODES", b"AUTH-RESP-CODE", b"PIPELINING", b"USER", b"STLS"):
            assert tag in before
        await client.ok(User(USER))
        await client.ok(Pass(PASSWORD))
        assert set(before) - set((await client.text(Capa())).split(b"\r\n")) == {b"STLS"}

    play(tmp_path, scenario)


@pytest.mark.parametrize("cut", [None, 1])
def test_sizes_and_octets_are_of_the_form_with_crlf(tmp_path: Path, cut: int | None) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO, b"")
        client = await logged_in(server, cut)
        forms = [pop3_form(octets) for octets in (ONE, TWO, b"")]
        assert await client.ok(Stat()) == f"3 {sum(map(len, forms))}"
        assert await client.text(List()) == b"".join(b"%d %d\r\n" % (n, len(form)) for n, form in enumerate(forms, 1))
        for number, form in enumerate(forms, 1):
            assert await client.ok(List(number)) == f"{number} {len(form)}"
            assert await client.text(Retr(number)) == form

    play(tmp_path, scenario)


def test_big_message_comes_in_slices_and_whole(tmp_path: Path) -> None:
    big = b"Subject: big\r\n\r\n" + b".line of text\r\n" * 60_000
    bare = b"Subject: bare\n\n" + b"x" * 262_127 + b"\r" + b".\ny\r" * 50_000 + b"z"

    async def scenario(server: MailServer) -> None:
        await server.append(big, bare)
        client = await logged_in(server)
        assert await client.text(Retr(1)) == big
        assert await client.text(Retr(2)) == pop3_form(bare)

    play(tmp_path, scenario)


def test_top_gives_header_and_lines(tmp_path: Path) -> None:
    long = b"Subject: long\r\n\r\n" + b"x" * 300_000 + b"\r\nsecond\r\nthird\r\n"

    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO, b"Subject: no body", long)
        client = await logged_in(server)
        assert await client.text(Top(1, 0)) == b"Subject: one\r\n\r\n"
        assert await client.text(Top(1, 2)) == b"Subject: one\r\n\r\nfirst\r\n.second\r\n"
        assert await client.text(Top(1, 1000)) == ONE
        assert await client.text(Top(2, 2)) == b"Subject: two\r\n\r\nbare\r\n.\r\n"
        assert await client.text(Top(3, 5)) == b"Subject: no body\r\n"
        assert await client.text(Top(4, 2)) == long.removesuffix(b"third\r\n")
        await client.error(Top(5, 0))

    play(tmp_path, scenario)


def test_pipelined_commands_are_answered_in_order(tmp_path: Path) -> None:
    messages = [b"Subject: %d\r\n\r\n%d\r\n" % (n, n) for n in range(100)]

    async def scenario(server: MailServer) -> None:
        await server.append(*messages)
        client = await logged_in(server)
        client.stream.write(b"".join(client.wire.send(Retr(n)) for n in range(1, 101)) + client.wire.send(Stat()))
        for message in messages:
            assert (await client.answer())[1] == message
        assert (await client.answer())[0].text.startswith("100 ")

    play(tmp_path, scenario)


def test_deleted_messages_are_hidden_until_rset(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO)
        client = await logged_in(server)
        await client.ok(Dele(1))
        for command in (Dele(1), List(1), Uidl(1), Retr(1), Top(1, 0)):
            await client.error(command)
        assert await client.ok(Stat()) == f"1 {len(pop3_form(TWO))}"
        assert (await client.text(Uidl())).startswith(b"2 ")
        assert (await client.text(List())).startswith(b"2 ")
        await client.ok(Rset())
        assert (await client.ok(Stat())).startswith("2 ")
        await client.ok(Quit())
        await client.closed()
        assert await server.stored() == [ONE, TWO]

    play(tmp_path, scenario)


def test_quit_expunges_what_was_marked(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO)
        client = await logged_in(server)
        await client.ok(Dele(1))
        assert await server.stored() == [ONE, TWO]
        await client.ok(Quit())
        assert await server.stored() == [TWO]

    play(tmp_path, scenario)


def test_without_quit_nothing_is_expunged(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE)
        client = await logged_in(server)
        await client.ok(Dele(1))
        client.stream.close()
        await soon(lambda: not server.listener.connections)
        assert await server.stored() == [ONE]

    play(tmp_path, scenario)


def test_snapshot_stays_while_others_change_the_mailbox(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        first, _ = await server.append(ONE, TWO)
        client = await logged_in(server)
        uidls = await client.text(Uidl())

        def expunge(txn: WriteTxn) -> None:
            txn.expunge(txn.mailbox(INBOX_NAME).id, NumberSet.of([first]), only_deleted=False)

        await server.account().write(expunge)
        await server.append(b"Subject: new\r\n\r\n")
        assert (await client.ok(Stat())).startswith("2 ")
        assert await client.text(Uidl()) == uidls
        assert await client.text(Retr(1)) == ONE
        await client.ok(Dele(1))
        await client.ok(Dele(2))
        await client.ok(Quit())
        assert await server.stored() == [b"Subject: new\r\n\r\n"]

    play(tmp_path, scenario)


def test_quit_spares_what_was_moved_away(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO)
        client = await logged_in(server)
        await client.ok(Dele(1))

        def move(txn: WriteTxn) -> None:
            txn.move(txn.mailbox(INBOX_NAME).id, EVERY, txn.mailbox(MailboxName("Archive")).id)

        await server.account().write(move)
        await client.ok(Quit())
        assert await server.stored(mailbox=MailboxName("Archive")) == [ONE, TWO]

    play(tmp_path, scenario)


def test_two_sessions_on_one_maildrop(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO)
        alice, other = await logged_in(server), await logged_in(server)
        await alice.ok(Dele(1))
        await other.ok(Dele(1))
        assert await other.text(Retr(2)) == pop3_form(TWO)
        await alice.ok(Quit())
        await other.ok(Dele(2))
        await other.ok(Quit())
        assert await server.stored() == []

    play(tmp_path, scenario)


def test_uidl_stays_and_is_unique(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, ONE)
        client = await logged_in(server)
        listed = await client.text(Uidl())
        names = [line.split(b" ")[1] for line in listed.splitlines()]
        assert len(set(names)) == 2
        assert await client.ok(Uidl(2)) == f"2 {names[1].decode()}"
        again = await logged_in(server)
        assert await again.text(Uidl()) == listed

    play(tmp_path, scenario)


def test_silent_client_is_dropped_without_a_word_and_without_update(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE)
        client = Pop3Client(server.connect())
        await client.answer()
        await client.closed()

    play(tmp_path, scenario, Pop3Settings(login_seconds=0.02))


def test_session_ends_before_its_snapshot_expires(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE)
        client = await logged_in(server)
        await client.ok(Dele(1))
        await client.closed()
        assert await server.stored() == [ONE]

    play(tmp_path, scenario, Pop3Settings(session_seconds=0.05))


def test_times_that_break_the_rules_cannot_be_set() -> None:
    with pytest.raises(ValueError):
        Pop3Settings(inactive_seconds=599)
    with pytest.raises(ValueError):
        Pop3Settings(session_seconds=86_400)


def test_server_that_ends_says_so(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await logged_in(server)
        stopping = asyncio.create_task(server.listener.stop())
        client.wire.send(Noop())
        reply, _ = await client.answer()
        assert reply == Reply(False, "The server ends", "SYS/TEMP")
        await client.closed()
        await stopping

    play(tmp_path, scenario)


def test_failed_quit_says_so_and_removes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE)
        client = await logged_in(server)
        await client.ok(Dele(1))

        async def full(*_: object, **__: object) -> None:
            raise Refused(Reason.DISK_FULL)

        with monkeypatch.context() as patch:
            patch.setattr(SqliteAccount, "write", full)
            assert (await client.error(Quit())).code == "SYS/TEMP"
        await client.closed()
        assert await server.stored() == [ONE]

    play(tmp_path, scenario)


@pytest.mark.parametrize("ends_by_quit", [True, False])
def test_what_was_listed_and_downloaded_is_noted_also_without_quit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_by_quit: bool
) -> None:
    noted: list[tuple[NumberSet, NumberSet]] = []

    def note(self: WriteTxn, mailbox: object, listed: NumberSet, downloaded: NumberSet) -> None:
        noted.append((listed, downloaded))

    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO, b"Subject: three\r\n\r\n")
        monkeypatch.setattr(SqliteWriteTxn, "note_pop3", note)
        client = await logged_in(server)
        await client.ok(Uidl(3))
        await client.text(Retr(2))
        if ends_by_quit:
            await client.ok(Quit())
        else:
            client.stream.close()
        await soon(lambda: not server.listener.connections)
        assert noted == [(NumberSet.of([3]), NumberSet()), (NumberSet(), NumberSet.of([2]))]

    play(tmp_path, scenario)
