"""Python's poplib against our server, over real sockets: in the clear, by STLS, and under TLS from the start."""

from __future__ import annotations

import asyncio
import poplib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from certificate import HOST, client_context, server_context
from loops import run
from mail_server import mail_server, pop3
from pair import PASSWORD, USER

MESSAGES = [b"Subject: %d\r\n\r\n.%d\r\n" % (number, number) + b"text\r\n" * number for number in range(200)]


def connect_clear(port: int) -> poplib.POP3:
    return poplib.POP3(HOST, port, timeout=20)


def connect_stls(port: int) -> poplib.POP3:
    client = poplib.POP3(HOST, port, timeout=20)
    client.stls(client_context())
    return client


def connect_tls(port: int) -> poplib.POP3:
    return poplib.POP3_SSL(HOST, port, timeout=20, context=client_context())


def converse(connect: Callable[[int], poplib.POP3], port: int) -> None:
    """A whole session as poplib sees it."""
    client = connect(port)
    assert "UIDL" in client.capa()
    with pytest.raises(poplib.error_proto):
        client.stat()
    client.user(USER)
    client.pass_(PASSWORD)
    assert client.stat() == (len(MESSAGES), sum(map(len, MESSAGES)))
    sizes = [int(line.split()[1]) for line in client.list()[1]]
    assert sizes == [len(message) for message in MESSAGES]
    assert len(set(client.uidl()[1])) == len(MESSAGES)
    for number, message in enumerate(MESSAGES, 1):
        _, lines, octets = client.retr(number)
        assert b"".join(line + b"\r\n" for line in lines) == message
        assert octets == len(message)
    assert client.top(200, 1)[1] == [b"Subject: 199", b"", b".199"]
    client.dele(1)
    client.rset()
    client.dele(200)
    client.quit()


@pytest.mark.parametrize("connect", [connect_clear, connect_stls, connect_tls])
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_poplib_session(tmp_path: Path, connect: Callable[[int], poplib.POP3], loop: str) -> None:
    async def scenario() -> None:
        async with mail_server(tmp_path, pop3(tls=server_context())) as server:
            await server.append(*MESSAGES)
            bound = socket.create_server(("127.0.0.1", 0))
            await server.listener.listen(bound, server_context() if connect is connect_tls else None)
            await asyncio.to_thread(converse, connect, bound.getsockname()[1])
            assert await server.stored() == MESSAGES[:-1]

    run(scenario(), loop)
