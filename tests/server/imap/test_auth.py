"""LOGIN, AUTHENTICATE PLAIN and STARTTLS: what is refused, and that nothing sent in the clear is obeyed under TLS."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path

import pytest

from pair import PASSWORD, USER, Client, Server, paired, run, running

PLAIN = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()


def bad_plain(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def fresh(tmp_path: Path, test: object, **options: object) -> None:
    """Runs `await test(client, server)` with a client that has read the greeting."""

    async def body() -> None:
        async with running(tmp_path, tls=ssl.create_default_context()) as server:
            client = server.connect(**options)  # type: ignore[arg-type]  # a test names only what connect takes
            await client.response()
            await test(client, server)  # type: ignore[operator]  # always a coroutine function

    run(body())


@pytest.mark.parametrize(
    "command",
    [
        f'LOGIN {USER} "wrong"',
        'LOGIN nobody@example.org "open sesame"',
        "AUTHENTICATE PLAIN " + bad_plain(f"\0{USER}\0wrong"),
        "AUTHENTICATE PLAIN " + bad_plain(f"root\0{USER}\0{PASSWORD}"),
    ],
)
def test_every_failure_has_one_text(tmp_path: Path, command: str) -> None:
    async def test(client: Client, server: Server) -> None:
        assert await client.no(command) == b"NO [AUTHENTICATIONFAILED] Authentication failed"
        await client.bad("SELECT INBOX")

    fresh(tmp_path, test)


@pytest.mark.parametrize(
    "command", ["AUTHENTICATE PLAIN !", "AUTHENTICATE PLAIN YWJj", "AUTHENTICATE PLAIN =", "LOGIN only", "LOGIN a b c"]
)
def test_broken_login_is_bad(tmp_path: Path, command: str) -> None:
    async def test(client: Client, server: Server) -> None:
        await client.bad(command)

    fresh(tmp_path, test)


def test_unknown_mechanism_is_refused(tmp_path: Path) -> None:
    async def test(client: Client, server: Server) -> None:
        assert b"[CANNOT]" in await client.no("AUTHENTICATE NTLM")

    fresh(tmp_path, test)


def test_password_in_the_clear_from_afar_is_refused_unread(tmp_path: Path) -> None:
    async def test(client: Client, server: Server) -> None:
        assert b"[PRIVACYREQUIRED]" in await client.no(f'LOGIN {USER} "{PASSWORD}"')
        assert b"[PRIVACYREQUIRED]" in await client.no("AUTHENTICATE PLAIN " + PLAIN)
        assert b"[PRIVACYREQUIRED]" in await client.no("AUTHENTICATE PLAIN")  # not even asked for

    fresh(tmp_path, test, host="192.0.2.7")


def test_plain_with_and_without_initial_response(tmp_path: Path) -> None:
    async def test(client: Client, server: Server) -> None:
        client.send(b"a AUTHENTICATE PLAIN\r\n")
        assert await client.response() == b"+ \r\n"
        client.send(PLAIN.encode() + b"\r\n")
        assert (await client.response()).startswith(b"a OK [CAPABILITY IMAP4rev1 ")
        other = server.connect()
        await other.response()
        await other.ok("AUTHENTICATE PLAIN " + PLAIN)

    fresh(tmp_path, test)


@pytest.mark.parametrize("line", [b"*", b"!", b"YWJj", b""])
def test_cancelled_or_broken_response_is_bad(tmp_path: Path, line: bytes) -> None:
    async def test(client: Client, server: Server) -> None:
        client.send(b"a AUTHENTICATE PLAIN\r\n")
        await client.response()
        client.send(line + b"\r\n")
        assert (await client.response()).startswith(b"a BAD")
        await client.ok("NOOP")

    fresh(tmp_path, test)


def test_starttls_forgets_what_was_injected(tmp_path: Path) -> None:
    injected = b"a STARTTLS\r\nb LOGIN " + USER.encode() + b' "' + PASSWORD.encode() + b'"\r\n'

    async def test(client: Client, server: Server) -> None:
        client.send(injected)  # all in one segment
        assert (await client.response()).startswith(b"a OK")
        await client.stream.start_tls(ssl.create_default_context(), "server.example.org")
        capability = (await client.ok("CAPABILITY"))[0]  # the next answer is to this, not to LOGIN
        assert b"AUTH=PLAIN" in capability
        assert b"STARTTLS" not in capability
        await client.bad("SELECT INBOX")
        await client.bad("STARTTLS")
        await client.ok(f'LOGIN {USER} "{PASSWORD}"')

    fresh(tmp_path, test)


@pytest.mark.parametrize("cut", [12, 13, 20])
def test_injection_that_arrives_after_the_ok_breaks_the_handshake(tmp_path: Path, cut: int) -> None:
    async def test(client: Client, server: Server) -> None:
        octets = b"a STARTTLS\r\nb NOOP\r\nc NOOP\r\n"
        client.send(octets[:cut])
        assert (await client.response()).startswith(b"a OK")
        client.send(octets[cut:])
        assert not any(line.startswith((b"b", b"c")) for line in await client.closed())

    fresh(tmp_path, test)


@paired()
async def test_starttls_without_a_certificate_is_bad(alice: Client, bob: Client, server: Server) -> None:
    client = server.connect()
    await client.response()
    await client.bad("STARTTLS")


@paired()
async def test_literal_password(alice: Client, bob: Client, server: Server) -> None:
    client = server.connect()
    await client.response()
    await client.ok(f"LOGIN {USER} {{{len(PASSWORD)}+}}\r\n{PASSWORD}")
