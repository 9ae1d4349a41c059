"""Two clients and one server, joined in memory: what one does, and what the other sees.

    async with pair(tmp_path) as (alice, bob, server):
        await alice.ok("SELECT INBOX")

Both are sessions of the same account, on a real store below `tmp_path`. Clients speak octets and read whole responses; nothing is parsed here,
so that a test asserts what is on the wire. `cut` is how many octets arrive at once, in both directions.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from pathlib import Path

from bustia.model.mailbox import MailboxName
from bustia.net.memory import memory_pair
from bustia.net.stream import Stream, StreamLimits
from bustia.server.auth import Authenticator, password_hasher
from bustia.server.imap.service import imap_service
from bustia.server.imap.settings import ImapSettings
from bustia.server.listener import Listener
from bustia.server.settings import AuthSettings, ListenerLimits
from bustia.store.api import Account
from bustia.store.sqlite.settings import StoreSettings
from bustia.store.sqlite.store import SqliteStore

USER = "alice@example.org"
PASSWORD = "open sesame"
NOW = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC
HANG = 20.0  # seconds after which a client that waits says that the server hangs

QUICK = AuthSettings(memory_kib=8, passes=1)  # a hash that costs a tenth of a millisecond
SMALL = StoreSettings(ballast_octets=0)

_LITERAL = re.compile(rb"\{([0-9]+)\}\r\n\Z")


class Client:
    """A client that speaks octets: `ok`, `no`, `bad` send a command and check its tagged line."""

    def __init__(self, stream: Stream, name: str) -> None:
        self.stream = stream
        self._buffer = b""
        self._tags = (f"{name}{number}" for number in itertools.count(1))

    def send(self, octets: bytes) -> None:
        """Octets as they are."""
        self.stream.write(octets)

    async def response(self) -> bytes:
        """The next whole response with its literals and line end. Raises EOFError when the server closed."""
        response = await self._line()
        while found := _LITERAL.search(response):
            response += await self._octets(int(found[1])) + await self._line()
        return response

    async def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            await self._more()
        line, newline, self._buffer = self._buffer.partition(b"\n")
        return line + newline

    async def _octets(self, count: int) -> bytes:
        while len(self._buffer) < count:
            await self._more()
        octets, self._buffer = self._buffer[:count], self._buffer[count:]
        return octets

    async def _more(self) -> None:
        octets = await self.stream.read(HANG)
        if not octets:
            raise EOFError(f"the server closed; left over: {self._buffer[:200]!r}")
        self._buffer += octets

    async def command(self, text: str | bytes) -> tuple[list[bytes], bytes]:
        """Sends a command without literals (or with `{n+}` ones); returns the untagged responses and the tagged line without its tag."""
        tag = next(self._tags).encode()
        self.send(tag + b" " + (text.encode() if isinstance(text, str) else text) + b"\r\n")
        return await self.until(tag)

    async def until(self, tag: bytes) -> tuple[list[bytes], bytes]:
        """All responses before the tagged line of `tag`, without line ends, and that line without its tag."""
        untagged: list[bytes] = []
        while True:
            response = (await self.response()).removesuffix(b"\r\n")
            if response.startswith(tag + b" "):
                return untagged, response[len(tag) + 1 :]
            untagged.append(response)

    async def ok(self, text: str | bytes) -> list[bytes]:
        """Sends a command that must succeed; the untagged responses."""
        untagged, tagged = await self.command(text)
        assert tagged.startswith(b"OK"), (text, tagged)
        return untagged

    async def tagged(self, text: str | bytes) -> bytes:
        """Sends a command; its tagged line."""
        return (await self.command(text))[1]

    async def no(self, text: str | bytes) -> bytes:
        """Sends a command that must be refused; the tagged line."""
        untagged, tagged = await self.command(text)
        assert tagged.startswith(b"NO"), (text, untagged, tagged)
        return tagged

    async def bad(self, text: str | bytes) -> bytes:
        """Sends a command that must break the grammar; the tagged line."""
        untagged, tagged = await self.command(text)
        assert tagged.startswith(b"BAD"), (text, untagged, tagged)
        return tagged

    async def append(self, message: bytes, mailbox: str = "INBOX", options: str = "") -> bytes:
        """Appends a message with a non-synchronising literal; the tagged line, which must be OK."""
        head = f"APPEND {mailbox} {options}{{{len(message)}+}}\r\n".encode()
        _, tagged = await self.command(head + message)
        assert tagged.startswith(b"OK"), tagged
        return tagged

    async def closed(self) -> list[bytes]:
        """What the server says until it closes."""
        said: list[bytes] = []
        with contextlib.suppress(EOFError):
            while True:
                said.append((await self.response()).removesuffix(b"\r\n"))
        return said


class Server:
    """One process's server: a store, and sessions over memory streams."""

    def __init__(
        self, root: Path, settings: ImapSettings | None, tls: ssl.SSLContext | None, clock: Callable[[], float]
    ) -> None:
        names = itertools.count(1)
        self.store = SqliteStore(root, clock, lambda: f"id{next(names)}", SMALL)
        self.authenticator = Authenticator(self.store.directory, QUICK, key=b"0" * 32)
        service = imap_service(self.store, self.authenticator, clock=clock, tls=tls, settings=settings)
        self.listener = Listener(service, ListenerLimits())

    @property
    def account(self) -> Account:
        """The account of both clients."""
        record = self.store.directory.find(USER)
        assert record is not None
        return self.store.account(record.id)

    def connect(
        self, name: str = "C", cut: int | None = None, limits: StreamLimits | None = None, host: str = "127.0.0.1"
    ) -> Client:
        """A client whose greeting has not been read yet."""
        ours, theirs = memory_pair(limits or StreamLimits(), cut=cut, host=host)
        self.listener.accept(theirs)
        return Client(ours, name)

    async def client(self, name: str = "C", cut: int | None = None) -> Client:
        """A client that has logged in."""
        client = self.connect(name, cut)
        await client.response()
        await client.ok(f'LOGIN {USER} "{PASSWORD}"')
        return client


