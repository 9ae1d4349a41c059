"""Accepts connections for one protocol and runs one task for each; what every protocol shares around its sessions.

Invariants
- A connection is counted from its acceptance to the end of its task; one above a limit is told so and closed, and costs no task.
- Whatever a session raises ends that session only: a lost connection is a line in the log, anything else a bug, logged with its stack
  and told to the client in the protocol's own words.
- No connection keeps the event loop while others wait, however many commands it has sent at once: between two of them its session calls
  `share`. One command by itself is bounded by the limits of its protocol.
- `stop` closes the doors first, then wakes every session: each finishes the command that it runs, says goodbye and returns. Those that
  have not returned after `ending_seconds` are cancelled and dropped.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bustia.net.socket import listen
from bustia.net.stream import Stream
from bustia.server.settings import ListenerLimits

log = logging.getLogger(__name__)

TURN_SECONDS = (
    0.002  # of one connection in the loop, while others may wait: a hundred that send without end cost each other 0.2 s
)
WRITTEN = 262_144  # octets given to the stream at once; under TLS it holds them enciphered besides, for a client that does not read (threats C5)


class Connection:
    """One accepted connection, as its session sees it.

    `id` names it in the log. When `ending` is true, the session says goodbye as soon as the running command is done; a waiting
    `stream.read` returns None then.
    """

    __slots__ = ("_said", "_turn_ends", "ending", "held", "id", "stream")

    def __init__(self, stream: Stream, name: str) -> None:
        self.stream = stream
        self.id = name
        self.ending = False
        self.held = 0  # octets said and not flushed
        self._said: list[bytes] = []
        self._turn_ends = 0.0

    async def read(self, seconds: float) -> bytes | None:
        """As the stream's: a new turn of this connection begins when something has come."""
        octets = await self.stream.read(seconds)
        self._turn_ends = time.monotonic() + TURN_SECONDS
        return octets

    def say(self, octets: bytes) -> None:
        """Puts octets behind what was said before; they leave with the next `flush`, in one write unless they are many."""
        self._said.append(octets)
        self.held += len(octets)

    async def flush(self) -> None:
        """Sends all that was said and waits until the client has taken most of it. Raises ConnectionError."""
        if self._said:
            said, self._said, self.held = self._said, [], 0
            octets = memoryview(said[0] if len(said) == 1 else b"".join(said))
            for start in range(0, len(octets), WRITTEN):
                self.stream.write(octets[start : start + WRITTEN])
                await self.stream.drain()

    async def share(self) -> None:
        """Lets others have their turn if this connection's is over."""
        if time.monotonic() > self._turn_ends:
            await asyncio.sleep(0)
            self._turn_ends = time.monotonic() + TURN_SECONDS

    def end(self) -> None:
        """Asks the session to end."""
        self.ending = True
        self.stream.wake()


@dataclass(frozen=True, slots=True)
class Service:
    """A protocol to a listener: its name, the session of one connection, and the last words for those that get or keep none."""

    name: str
    serve: Callable[[Connection], Awaitable[None]]
    too_many: bytes  # said instead of a greeting
    bug: bytes  # said when `serve` raised what it should not


class Listener:
    """The doors of one service and all who came in by them."""

    def __init__(self, service: Service, limits: ListenerLimits) -> None:
        self._service = service
        self._limits = limits
        self._doors: list[asyncio.Server] = []
        self._sessions: dict[asyncio.Task[None], Connection] = {}
        self._by_address: Counter[str] = Counter()
        self._accepted = 0
        self._stopping = False

    @property
    def connections(self) -> int:
        """How many sessions run."""
        return len(self._sessions)

    async def listen(self, bound: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Opens a door: a bound socket, in the clear (STARTTLS is the session's) or, with `tls`, under TLS from the first octet."""
        self._doors.append(await listen(bound, self.accept, self._limits.stream, tls))

    def accept(self, stream: Stream) -> None:
        """Begins a session for a connection, or tells it that there are too many."""
        host = stream.peer.host
        crowded = not stream.peer.is_loopback and self._by_address[host] >= self._limits.per_address
        if self._stopping or crowded or self.connections >= self._limits.connections:
            log.warning("%s: too many connections, refused %s", self._service.name, stream.peer)
            stream.write(self._service.too_many)
            stream.close()
            return
        self._accepted += 1
        connection = Connection(stream, f"{self._service.name}-{self._accepted}")
        self._by_address[host] += 1
        task = asyncio.get_running_loop().create_task(self._run(connection), name=connection.id)
        self._sessions[task] = connection
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        host = self._sessions.pop(task).stream.peer.host
        self._by_address[host] -= 1
        if not self._by_address[host]:
            del self._by_address[host]

    async def _run(self, connection: Connection) -> None:
        stream = connection.stream
        log.info("%s: connected from %s%s", connection.id, stream.peer, " under TLS" if stream.is_tls else "")
        try:
            await self._service.serve(connection)
        except ConnectionError as error:
            log.info("%s: lost: %s", connection.id, error)
        except Exception:
            log.exception("%s: a bug ended the session", connection.id)
            stream.write(self._service.bug)
        finally:
            stream.close()

    async def stop(self) -> None:
        """Ends the listener and its sessions; returns when all are gone."""
        self._stopping = True
        for door in self._doors:
            door.close()
        sessions = dict(self._sessions)
        for connection in sessions.values():
            connection.end()
        if sessions:
            _, late = await asyncio.wait(sessions, timeout=self._limits.ending_seconds)
            for task in late:
                log.warning("%s: did not end in time", sessions[task].id)
                task.cancel()
                sessions[task].stream.abort()
            await asyncio.gather(*late, return_exceptions=True)
