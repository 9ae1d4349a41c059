"""Connections that are reset before the server has accepted them."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

import pytest

from bustia.net.socket import SocketStream, listen
from bustia.net.stream import Stream, StreamLimits
from certificate import HOST, client_context, server_context
from loops import LOOPS, run

RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, for no time


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("under_tls", [False, True], ids=["plain", "TLS"])
def test_connection_reset_before_it_is_accepted_is_no_bug_and_the_next_one_is_served(
    loop: str, under_tls: bool
) -> None:
    async def scenario() -> None:
        bugs: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, bug: bugs.append(bug))
        accepted: asyncio.Queue[Stream] = asyncio.Queue()
        bound = socket.create_server(("127.0.0.1", 0))
        address = bound.getsockname()
        for _ in range(5):
            with socket.create_connection(address) as hostile:
                hostile.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        door = await listen(bound, accepted.put_nowait, StreamLimits(), server_context() if under_tls else None)
        _, honest = await asyncio.get_running_loop().create_connection(
            lambda: SocketStream(StreamLimits()),
            *address,
            ssl=client_context() if under_tls else None,
            server_hostname=HOST if under_tls else None,
        )
        honest.write(b"hello")
        while await (stream := await accepted.get()).read(10) != b"hello":
            stream.abort()
        honest.abort()
        stream.abort()
        door.close()
        assert bugs == []

    run(scenario(), loop)
