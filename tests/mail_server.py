"""A POP3 or LMTP server on a real store in a temporary folder, reached over memory streams; and clients for it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bustia.model.flags import NO_FLAGS
from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.numbers import MAX_UID
from bustia.net.memory import memory_pair
from bustia.net.stream import Stream, StreamLimits
from bustia.protocol.pop3.client import Answer, Challenge, ClientConnection, Event, Text, TextEnd
from bustia.protocol.pop3.commands import Command, Noop, Pass, User
from bustia.protocol.pop3.replies import Reply
from bustia.server.auth import Authenticator, password_hasher
from bustia.server.listener import Listener, Service
from bustia.server.pop3.service import pop3_service
from bustia.server.pop3.settings import Pop3Settings
from bustia.server.settings import ListenerLimits
from bustia.server.smtp.service import lmtp_service
from bustia.server.smtp.settings import SmtpSettings
from bustia.store.api import Account, Arrival, Column, ReadTxn, WriteTxn
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.store import SqliteStore
from certificate import server_context
from loops import run
from pair import PASSWORD, QUICK, USER
from stores import NOW, open_store

HANG = 20.0  # seconds after which a client says that the server hangs
BOB = "bob@example.org"
INBOX_NAME = MailboxName(INBOX)
EVERY = NumberSet(((1, MAX_UID),))


class Pop3Client:
    """One session, seen from the client's end."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.wire = ClientConnection()

    async def event(self) -> Event:
        """The next event. Raises EOFError when the server closed."""
        while (event := self.wire.next_event()) is None:
            octets = await self.stream.read(HANG)
            if not octets:
                raise EOFError
            self.wire.receive(octets)
        return event

    async def answer(self) -> tuple[Reply, bytes]:
        """The next status line, and the text behind it, b"" where there is none."""
        first = await self.event()
        assert isinstance(first, Answer), first
        text = b""
        while first.more and not isinstance(event := await self.event(), TextEnd):
            assert isinstance(event, Text)
            text += event.octets
        return first.reply, text

    async def ask(self, command: Command) -> tuple[Reply, bytes]:
        """Sends a command and waits for its whole answer."""
        self.stream.write(self.wire.send(command))
        return await self.answer()

    async def ok(self, command: Command) -> str:
        """The text of the status line, which must be +OK."""
        reply, _ = await self.ask(command)
        assert reply.ok, reply
        return reply.text

    async def text(self, command: Command) -> bytes:
        """The text of a multi-line answer."""
        reply, text = await self.ask(command)
        assert reply.ok, reply
        return text

    async def error(self, command: Command) -> Reply:
        """The status line, which must be -ERR."""
        reply, _ = await self.ask(command)
        assert not reply.ok, reply
        return reply

    async def line(self, octets: bytes) -> Reply:
        """Sends a line as it is; the answer, which must be a single line."""
        self.wire.send(Noop())  # only so that the answer is expected
        self.stream.write(octets)
        return (await self.answer())[0]

    async def challenge(self) -> bytes:
        """The challenge that comes next."""
        event = await self.event()
        assert isinstance(event, Challenge), event
        return event.octets

    async def log_in(self, user: str = USER, password: str = PASSWORD) -> None:
        await self.answer()
        await self.ok(User(user))
        await self.ok(Pass(password))

    async def closed(self) -> None:
        """Waits until the server closes, without another word."""
        octets = await self.stream.read(HANG)
        assert octets == b"", octets


class MailServer:
    """A store with two accounts, alice's (USER) and BOB's, and one listener."""

    def __init__(self, store: SqliteStore, make_service: Callable[[SqliteStore, Authenticator], Service]) -> None:
        self.store = store
        for user in (USER, BOB):
            if store.directory.find(user) is None:
                store.directory.create(user, password_hasher(QUICK)(PASSWORD))
        self.authenticator = Authenticator(store.directory, QUICK, key=b"k" * 32)
        self.listener = Listener(make_service(store, self.authenticator), ListenerLimits(ending_seconds=HANG))

    def account(self, user: str = USER) -> Account:
        record = self.store.directory.find(user)
        assert record is not None
        return self.store.account(record.id)

    def connect(self, cut: int | None = None, host: str = "127.0.0.1", limits: StreamLimits | None = None) -> Stream:
        """The client's end of a new connection."""
        ours, theirs = memory_pair(limits or StreamLimits(), cut=cut, host=host)
        self.listener.accept(theirs)
        return ours

    async def append(self, *messages: bytes, user: str = USER) -> list[int]:
        """Files messages in INBOX as they are; their UIDs."""
        arrivals = [Arrival(prepare(message), NO_FLAGS, NOW) for message in messages]

        def file(txn: WriteTxn) -> list[int]:
            return list(txn.append(txn.mailbox(INBOX_NAME).id, arrivals))

        return await self.account(user).write(file, heavy=True)

    async def stored(self, user: str = USER, mailbox: MailboxName = INBOX_NAME) -> list[bytes]:
        """The octets of all messages of a mailbox, by UID."""

        def read(txn: ReadTxn) -> list[bytes]:
            rows = txn.messages(txn.mailbox(mailbox).id, EVERY, (Column.MAIL, Column.SIZE))
            contents = txn.contents([row[0] for row in rows])  # type: ignore[misc]  # a MailID by the column's rule
            return [contents[mail].read(0, size) for mail, size in rows]  # type: ignore[index, arg-type]  # as above

        return await self.account(user).read(read, heavy=True)


