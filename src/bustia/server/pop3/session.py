"""One POP3 connection from greeting to the end: reads commands, lets a handler answer, writes.

Invariants
- Commands are answered one by one, in order (RFC 2449 §6.6); what pipelined commands are told leaves in as few writes as possible, and
  always before the session waits for the client.
- Only QUIT enters the UPDATE state: a session that is lost, too slow or ended by the server removes nothing (RFC 1939 §3, §6).
- A refusal in the middle of an answer cannot be said any more: the connection ends without the final dot.
"""

from __future__ import annotations

import asyncio
import logging

from bustia.model.reason import Refused
from bustia.protocol.dots import DotWriter
from bustia.protocol.pop3.commands import BadCommand, State
from bustia.protocol.pop3.replies import Reply, pop3_code, printable, write_reply
from bustia.protocol.pop3.server import write_challenge
from bustia.server.listener import Connection
from bustia.server.pop3.context import Answer, Asked, Context, Lines, Pop3Services, Streamed
from bustia.server.pop3.handlers import HANDLERS, HEAVY
from bustia.server.pop3.login import respond

log = logging.getLogger(__name__)

FLUSH_AT = 131_072  # octets of answers kept for one write; more gains nothing


class _EndOfStream(Exception):
    """The client is gone, or has been silent for too long: nothing more is said."""


async def serve(services: Pop3Services, connection: Connection) -> None:
    """Serves one connection until its end. Raises ConnectionError when the client is lost in the middle of an answer."""
    session = Session(services, connection)
    try:
        await session.run()
    finally:
        await session.keep_notes()


class Session:
    """The loop of one connection."""

    __slots__ = ("_bad", "_connection", "_context", "_deadline")

    def __init__(self, services: Pop3Services, connection: Connection) -> None:
        self._connection = connection
        self._context = Context(services, connection)
        self._bad = 0  # bad commands and failed logins in a row
        self._deadline = _now() + services.settings.login_seconds

    async def run(self) -> None:
        """Greets, then obeys until the end."""
        context = self._context
        self._connection.say(write_reply(Reply(True, printable(f"{context.services.name} Bustia POP3 is ready"))))
        try:
            while not context.ended:
                await context.connection.share()
                await self._step()
        except (_EndOfStream, TimeoutError):
            return
        await self._connection.flush()

    async def keep_notes(self) -> None:
        """Keeps what was listed and downloaded; a store that cannot is not asked again for the same."""
        maildrop = self._context.maildrop_or_none
        if maildrop is None or not maildrop.has_notes:
            return
        try:
            await self._context.opened.account.write(maildrop.note, heavy=len(maildrop) > HEAVY)
        except Refused as refused:
            log.warning("%s: what was listed and downloaded is not noted: %s", self._context.connection.id, refused)
        maildrop.noted()

    async def _step(self) -> None:
        """One command or response, or more octets for it."""
        context = self._context
        logging_in = context.wire.state is State.AUTHORIZATION
        try:
            answer = await self._next_answer()
            if answer is None:
                await self._more()
                return
            await self._write(answer)
        except BadCommand as error:
            context.exchange = None
            answer = Reply(False, printable(str(error)))
            await self._write(answer)
        except Refused as refused:
            answer = Reply(False, printable(refused.text), pop3_code(refused.reason))
            await self._write(answer)
        if logging_in and context.wire.state is State.TRANSACTION:
            self._deadline = _now() + context.services.settings.session_seconds
        self._count(answer)
        if context.shakes_hands:
            await self._shake_hands()

    async def _next_answer(self) -> Answer | None:
        context = self._context
        if context.exchange is not None:
            response = context.wire.next_response()
            return None if response is None else await respond(context, response)
        command = context.wire.next_command()
        return None if command is None else await HANDLERS[type(command)](context, command)

    async def _more(self) -> None:
        """Waits for octets; a listing is noted first, for it decides on the UIDLs of copies. Raises TimeoutError and _EndOfStream."""
        context = self._context
        await self._connection.flush()
        if context.wire.state is State.TRANSACTION and context.maildrop.listed:
            await self.keep_notes()
        patience = self._deadline - _now()
        if context.wire.state is State.TRANSACTION:
            patience = min(patience, context.services.settings.inactive_seconds)
        if patience <= 0:
            raise TimeoutError  # also for one who never lets the session wait
        data = await context.connection.read(patience)
        if data:
            context.wire.receive(data)
        elif data is not None:
            raise _EndOfStream
        elif context.connection.ending:
            self._connection.say(write_reply(Reply(False, "The server ends", "SYS/TEMP")))
            context.ended = True

    def _count(self, answer: Answer) -> None:
        """Ends the session of one who does nothing right."""
        if not isinstance(answer, Reply) or answer.ok:
            self._bad = 0
            return
        self._bad += 1
        if self._bad >= self._context.services.settings.bad_commands:
            self._context.ended = True

    async def _write(self, answer: Answer) -> None:
        match answer:
            case Reply():
                self._connection.say(write_reply(answer))
            case Lines(reply, octets):
                self._connection.say(write_reply(reply) + octets + b".\r\n")
            case Asked(challenge):
                self._connection.say(write_challenge(challenge))
            case Streamed():
                await self._stream(answer)
        if self._connection.held >= FLUSH_AT:
            await self._connection.flush()

    async def _stream(self, answer: Streamed) -> None:
        dots = DotWriter()
        begun = False
        try:
            async for piece in answer.pieces:
                if not begun:
                    begun = True
                    self._connection.say(write_reply(answer.reply))
                self._connection.say(dots.feed(piece))
                if self._connection.held >= FLUSH_AT:
                    await self._connection.flush()
        except Refused as refused:
            if begun:
                raise ConnectionAbortedError(f"a message ended early: {refused}") from refused
            raise
        self._connection.say(dots.finish())
        answer.sent()

    async def _shake_hands(self) -> None:
        """The handshake behind the +OK; what came in the clear behind STLS is forgotten (RFC 2595 §4)."""
        context = self._context
        context.shakes_hands = False
        assert context.services.tls is not None
        await self._connection.flush()
        context.wire.discard()
        await context.connection.stream.start_tls(context.services.tls)


def _now() -> float:
    return asyncio.get_running_loop().time()
