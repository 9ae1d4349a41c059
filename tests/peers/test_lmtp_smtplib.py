"""Python's smtplib.LMTP against our server, over a real socket."""

from __future__ import annotations

import asyncio
import smtplib
import socket
from pathlib import Path

import pytest

from certificate import HOST, client_context, server_context
from loops import run
from mail_server import BOB, lmtp, mail_server
from pair import USER

SENDER = "ann@example.com"
MESSAGE = b"Subject: x\r\n\r\n.a line that begins with a dot\r\n" + b"text of the message\r\n" * 20_000


def send(port: int) -> list[int]:
    """Sends MESSAGE to two who are here and one who is not; the codes of all replies from RCPT on."""
    with smtplib.LMTP(HOST, port, timeout=20) as client:
        client.starttls(context=client_context())
        client.ehlo()
        assert client.has_extn("pipelining")
        client.mail(SENDER, ["BODY=8BITMIME"])
        codes = [client.rcpt(to)[0] for to in (USER, "nobody@example.org", BOB)]
        codes.append(client.data(MESSAGE)[0])
        codes.append(client.getreply()[0])  # smtplib reads one answer to a message; LMTP has one for each recipient
        return codes


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_smtplib_delivers_to_each_recipient(tmp_path: Path, loop: str) -> None:
    async def scenario() -> None:
        async with mail_server(tmp_path, lmtp(tls=server_context())) as server:
            bound = socket.create_server(("127.0.0.1", 0))
            await server.listener.listen(bound)
            assert await asyncio.to_thread(send, bound.getsockname()[1]) == [250, 550, 250, 250, 250]
            for user in (USER, BOB):
                (stored,) = await server.stored(user)
                assert stored.endswith(b"\r\n" + MESSAGE)

    run(scenario(), loop)
