"""LMTP sessions on a real store: bad input first, then an answer for each recipient, and what is stored."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bustia.model.reason import Reason, Refused
from bustia.protocol.smtp.commands import COMMANDS
from bustia.server.smtp.handlers import HANDLERS
from bustia.server.smtp.settings import SmtpSettings
from bustia.store.api import WriteTxn
from certificate import HOST, client_context
from mail_server import BOB, LmtpClient, MailServer, play_lmtp
from pair import USER
from stores import soon

MESSAGE = b"Subject: hello\r\n\r\nbody\r\n.dot\r\n"
WIRE = b"Subject: hello\r\n\r\nbody\r\n..dot\r\n.\r\n"
TRACE = (
    b"Return-Path: <ann@example.com>\r\n"
    b"Received: from client.example.org ([127.0.0.1])\r\n"
    b"\tby mail.example.org (Bustia) with LMTP id lmtp-1.1\r\n"
    b"\tfor <alice@example.org>;\r\n"
    b"\tTue, 14 Nov 2023 22:13:20 +0000\r\n"
)


async def greeted(server: MailServer, cut: int | None = None) -> LmtpClient:
    client = LmtpClient(server.connect(cut))
    await client.hello()
    return client


def test_every_command_has_a_handler() -> None:
    assert set(HANDLERS) == {spec.type for spec in COMMANDS}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "500 5.5.1"),
        ("HELO client.example.org", "500 5.5.1"),
        ("EHLO client.example.org", "500 5.5.1"),
        ("LHLO", "501 5.5.4"),
        ("LHLO two names", "501 5.5.4"),
        ("MAIL ann@example.com", "501 5.5.4"),
        ("MAIL FROM:ann@example.com", "501 5.5.4"),
        ("MAIL FROM:<ann@@example.com>", "501 5.1.7"),
        ("MAIL FROM:<ann@example.com> NOTIFY=NEVER", "555 5.5.4"),
        ("MAIL FROM:<ann@example.com> SIZE=1 SIZE=2", "501 5.5.4"),
        ("MAIL FROM:<ann@example.com> SIZE=x", "555 5.5.4"),
        ("MAIL FROM:<ann@example.com> BODY=BINARYMIME", "555 5.5.4"),
        ("MAIL FROM:<añn@example.com>", "550 5.6.7"),
        ("RCPT TO:<alice@example.org>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
        ("BDAT 3 LAST", "500 5.5.1"),
        ("x" * 5000, "500 5.5.2"),
        (b"NOOP\nMAIL FROM:<>", "500 5.5.2"),
        (b"\0\xff\xfe", "500 5.5.1"),
    ],
)
def test_bad_commands_get_their_code_and_the_session_goes_on(tmp_path: Path, line: str | bytes, code: str) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        assert (await client.say(line)).startswith(code + " ")
        if b"\n" in (line.encode() if isinstance(line, str) else line):
            await client.reply()
        assert (await client.say("NOOP")).startswith("250 ")

    play_lmtp(tmp_path, scenario)


def test_order_of_commands(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = LmtpClient(server.connect())
        await client.reply()
        assert (await client.say("MAIL FROM:<>")).startswith("503 5.5.1 LHLO first")
        await client.say("LHLO client.example.org")
        await client.say("MAIL FROM:<>")
        assert (await client.say("MAIL FROM:<>")).startswith("503 ")
        assert (await client.say("DATA")).startswith("503 5.5.1 RCPT first")
        assert (await client.say("STARTTLS")).startswith("503 ")
        await client.say(f"RCPT TO:<{USER}>")
        await client.say("RSET")
        assert (await client.say("DATA")).startswith("503 5.5.1 MAIL first")
        await client.say("MAIL FROM:<>")
        await client.say("LHLO client.example.org")
        assert (await client.say(f"RCPT TO:<{USER}>")).startswith("503 ")

    play_lmtp(tmp_path, scenario)


SMUGGLED = b"MAIL FROM:<mallory@example.com>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nSubject: smuggled\r\n\r\n"
FORMS = {
    "LF.LF": b"\n.\n",
    "LF.CRLF": b"\n.\r\n",
    "CR.CRLF": b"\r.\r\n",
    "CR.CR": b"\r.\r",
    "LF.CR": b"\n.\r",
    "CRLF.LF": b"\r\n.\n",
    "CRLF.CR": b"\r\n.\r",
    "CRLF-NUL.CRLF": b"\r\n\0.\r\n",
    "CRLF.NUL-CRLF": b"\r\n.\0\r\n",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_no_other_end_smuggles_a_second_message(tmp_path: Path, form: bytes) -> None:
    """CVE-2023-51764 and its kin: each form, cut at every octet."""
    data = b"Subject: one\r\n\r\nbody" + form + SMUGGLED + b".\r\n"

    async def scenario(server: MailServer) -> None:
        for cut in range(1, len(data)):
            client = await greeted(server)
            await client.say("MAIL FROM:<ann@example.com>")
            await client.say(f"RCPT TO:<{USER}>")
            await client.say("DATA")
            client.stream.write(data[:cut])
            client.stream.write(data[cut:] + b"QUIT\r\n")
            assert (await client.reply()).startswith("554 5.6.0 ")
            assert (await client.reply()).startswith("221 ")
            await client.closed()
        assert await server.stored(USER) == []
        assert await server.stored(BOB) == []

    play_lmtp(tmp_path, scenario)


@pytest.mark.parametrize("cut", [None, 1, 7])
def test_message_is_stored_with_trace_lines_and_nothing_else_changed(tmp_path: Path, cut: int | None) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server, cut)
        assert await client.send(WIRE, USER) == ["250 2.1.5 <alice@example.org> delivered"]
        assert await server.stored() == [TRACE + MESSAGE]

    play_lmtp(tmp_path, scenario)


def test_empty_message_and_empty_sender(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        assert (await client.send(b".\r\n", USER, sender="<>"))[0].startswith("250 ")
        (stored,) = await server.stored()
        assert stored.startswith(b"Return-Path: <>\r\nReceived: ")

    play_lmtp(tmp_path, scenario)


def test_each_recipient_gets_an_answer_in_order(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        await client.say("MAIL FROM:<ann@example.com>")
        assert (await client.say(f"RCPT TO:<{BOB}>")).startswith("250 ")
        assert (await client.say("RCPT TO:<nobody@example.org>")).startswith("550 5.1.1 <nobody@example.org>")
        assert (await client.say(f"RCPT TO:<{USER.upper()}>")).startswith("250 ")
        assert (await client.say("RCPT TO:<alice+detail@example.org>")).startswith("250 ")
        await client.say("DATA")
        client.stream.write(WIRE)
        replies = [await client.reply() for _ in range(3)]
        assert [reply.split(" ")[0] for reply in replies] == ["250"] * 3
        for user in (USER, BOB):
            (stored,) = await server.stored(user)
            assert stored.endswith(MESSAGE)
            assert b"\tfor <" not in stored  # nobody learns of the others

    play_lmtp(tmp_path, scenario)


def test_over_quota_is_temporary_and_only_for_that_recipient(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        def no_room(txn: WriteTxn) -> None:
            txn.set_quota(10, None)

        await server.account(BOB).write(no_room)
        client = await greeted(server)
        replies = await client.send(WIRE, BOB, USER)
        assert replies[0].startswith("452 4.2.2 <bob@example.org>")
        assert replies[1].startswith("250 ")
        assert await server.stored(BOB) == []

    play_lmtp(tmp_path, scenario)


def test_closed_mailbox_takes_no_mail(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        record = server.store.directory.find(BOB)
        assert record is not None
        server.store.directory.set_enabled(record.id, False)
        client = await greeted(server)
        await client.say("MAIL FROM:<>")
        assert (await client.say(f"RCPT TO:<{BOB}>")).startswith("550 5.")

    play_lmtp(tmp_path, scenario)


def test_size_is_refused_when_said_and_when_counted(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        assert (await client.say("MAIL FROM:<> SIZE=1001")).startswith("552 5.3.4 ")
        assert (await client.say("MAIL FROM:<> SIZE=1000")).startswith("250 ")
        await client.say("RSET")
        fits = b"Subject: x\r\n\r\n" + b"12345678\r\n" * 98 + b"1234\r\n"
        assert len(fits) == 1000
        assert (await client.send(fits + b".\r\n", USER))[0].startswith("250 ")
        assert (await client.send(fits[:-2] + b"5\r\n.\r\n", USER))[0].startswith("552 5.3.4 ")
        assert (await client.say("NOOP")).startswith("250 ")
        assert len(await server.stored()) == 1

    play_lmtp(tmp_path, scenario, SmtpSettings(message_octets=1000))


def test_message_far_too_big_ends_the_connection(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        await client.say("MAIL FROM:<>")
        await client.say(f"RCPT TO:<{USER}>")
        await client.say("DATA")
        client.stream.write(b"x\r\n" * 1000)
        assert (await client.reply()).startswith("421 4.3.4 ")
        await client.closed()

    play_lmtp(tmp_path, scenario, SmtpSettings(message_octets=1000))


@pytest.mark.parametrize("cut", [None, 1])
def test_line_limit_of_messages(tmp_path: Path, cut: int | None) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server, cut)
        assert (await client.send(b"x" * 998 + b"\r\n.\r\n", USER))[0].startswith("250 ")
        assert (await client.send(b"." * 999 + b"\r\n.\r\n", USER))[0].startswith("250 ")  # one dot is undone
        refused = (await client.send(b"x" * 999 + b"\r\n.\r\n", USER))[0]
        assert refused.startswith("554 5.6.0 ")
        assert "line" in refused

    play_lmtp(tmp_path, scenario)


def test_too_many_recipients_are_put_off(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        await client.say("MAIL FROM:<>")
        for _ in range(100):
            assert (await client.say(f"RCPT TO:<{USER}>")).startswith("250 ")
        assert (await client.say(f"RCPT TO:<{USER}>")).startswith("452 4.5.3 ")

    play_lmtp(tmp_path, scenario, SmtpSettings(recipients=100))


def test_utf8_addresses_need_smtputf8(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        await client.say("MAIL FROM:<ann@example.com>")
        assert (await client.say("RCPT TO:<núria@example.org>")).startswith("550 5.6.7 ")
        await client.say("RSET")
        assert (await client.say("MAIL FROM:<àngel@example.com> SMTPUTF8 BODY=8BITMIME")).startswith("250 ")
        await client.say(f"RCPT TO:<{USER}>")
        await client.say("DATA")
        assert (await client.say("Subject: à\r\n\r\n.")).startswith("250 ")
        (stored,) = await server.stored()
        assert stored.startswith("Return-Path: <àngel@example.com>\r\n".encode())
        assert b" with UTF8LMTP id " in stored

    play_lmtp(tmp_path, scenario)


def test_help_names_the_commands_at_any_time(tmp_path: Path) -> None:
    """RFC 5321 §4.1.1.8."""

    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        for question in ("HELP", "HELP MAIL"):
            answer = await client.say(question)
            assert answer.startswith("214 2.0.0 ")
            assert answer.split()[2:] == sorted(spec.name.decode() for spec in COMMANDS)

    play_lmtp(tmp_path, scenario)


def test_what_is_offered(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = LmtpClient(server.connect())
        offered = (await client.hello()).split("\n")
        assert [line[4:].split(" ")[0] for line in offered] == [
            "mail.example.org", "PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "STARTTLS",
        ]  # fmt: skip

    play_lmtp(tmp_path, scenario)


def test_commands_sent_in_the_clear_behind_starttls_are_never_obeyed(tmp_path: Path) -> None:
    injected = b"LHLO evil\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\ninjected\r\n.\r\n"

    async def scenario(server: MailServer) -> None:
        for cut in range(len(injected)):
            client = await greeted(server)
            client.stream.write(b"STARTTLS\r\n" + injected[:cut])
            assert (await client.reply()).startswith("220 ")
            await client.stream.start_tls(client_context(), HOST)
            assert (await client.say("MAIL FROM:<>")).startswith("503 5.5.1 LHLO first")
            client.stream.abort()
        assert await server.stored() == []

    play_lmtp(tmp_path, scenario)


def test_starttls_is_told_in_the_trace(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        assert (await client.say("STARTTLS")).startswith("220 ")
        await client.stream.start_tls(client_context(), HOST)
        assert "STARTTLS" not in await client.say("LHLO client.example.org")
        assert (await client.say("STARTTLS")).startswith("503 ")
        await client.send(WIRE, USER)
        assert b" with LMTPS id " in (await server.stored())[0]

    play_lmtp(tmp_path, scenario)


def test_lost_connection_delivers_nothing(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        await client.say("MAIL FROM:<>")
        await client.say(f"RCPT TO:<{USER}>")
        await client.say("DATA")
        client.stream.write(WIRE[:-2])
        client.stream.close()
        await soon(lambda: not server.listener.connections)
        assert await server.stored() == []

    play_lmtp(tmp_path, scenario)


def test_full_disk_is_temporary_and_the_message_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        spool = server.store.spool()

        def full(chunk: bytes) -> None:
            raise Refused(Reason.DISK_FULL)

        monkeypatch.setattr(spool, "write", full)
        monkeypatch.setattr(server.store, "spool", lambda: spool)
        assert (await client.send(b"x" * 500 + b"\r\nRSET\r\n.\r\n", USER))[0].startswith("452 4.3.1 ")
        assert (await client.say("NOOP")).startswith("250 ")

    play_lmtp(tmp_path, scenario)


def test_who_does_nothing_right_is_sent_away(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await greeted(server)
        for _ in range(2):
            assert (await client.say("XYZZY")).startswith("500 ")
        assert (await client.say("XYZZY")).startswith("500 ")
        assert (await client.reply()).startswith("421 ")
        await client.closed()

    play_lmtp(tmp_path, scenario, SmtpSettings(bad_commands=3))


def test_server_that_ends_says_so_between_and_within_messages(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        idle, busy = await greeted(server), await greeted(server)
        await busy.say("MAIL FROM:<>")
        await busy.say(f"RCPT TO:<{USER}>")
        await busy.say("DATA")
        stopping = asyncio.create_task(server.listener.stop())
        for client in (idle, busy):
            assert (await client.reply()).startswith("421 4.3.2 ")
            await client.closed()
        await stopping
        assert await server.stored() == []

    play_lmtp(tmp_path, scenario)


@pytest.mark.parametrize(("name", "value"), [("data_line", 999), ("recipients", 99), ("inactive_seconds", 299)])
def test_limits_below_the_rfc_cannot_be_set(name: str, value: int) -> None:
    with pytest.raises(ValueError):
        replace(SmtpSettings(), **{name: value})
