"""What every stream promises (`bustia.net.stream`), over sockets, under TLS, and in memory."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bustia.net.memory import memory_pair
from bustia.net.socket import SocketStream, listen
from bustia.net.stream import Stream, StreamLimits
from certificate import HOST, client_context, server_context
from loops import run

LIMITS = StreamLimits(read_octets=65_536, write_octets=65_536, write_seconds=0.5, handshake_seconds=2.0)


@dataclass(frozen=True)
class Kind:
    """A way to make a pair of streams: `socket` over 127.0.0.1 or in memory cut to pieces, under TLS from the start or not."""

    socket: bool
    tls: bool = False
    loop: str = "asyncio"
    cut: int | None = None


KINDS = {
    "memory": Kind(False),
    "memory-1": Kind(False, cut=1),
    "memory-7": Kind(False, cut=7),
    "socket": Kind(True),
    "socket-uvloop": Kind(True, loop="uvloop"),
    "tls": Kind(True, tls=True),
    "tls-uvloop": Kind(True, tls=True, loop="uvloop"),
}


@pytest.fixture(params=KINDS.values(), ids=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    made: Kind = request.param
    return made


@asynccontextmanager
async def pair(kind: Kind) -> AsyncIterator[tuple[Stream, Stream]]:
    """A client's stream and the server's stream joined to it."""
    if not kind.socket:
        client, server = memory_pair(LIMITS, cut=kind.cut, tls=kind.tls)
        yield client, server
        return
    accepted: asyncio.Queue[Stream] = asyncio.Queue()
    bound = socket.create_server(("127.0.0.1", 0))
    door = await listen(bound, accepted.put_nowait, LIMITS, server_context() if kind.tls else None)
    address = bound.getsockname()
    context = client_context() if kind.tls else None
    _, connected = await asyncio.get_running_loop().create_connection(
        lambda: SocketStream(LIMITS), *address, ssl=context, server_hostname=HOST if kind.tls else None
    )
    arrived = await accepted.get()
    try:
        yield connected, arrived
    finally:
        connected.abort()
        arrived.abort()
        door.close()
        await asyncio.sleep(0)


def play(kind: Kind, scenario: Callable[[Stream, Stream], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with pair(kind) as (client, server):
            await scenario(client, server)

    run(whole(), kind.loop)


async def write_much(stream: Stream, pieces: int, octets: int) -> None:
    """Writes and drains so often, and lets the others run in between."""
    for _ in range(pieces):
        stream.write(b"x" * octets)
        await stream.drain()
        await asyncio.sleep(0)


async def read_all(stream: Stream, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = await stream.read()
        assert piece, f"ended after {len(data)} of {count} octets"
        data += piece
    return data


def test_octets_arrive_in_order(kind: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        client.write(b"one ")
        client.write(bytearray(b"two "))
        client.write(memoryview(b"three"))
        assert await read_all(server, 13) == b"one two three"
        server.write(b"answer")
        assert await read_all(client, 6) == b"answer"

    play(kind, scenario)


def test_end_is_given_after_the_octets_and_for_ever(kind: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        client.write(b"last")
        client.close()
        client.close()
        assert await read_all(server, 4) == b"last"
        assert await server.read() == b""
        assert await server.read() == b""

    play(kind, scenario)


def test_read_times_out_and_loses_nothing(kind: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        with pytest.raises(TimeoutError):
            await server.read(0.01)
        client.write(b"late")
        assert await read_all(server, 4) == b"late"

    play(kind, scenario)


def test_cancelled_read_loses_nothing(kind: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        reading = asyncio.create_task(server.read())
        await asyncio.sleep(0)
        client.write(b"kept")
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert await read_all(server, 4) == b"kept"

    play(kind, scenario)


def test_wake_ends_the_waiting_read_once(kind: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        reading = asyncio.create_task(server.read())
        await asyncio.sleep(0)
        server.wake()
        assert await reading is None
        client.write(b"x")
        assert await server.read() == b"x"

    play(kind, scenario)


def test_wake_before_read_is_not_lost(kind: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        server.wake()
        assert await server.read() is None
        with pytest.raises(TimeoutError):
            await server.read(0.01)

    play(kind, scenario)


def test_drain_waits_for_the_reader_and_everything_arrives(kind: Kind) -> None:
    size = 2_000 if kind.cut == 1 else 300_000

    async def scenario(client: Stream, server: Stream) -> None:
        filling = asyncio.create_task(write_much(server, 20, size // 20))
        assert len(await read_all(client, size)) == size
        await filling

    play(kind, scenario)


def test_peer_that_does_not_read_is_dropped(kind: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        with pytest.raises(ConnectionError):
            await write_much(server, 400, 262_144)  # 100 MB: more than any kernel buffer

    play(kind, scenario)


def test_drain_raises_when_the_peer_is_gone_and_write_does_not(kind: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        client.abort()
        with pytest.raises(ConnectionError):
            await write_much(server, 400, 262_144)
        server.write(b"nobody hears")
        assert await server.read() == b""

    play(kind, scenario)


def test_peer_is_named(kind: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        assert server.peer.host == "127.0.0.1"
        assert server.peer.is_loopback
        assert client.is_tls == server.is_tls == kind.tls

    play(kind, scenario)


STARTTLS_KINDS = {name: made for name, made in KINDS.items() if not made.tls}


@pytest.fixture(params=STARTTLS_KINDS.values(), ids=list(STARTTLS_KINDS))
def clear(request: pytest.FixtureRequest) -> Kind:
    made: Kind = request.param
    return made


def test_start_tls_at_both_ends(clear: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        await asyncio.gather(server.start_tls(server_context()), client.start_tls(client_context(), HOST))
        assert client.is_tls
        assert server.is_tls
        client.write(b"secret")
        assert await read_all(server, 6) == b"secret"
        server.write(b"known")
        assert await read_all(client, 5) == b"known"

    play(clear, scenario)


def test_octets_before_the_handshake_are_never_given_out_after_it(clear: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        client.write(b"STLS\r\nUSER injected\r\n")
        first = await server.read()
        assert first is not None
        if clear.cut is None:
            client.write(b"PASS injected\r\n")
        # until it has arrived behind the reader's back, of which a stream tells nobody
        while isinstance(server, SocketStream) and not server._chunks:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await asyncio.gather(server.start_tls(server_context()), client.start_tls(client_context(), HOST))
        client.write(b"clean")
        assert await read_all(server, 5) == b"clean"

    play(clear, scenario)


def test_octets_in_the_clear_instead_of_the_handshake_end_the_connection(clear: Kind) -> None:
    async def scenario(client: Stream, server: Stream) -> None:
        shaking = asyncio.create_task(server.start_tls(server_context()))
        await asyncio.sleep(0)  # its turn: the handshake begins
        client.write(b"USER injected\r\n")
        with pytest.raises(ConnectionError):
            await shaking
        assert await server.read() == b""

    play(clear, scenario)


def test_silence_instead_of_the_handshake_ends_the_connection() -> None:
    limits = StreamLimits(handshake_seconds=0.05)

    async def scenario() -> None:
        _, server = memory_pair(limits)
        with pytest.raises(ConnectionError):
            await server.start_tls(server_context())

    run(scenario())