@asynccontextmanager
async def mail_server(
    root: Path, make_service: Callable[[SqliteStore, Authenticator], Service]
) -> AsyncIterator[MailServer]:
    """A server at work on the store below `root`."""
    async with open_store(root) as store:
        server = MailServer(store, make_service)
        try:
            yield server
        finally:
            await server.listener.stop()
            server.authenticator.close()


def pop3(
    settings: Pop3Settings | None = None, tls: ssl.SSLContext | None = None
) -> Callable[[SqliteStore, Authenticator], Service]:
    """Makes the POP3 service of `mail_server`."""
    return lambda store, authenticator: pop3_service(
        store, authenticator, name="mail.example.org", tls=tls, settings=settings
    )


class LmtpClient:
    """One session, seen from the client's end: octets out, replies in."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._buffer = b""

    async def line(self) -> bytes:
        """The next line with its end. Raises EOFError when the server closed."""
        while b"\r\n" not in self._buffer:
            octets = await self.stream.read(HANG)
            if not octets:
                raise EOFError(self._buffer)
            self._buffer += octets
        line, end, self._buffer = self._buffer.partition(b"\r\n")
        return line + end

    async def reply(self) -> str:
        """The next reply, its lines joined by LF; every code must agree."""
        lines = [await self.line()]
        while lines[-1][3:4] == b"-":
            lines.append(await self.line())
        assert len({line[:3] for line in lines}) == 1
        return b"".join(lines).decode().replace("\r\n", "\n").rstrip("\n")

    async def say(self, line: str | bytes) -> str:
        """Sends a line and waits for its reply."""
        self.stream.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return await self.reply()

    async def hello(self) -> str:
        """The greeting and LHLO; what is offered."""
        assert (await self.reply()).startswith("220 ")
        return await self.say("LHLO client.example.org")

    async def send(self, data: bytes, *recipients: str, sender: str = "<ann@example.com>") -> list[str]:
        """A whole transaction, pipelined to DATA (RFC 2920 §3.1); `data` is sent as it is, with its end. One reply per recipient."""
        commands = [f"MAIL FROM:{sender}", *(f"RCPT TO:<{to}>" for to in recipients), "DATA"]
        self.stream.write("".join(command + "\r\n" for command in commands).encode())
        replies = [await self.reply() for _ in commands]
        assert replies[-1].startswith("354 "), replies
        self.stream.write(data)
        return [await self.reply() for reply in replies[1:-1] if reply.startswith("250 ")]

    async def closed(self) -> None:
        """Waits until the server closes, without another word."""
        octets = await self.stream.read(HANG)
        assert octets == b"", octets


def lmtp(
    settings: SmtpSettings | None = None, tls: ssl.SSLContext | None = None
) -> Callable[[SqliteStore, Authenticator], Service]:
    """Makes the LMTP service of `mail_server`."""
    return lambda store, _: lmtp_service(
        store, name="mail.example.org", clock=lambda: float(NOW), tls=tls, settings=settings
    )


def play_pop3(
    root: Path, scenario: Callable[[MailServer], Awaitable[None]], settings: Pop3Settings | None = None
) -> None:
    """Runs a scenario with a POP3 server that can do TLS."""

    async def whole() -> None:
        async with mail_server(root, pop3(settings, server_context())) as server:
            await scenario(server)

    run(whole())


def play_lmtp(
    root: Path, scenario: Callable[[MailServer], Awaitable[None]], settings: SmtpSettings | None = None
) -> None:
    """Runs a scenario with an LMTP server that can do TLS."""

    async def whole() -> None:
        async with mail_server(root, lmtp(settings, server_context())) as server:
            await scenario(server)

    run(whole())


async def logged_in(server: MailServer, cut: int | None = None) -> Pop3Client:
    """A POP3 client in the TRANSACTION state."""
    client = Pop3Client(server.connect(cut))
    await client.log_in()
    return client
