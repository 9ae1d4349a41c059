"""How POP3 sessions begin: passwords, SASL, TLS, and what is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from bustia.protocol.pop3.commands import (
    Auth,
    Capa,
    Pass,
    Stat,
    Stls,
    User,
)
from bustia.protocol.pop3.replies import Reply
from bustia.protocol.sasl import base64
from bustia.protocol.sasl.exchange import Credentials, write_plain
from bustia.server.pop3.settings import Pop3Settings
from certificate import HOST, client_context
from mail_server import MailServer, Pop3Client, play_pop3
from pair import PASSWORD, USER

ONE = b"Subject: one\r\n\r\nfirst\r\n.second\r\n..\r\nlast\r\n"
PLAIN = base64.encode(write_plain(Credentials(USER, PASSWORD)))


def test_who_does_nothing_right_is_sent_away(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = Pop3Client(server.connect())
        await client.answer()
        for _ in range(3):
            await client.error(Pass("guess"))
        await client.closed()

    play_pop3(tmp_path, scenario, Pop3Settings(bad_commands=3))


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

    play_pop3(tmp_path, scenario)


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

    play_pop3(tmp_path, scenario)


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

    play_pop3(tmp_path, scenario)


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

    play_pop3(tmp_path, scenario)


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

    play_pop3(tmp_path, scenario)


def test_auth_refuses_other_mechanisms_and_acting_for_another(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = Pop3Client(server.connect())
        await client.answer()
        await client.error(Auth(b"CRAM-MD5"))
        await client.error(Auth(b"LOGIN", b"YQ=="))
        other = base64.encode(write_plain(Credentials(USER, PASSWORD, "bob@example.org")))
        assert (await client.error(Auth(b"PLAIN", other))).code == "AUTH"
        assert await client.text(Auth()) == b"PLAIN\r\nLOGIN\r\n"

    play_pop3(tmp_path, scenario)


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

    play_pop3(tmp_path, scenario)


def test_silent_client_is_dropped_without_a_word_and_without_update(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE)
        client = Pop3Client(server.connect())
        await client.answer()
        await client.closed()

    play_pop3(tmp_path, scenario, Pop3Settings(login_seconds=0.02))
