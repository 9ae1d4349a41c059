"""Connections: how many, what happens to a session that fails, and how all of it ends."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

import pytest

from bustia.net.memory import MemoryStream, memory_pair
from bustia.net.stream import StreamLimits
from bustia.server.listener import Connection, Listener, Service
from bustia.server.settings import ListenerLimits
from loops import run
from stores import soon

LIMITS = ListenerLimits(connections=3, per_address=2, ending_seconds=0.05)


def listener(serve: Callable[[Connection], Awaitable[None]]) -> Listener:
    return Listener(Service("test", serve, too_many=b"too many\r\n", bug=b"bug\r\n"), LIMITS)


def connect(house: Listener, host: str) -> MemoryStream:
    client, server = memory_pair(StreamLimits(), host=host)
    house.accept(server)
    return client


async def patient(connection: Connection) -> None:
    """Says hello, and waits to be ended by either side."""
    connection.stream.write(b"hello\r\n")
    while not connection.ending and await connection.stream.read():
        pass
    if connection.ending:
        connection.stream.write(b"bye\r\n")


def test_address_above_its_limit_is_told_so_and_others_are_served() -> None:
    async def scenario() -> None:
        house = listener(patient)
        first, second, third = (connect(house, "192.0.2.1") for _ in range(3))
        assert await third.read() == b"too many\r\n"
        assert await third.read() == b""
        assert await first.read() == b"hello\r\n"
        assert await connect(house, "192.0.2.2").read() == b"hello\r\n"
        second.close()
        await soon(lambda: house.connections < 3)
        assert await connect(house, "192.0.2.1").read() == b"hello\r\n"
        await house.stop()

    run(scenario())


def test_loopback_has_only_the_limit_of_all() -> None:
    async def scenario() -> None:
        house = listener(patient)
        clients = [connect(house, "127.0.0.1") for _ in range(4)]
        assert [await client.read() for client in clients] == [b"hello\r\n"] * 3 + [b"too many\r\n"]
        await house.stop()

    run(scenario())


def test_bug_ends_its_own_session_only_and_is_logged_with_its_stack(caplog: pytest.LogCaptureFixture) -> None:
    async def serve(connection: Connection) -> None:
        if await connection.stream.read() == b"fail":
            raise KeyError("a bug")
        connection.stream.write(b"served")

    async def scenario() -> None:
        house = listener(serve)
        bad, good = connect(house, "192.0.2.1"), connect(house, "192.0.2.2")
        bad.write(b"fail")
        assert await bad.read() == b"bug\r\n"
        assert await bad.read() == b""
        good.write(b"go on")
        assert await good.read() == b"served"
        await house.stop()

    with caplog.at_level(logging.INFO):
        run(scenario())
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert "test-1" in record.getMessage()


def test_lost_connection_is_not_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    async def serve(connection: Connection) -> None:
        raise ConnectionResetError("gone")

    async def scenario() -> None:
        house = listener(serve)
        assert await connect(house, "192.0.2.1").read() == b""
        await house.stop()

    run(scenario())
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_stop_lets_sessions_say_goodbye_and_drops_those_that_do_not_end() -> None:
    async def serve(connection: Connection) -> None:
        if connection.stream.peer.host == "192.0.2.1":
            await patient(connection)
        else:
            await asyncio.Event().wait()

    async def scenario() -> None:
        house = listener(serve)
        polite, deaf = connect(house, "192.0.2.1"), connect(house, "192.0.2.2")
        assert await polite.read() == b"hello\r\n"
        await house.stop()
        assert await polite.read() == b"bye\r\n"
        assert await deaf.read() == b""
        assert not house.connections
        assert await connect(house, "192.0.2.3").read() == b"too many\r\n"

    run(scenario())


def test_doors_are_closed_by_stop() -> None:
    async def scenario() -> None:
        house = listener(patient)
        bound = socket.create_server(("127.0.0.1", 0))
        address = bound.getsockname()
        await house.listen(bound)
        reader, writer = await asyncio.open_connection(*address)
        assert await reader.readline() == b"hello\r\n"
        await house.stop()
        assert await reader.readline() == b"bye\r\n"
        writer.close()
        await writer.wait_closed()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)

    run(scenario())