@contextlib.asynccontextmanager
async def running(
    root: Path,
    *,
    settings: ImapSettings | None = None,
    tls: ssl.SSLContext | None = None,
    clock: Callable[[], float] = lambda: NOW,
) -> AsyncIterator[Server]:
    """A server on the store below `root`, with the one user made if need be."""
    server = Server(root, settings, tls, clock)
    await server.store.start()
    try:
        if server.store.directory.find(USER) is None:
            server.store.directory.create(USER, password_hasher(QUICK)(PASSWORD))
        yield server
    finally:
        await server.listener.stop()
        server.authenticator.close()
        await server.store.aclose()


@contextlib.asynccontextmanager
async def pair(
    root: Path, *, cut: int | None = None, settings: ImapSettings | None = None
) -> AsyncIterator[tuple[Client, Client, Server]]:
    """Alice and Bob, both logged in to the same account, and their server."""
    async with running(root, settings=settings) as server:
        yield await server.client("A", cut), await server.client("B", cut), server


def paired(
    *, cut: int | None = None, settings: ImapSettings | None = None
) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., None]]:
    """Makes a test of `async def test(alice, bob, server, …)`; what it has besides are fixtures or parameters as usual."""

    def decorate(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
        ours = list(inspect.signature(test).parameters.values())[3:]

        def wrapper(tmp_path: Path, **others: object) -> None:
            async def guarded() -> None:
                async with (
                    asyncio.timeout(3 * HANG),
                    pair(tmp_path, cut=cut, settings=settings) as (alice, bob, server),
                ):
                    await test(alice, bob, server, **others)

            asyncio.run(guarded())

        wrapper.__name__ = test.__name__
        wrapper.__doc__ = test.__doc__
        wrapper.__module__ = test.__module__
        temporary = inspect.Parameter("tmp_path", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Path)
        wrapper.__signature__ = inspect.Signature([temporary, *ours])  # type: ignore[attr-defined]  # pytest reads it
        wrapper.pytestmark = getattr(test, "pytestmark", [])  # type: ignore[attr-defined]  # and the marks
        return wrapper

    return decorate


def run(coroutine: Coroutine[None, None, None]) -> None:
    """Runs a test's coroutine in a loop of its own, with a guard against hanging."""

    async def guarded() -> None:
        async with asyncio.timeout(3 * HANG):
            await coroutine

    asyncio.run(guarded())


def mail(number: int = 1, body: str = "Hello.\r\n") -> bytes:
    """A small message; `number` makes it different from others."""
    return (
        f"From: Ann <ann@example.org>\r\nTo: bob@example.com\r\nSubject: number {number}\r\n"
        f"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\nMessage-ID: <{number}@example.org>\r\n\r\n{body}"
    ).encode()


def names(responses: list[bytes]) -> Iterator[bytes]:
    """The kinds of untagged responses in order: EXISTS, EXPUNGE, FETCH, OK…"""
    for response in responses:
        words = response.split(b" ", 3)
        yield words[2] if words[1].isdigit() else words[1]


INBOX = MailboxName("INBOX")
