"""One IMAP connection from greeting to BYE: reads events, checks the state, lets a handler answer, tells what is new, ends with the tagged line.

Invariants
- Commands are handled one by one, in order; a command's tagged line is its last (RFC 9051 §2.2.2). What several pipelined commands say may
  leave in one write, at the latest before the session waits for the client.
- News are told between a command's own answer and its tagged line, never while it reads the client's numbers; EXPUNGE only where the command
  table allows it (RFC 9051 §7.5.1).
- `Refused` becomes NO with its code, broken grammar BAD. Anything else is a bug: logged with its stack, answered NO [SERVERBUG], and followed
  by BYE if something was said already: a client with shifted numbers deletes the wrong mail.
"""

from __future__ import annotations

import logging

from bustia.model.reason import Reason, Refused
from bustia.protocol.imap.append import Append
from bustia.protocol.imap.codes import imap_code
from bustia.protocol.imap.commands import BY_TYPE, Command, State, holds_expunge
from bustia.protocol.imap.response import AtomCode, Condition, Continuation, NamesCode, Status
from bustia.protocol.imap.server import (
    AppendStart,
    BadCommandEvent,
    CommandEvent,
    Event,
    LiteralWanted,
    ServerConnection,
    TooLong,
)
from bustia.server.imap.append import Incoming, append, refusal
from bustia.server.imap.context import Context, EndOfStream, ImapServices
from bustia.server.imap.done import Done
from bustia.server.imap.handlers import HANDLERS
from bustia.server.listener import Connection

log = logging.getLogger(__name__)

FLUSH_AT = 65_536  # octets of answers kept for one write while commands are pipelined; more gains nothing


async def serve(services: ImapServices, connection: Connection) -> None:
    """Serves one connection until its end. Raises ConnectionError when the client is lost in the middle of an answer."""
    session = Session(services, connection)
    try:
        await session.run()
    finally:
        session.close()


class Session:
    """The loop of one connection."""

    __slots__ = ("_bad", "_context", "_incoming", "_services")

    def __init__(self, services: ImapServices, connection: Connection) -> None:
        self._services = services
        self._context = Context(services, connection, ServerConnection())
        self._incoming: Incoming | None = None  # the message of the APPEND that is being sent
        self._bad = 0  # commands in a row that were bad or refused, before login

    def close(self) -> None:
        """Gives back what the session held."""
        self._context.leave()
        self._void_message()

    async def run(self) -> None:
        """Greets, then obeys until the end (RFC 9051 §7.1.5)."""
        context = self._context
        context.say(Status(None, Condition.OK, "Bustia is ready", NamesCode("CAPABILITY", context.capabilities())))
        try:
            while not context.ended and not context.connection.ending:
                await context.connection.share()
                event = await context.next_event()
                if event is not None:
                    await self._obey(event)
        except EndOfStream:
            return
        except TimeoutError:
            context.end(Status(None, Condition.BYE, "Nothing was heard for too long"))
        if not context.ended:
            context.end(Status(None, Condition.BYE, "The server ends", AtomCode("UNAVAILABLE")))
        await context.connection.flush()

    async def _obey(self, event: Event) -> None:
        context = self._context
        match event:
            case CommandEvent(tag, command):
                await self._command(tag, command)
            case AppendStart(tag, command, waits):
                await self._message_announced(tag, command, waits)
            case LiteralWanted():
                context.say(Continuation("send the literal"))
            case BadCommandEvent(tag, text, too_big):
                self._void_message()
                self._tagged(tag, Done(text, AtomCode("TOOBIG") if too_big else None, Condition.BAD))
            case TooLong():
                self._void_message()
            case _:
                raise RuntimeError(f"an event that was not asked for: {event!r}"[:200])
        if context.connection.held > FLUSH_AT:
            await context.connection.flush()

    async def _command(self, tag: str, command: Command) -> None:
        context = self._context
        context.tag = tag
        if context.state not in BY_TYPE[type(command)].states:
            self._void_message()
            self._tagged(tag, Done("Not in this state", condition=Condition.BAD))
            return
        before = context.said
        try:
            done = await self._handle(command)
            await context.announce(may_expunge=not holds_expunge(command))
        except Refused as refused:
            done = refusal_of(refused)
        except (ConnectionError, EndOfStream, TimeoutError):
            raise
        except Exception:
            log.exception("%s: a bug in %s", context.connection.id, type(command).__name__)
            done = Done("Internal error", AtomCode("SERVERBUG"), Condition.NO)
            if context.said != before:
                self._tagged(tag, done)
                context.end(Status(None, Condition.BYE, "The session cannot go on after an internal error"))
                return
        self._tagged(tag, done)
        if context.shakes_hands:
            await self._shake_hands()

    async def _handle(self, command: Command) -> Done:
        if not isinstance(command, Append):
            return await HANDLERS[type(command)](self._context, command)
        if self._incoming is None:
            raise Refused(Reason.BAD_CONTENT, "No message")
        try:
            return await append(self._context, command, self._incoming)
        finally:
            self._void_message()

    def _tagged(self, tag: str | None, done: Done) -> None:
        """Says how a command ended; too many bad ones before login end the session."""
        context = self._context
        context.say(Status(tag, done.condition, done.text, done.code))
        if done.condition is Condition.OK or context.state is not State.NOT_AUTHENTICATED:
            self._bad = 0
            return
        self._bad += 1
        if self._bad >= self._services.settings.bad_commands:
            context.end(Status(None, Condition.BYE, "Too many bad commands"))

    async def _message_announced(self, tag: str, command: Append, waits: bool) -> None:
        """Judges the message of an APPEND before it comes."""
        context = self._context
        try:
            refused = await refusal(context, command, waits)
        except Refused as error:
            refused = refusal_of(error)
        if refused is not None:
            context.wire.refuse_message()
            self._tagged(tag, refused)
            return
        self._incoming = Incoming(self._services.store.spool())
        context.wire.accept_message(self._incoming.take)
        if waits:
            context.say(Continuation("send the message"))

    def _void_message(self) -> None:
        if self._incoming is not None:
            self._incoming.close()
            self._incoming = None

    async def _shake_hands(self) -> None:
        """The handshake behind the tagged OK; what came in the clear behind STARTTLS is forgotten (RFC 9051 §6.2.1)."""
        context = self._context
        context.shakes_hands = False
        assert self._services.tls is not None
        await context.connection.flush()
        context.wire.start_tls()
        await context.connection.stream.start_tls(self._services.tls)


def refusal_of(refused: Refused) -> Done:
    """A domain answer as IMAP says it."""
    return Done(refused.text, AtomCode(imap_code(refused.reason)), Condition.NO)
