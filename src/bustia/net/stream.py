"""A stream: the way octets come and go, whatever carries them.

Invariants, held by `tests/contracts/test_stream.py` for every kind of stream:
- One task reads. `read` may be cancelled or time out without losing an octet; a wake-up is given once, to the waiting or else the next `read`.
- Nothing is read ahead without bound, and nothing is kept to be written without bound if the writer calls `drain` between its writes.
- Nothing that was received before the TLS handshake is ever given out after it (RFC 3501 §11.1, RFC 2595 §2.2, RFC 3207 §4.2).
- After the peer has gone `write` does nothing, `read` gives the end, `drain` raises: a writer of much data stops, a small answer is simply lost.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end: a numeric IP address, or "" for what has none (a socket in the file system), and the port or 0."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """True if the octets never leave this machine."""
        if not self.host:
            return True
        address = ip_address(self.host.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        return (mapped or address).is_loopback

    def __str__(self) -> str:
        if not self.host:
            return "local"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How much one stream may hold and how long it waits for a peer that does not read. Raises ValueError unless all are positive."""

    read_octets: int = 262_144  # received and not yet read; then reading from the peer pauses
    write_octets: int = 262_144  # written and not yet taken by the system; then `drain` waits
    write_seconds: float = 60.0  # `drain` waits no longer than this for a peer that does not read
    handshake_seconds: float = 10.0  # a TLS handshake takes two round trips; a longer one is an attack or a dead line

    def __post_init__(self) -> None:
        if min(self.read_octets, self.write_octets, self.write_seconds, self.handshake_seconds) <= 0:
            raise ValueError(f"limits of a stream must be positive: {self}")


class Stream(Protocol):
    """Octets to and from one peer."""

    @property
    def peer(self) -> Peer: ...

    @property
    def is_tls(self) -> bool: ...

    async def read(self, seconds: float | None = None) -> bytes | None:
        """What has arrived, at least one octet; b"" at the end or when the connection is lost; None when `wake` was called.

        Raises TimeoutError when nothing arrived for that many seconds.
        """
        ...

    def wake(self) -> None:
        """Makes the waiting `read`, or else the next one, return None. To be called in the event loop's thread."""
        ...

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Sends `data`, or keeps it to be sent; whoever writes more than a line calls `drain` before the next."""
        ...

    async def drain(self) -> None:
        """Waits until little is kept. Raises ConnectionError when the peer is gone or did not read for `write_seconds`."""
        ...

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None = None) -> None:
        """Throws away what was received and not read, then shakes hands: as client if `server_hostname` is given, else as server.

        Raises ConnectionError when there is no handshake; the stream is closed then.
        """
        ...

    def close(self) -> None:
        """Sends what is kept, then ends the connection, within `write_seconds`; safe to call twice."""
        ...

    def abort(self) -> None:
        """Ends the connection at once and drops what is kept."""
        ...
