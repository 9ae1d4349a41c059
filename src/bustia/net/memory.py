"""Streams within the process, for tests: two ends joined, octets cut where the test says, everything else as over a socket.

Invariants:
- What one end writes arrives in order, at the other end, in pieces of `cut` octets; each `read` gives one piece.
- TLS is played, not computed: each end says that the handshake begins; octets in the clear that arrive where the handshake should
  begin are a broken handshake, as they are for a real one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from enum import Enum

from bustia.net.stream import Peer, StreamLimits


class _Mark(Enum):
    HANDSHAKE = "handshake"


class MemoryStream:
    """One end of a pair made by `memory_pair`."""

    def __init__(self, peer: Peer, limits: StreamLimits, cut: int | None, tls: bool) -> None:
        self._peer = peer
        self._limits = limits
        self._cut = cut
        self._tls = tls
        self._other: MemoryStream = self
        self._arrived: deque[bytes | _Mark] = deque()
        self._held = 0  # octets in _arrived
        self._eof = False
        self._closed = False
        self._woken = False
        self._changed = asyncio.Event()  # something arrived here, or was taken from the other end

    def join(self, other: MemoryStream) -> None:
        """Makes `other` the receiver of what is written here."""
        self._other = other

    @property
    def peer(self) -> Peer:
        return self._peer

    @property
    def is_tls(self) -> bool:
        return self._tls

    async def read(self, seconds: float | None = None) -> bytes | None:
        while not (self._woken or self._eof or self._closed or self._readable()):
            await self._wait(seconds)
        if self._woken:
            self._woken = False
            return None
        if self._closed or not self._readable():
            return b""
        piece = self._arrived.popleft()
        assert isinstance(piece, bytes)
        if self._cut is not None and len(piece) > self._cut:
            self._arrived.appendleft(piece[self._cut :])
            piece = piece[: self._cut]
        self._held -= len(piece)
        self._other._changed.set()
        return piece

    def _readable(self) -> bool:
        return bool(self._arrived) and self._arrived[0] is not _Mark.HANDSHAKE

    async def _wait(self, seconds: float | None) -> None:
        self._changed.clear()
        async with asyncio.timeout(seconds):
            await self._changed.wait()

    def wake(self) -> None:
        self._woken = True
        self._changed.set()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data and not self._closed and not self._other._closed:
            self._other._arrived.append(bytes(data))
            self._other._held += len(data)
            self._other._changed.set()

    async def drain(self) -> None:
        while not self._closed and not self._other._closed and self._other._held > self._limits.write_octets:
            try:
                await self._wait(self._limits.write_seconds)
            except TimeoutError:
                self.abort()
                raise ConnectionAbortedError(f"{self._peer} did not read") from None
        if self._closed or self._other._closed:
            raise ConnectionResetError(f"{self._peer} is gone")

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None = None) -> None:
        while self._readable():
            self._arrived.popleft()
        self._held = 0
        self._other._arrived.append(_Mark.HANDSHAKE)
        self._other._changed.set()
        try:
            while not self._arrived and not self._eof and not self._closed:
                await self._wait(self._limits.handshake_seconds)
        except TimeoutError:
            self._arrived.clear()
        if not self._arrived or self._arrived.popleft() is not _Mark.HANDSHAKE:
            self.abort()
            raise ConnectionAbortedError(f"no TLS with {self._peer}")
        self._tls = True

    def close(self) -> None:
        self._closed = True
        self._other._eof = True
        self._changed.set()
        self._other._changed.set()

    def abort(self) -> None:
        self._other._arrived.clear()
        self._other._held = 0
        self.close()


def memory_pair(
    limits: StreamLimits,
    *,
    cut: int | None = None,
    tls: bool = False,
    host: str = "127.0.0.1",
) -> tuple[MemoryStream, MemoryStream]:
    """Two joined ends, client's and server's; each `read` gives at most `cut` octets (None: a write whole).

    With `tls` both believe to be under TLS; `host` is the client's numeric address. To be called in a running event loop.
    """
    client = MemoryStream(Peer("127.0.0.1", 25), limits, cut, tls)
    server = MemoryStream(Peer(host, 1024), limits, cut, tls)
    client.join(server)
    server.join(client)
    return client, server
