"""Streams over sockets, in the clear or under TLS, by an asyncio Protocol that feeds one task.

Invariants:
- An idle connection costs this object and its transport only (2.5 KiB): no buffer is allocated before octets come, no timer runs while nobody waits.
- The transport is paused while `read_octets` or more wait to be read, and resumed by the `read` that takes them.
- `_waiter` is the one future of the one reading task; whoever completes it also forgets it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import cast

from bustia.net.stream import Peer, StreamLimits


class SocketStream(asyncio.Protocol):
    """A stream over one socket; made by `listen`, or given as protocol to `loop.create_connection`."""

    __slots__ = (
        "_chunks",
        "_drained",
        "_eof",
        "_held",
        "_limits",
        "_lost",
        "_opened",
        "_paused_writing",
        "_peer",
        "_tls",
        "_transport",
        "_waiter",
        "_woken",
    )

    def __init__(self, limits: StreamLimits, opened: Callable[[SocketStream], None] | None = None) -> None:
        self._limits = limits
        self._opened = opened
        self._transport: asyncio.Transport | None = None
        self._peer = Peer("", 0)
        self._tls = False
        self._chunks: list[bytes] = []
        self._held = 0  # octets in _chunks
        self._eof = False
        self._lost = False
        self._woken = False
        self._waiter: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._paused_writing = False

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection is there; under implicit TLS, after its handshake. One whose peer is gone already is for nobody."""
        self._take(cast(asyncio.Transport, transport))  # uvloop's is one without being derived from it
        connected = transport.get_extra_info("socket")
        if connected is not None and connected.family in (socket.AF_INET, socket.AF_INET6):
            address = transport.get_extra_info("peername")
            if address is None:  # reset before it was accepted
                self.abort()
                return
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            host, port = address[:2]
            self._peer = Peer(host, port)
        if self._opened is not None:
            opened, self._opened = self._opened, None
            opened(self)

    def _take(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._tls = transport.get_extra_info("ssl_object") is not None
        transport.set_write_buffer_limits(high=self._limits.write_octets)

    def data_received(self, data: bytes) -> None:
        self._chunks.append(data)
        self._held += len(data)
        if self._held >= self._limits.read_octets and self._transport is not None:
            self._transport.pause_reading()
        self._release()

    def eof_received(self) -> bool:
        """The peer will send no more. Says True, where the transport can, so that answers may still go out."""
        self._eof = True
        self._release()
        return not self._tls

    def connection_lost(self, error: Exception | None) -> None:
        self._eof = self._lost = True
        self._release()
        self.resume_writing()

    def pause_writing(self) -> None:
        self._paused_writing = True

    def resume_writing(self) -> None:
        self._paused_writing = False
        if self._drained is not None:
            waiting, self._drained = self._drained, None
            if not waiting.done():
                waiting.set_result(None)

    def _release(self) -> None:
        if self._waiter is not None:
            waiting, self._waiter = self._waiter, None
            if not waiting.done():
                waiting.set_result(None)

    # What the reading task calls

    @property
    def peer(self) -> Peer:
        return self._peer

    @property
    def is_tls(self) -> bool:
        return self._tls

    async def read(self, seconds: float | None = None) -> bytes | None:
        if not (self._chunks or self._eof or self._woken):
            await self._wait(seconds)
        if self._woken:
            self._woken = False
            return None
        if not self._chunks:
            return b""
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._forget()
        return data

    async def _wait(self, seconds: float | None) -> None:
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, _expire, waiter)
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _forget(self) -> None:
        """Forgets what has arrived, and lets more come if it was too much."""
        self._chunks = []
        if self._held >= self._limits.read_octets and self._transport is not None and not self._lost:
            self._transport.resume_reading()
        self._held = 0

    def wake(self) -> None:
        self._woken = True
        self._release()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._transport is not None and not self._lost:
            self._transport.write(data)

    async def drain(self) -> None:
        if self._paused_writing and not self._lost:
            if self._drained is None:
                self._drained = asyncio.get_running_loop().create_future()
            done, _ = await asyncio.wait([self._drained], timeout=self._limits.write_seconds)
            if not done:
                self.abort()
                raise ConnectionAbortedError(f"{self._peer} did not read for {self._limits.write_seconds:g} s")
        if self._lost:
            raise ConnectionResetError(f"{self._peer} is gone")

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None = None) -> None:
        if self._transport is None or self._lost:
            raise ConnectionResetError(f"{self._peer} is gone")
        self._forget()
        seconds = self._limits.handshake_seconds
        try:
            transport = await asyncio.get_running_loop().start_tls(
                self._transport,
                self,
                context,
                server_side=server_hostname is None,
                server_hostname=server_hostname,
                ssl_handshake_timeout=seconds,
            )
        except (OSError, ssl.SSLError) as error:
            self.abort()
            raise ConnectionAbortedError(f"no TLS with {self._peer}: {error}") from error
        if transport is None:  # the connection was lost during the handshake
            raise ConnectionResetError(f"{self._peer} is gone")
        self._take(transport)

    def close(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            if self._transport.get_write_buffer_size():
                asyncio.get_running_loop().call_later(self._limits.write_seconds, self.abort)
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None and not self._lost:
            self._transport.abort()


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError("nothing was received"))


async def listen(
    bound: socket.socket,
    opened: Callable[[SocketStream], None],
    limits: StreamLimits,
    tls: ssl.SSLContext | None = None,
) -> asyncio.Server:
    """Accepts connections on a bound socket and gives each to `opened`; under implicit TLS after its handshake (RFC 8314 §3)."""
    return await asyncio.get_running_loop().create_server(
        lambda: SocketStream(limits, opened),
        sock=bound,
        backlog=1024,
        ssl=tls,
        ssl_handshake_timeout=None if tls is None else limits.handshake_seconds,
    )
