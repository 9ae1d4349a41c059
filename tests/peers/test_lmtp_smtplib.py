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


def send(port: int) -> dict[str, tuple[int, bytes]]:
    """Sends MESSAGE to two who are here and one who is not; those that were refused."""
    with smtplib.LMTP(HOST, port) as client:
        client.starttls(context=client_context())
        client.ehlo()
        assert client.has_extn("pipelining")
        return client.sendmail(SENDER, [USER, "nobody@example.org", BOB], MESSAGE, ["BODY=8BITMIME"])


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_smtplib_delivers_to_each_recipient(tmp_path: Path, loop: str) -> None:
    async def scenario() -> None:
        async with mail_server(tmp_path, lmtp(tls=server_context())) as server:
            bound = socket.create_server(("127.0.0.1", 0))
            await server.listener.listen(bound)
            refused = await asyncio.to_thread(send, bound.getsockname()[1])
            assert list(refused) == ["nobody@example.org"]
            assert refused["nobody@example.org"][0] == 550
            for user in (USER, BOB):
                (stored,) = await server.stored(user)
                assert stored.endswith(b"\r\n" + MESSAGE)

    run(scenario(), loop)
