"""One LMTP connection from greeting to the end: reads commands, lets a handler answer, takes messages.

Invariants
- Commands are answered one by one, in order; what pipelined commands are told leaves in one write, and always before the session waits
  for the client (RFC 2920 §3.2). The answers for the recipients of a message leave as each is delivered, if that takes long.
- The state moves only when a command was accepted, so that a refused one leaves the session where it was.
"""

from __future__ import annotations

from bustia.model.reason import Refused
from bustia.protocol.smtp.commands import BadCommand
from bustia.protocol.smtp.replies import Reply, printable, refusal, write_reply
from bustia.server.listener import Connection
from bustia.server.smtp.context import Context, SmtpServices
from bustia.server.smtp.handlers import HANDLERS
from bustia.server.smtp.incoming import Incoming

ENDING = Reply(421, "4.3.2", ("The server ends",))  # RFC 5321 §3.8
TOO_SLOW = Reply(421, "4.4.2", ("Nothing was heard for too long",))
TOO_LONG = Reply(421, "4.3.4", ("The message is far too big",))
TOO_BAD = Reply(421, "4.7.0", ("Too many bad commands",))

DRAINED = 2  # times the largest message that is read of one that is too big; then the connection is worth less than its octets


class _EndOfStream(Exception):
    """The client is gone without QUIT: a message under way is forgotten."""


async def serve(services: SmtpServices, connection: Connection) -> None:
    """Serves one connection until its end. Raises ConnectionError when the client is lost in the middle of an answer."""
    await Session(services, connection).run()


class Session:
    """The loop of one connection."""

    __slots__ = ("_bad", "_connection", "_context")

    def __init__(self, services: SmtpServices, connection: Connection) -> None:
        self._connection = connection
        self._context = Context(services, connection)
        self._bad = 0  # bad and refused commands in a row

    async def run(self) -> None:
        """Greets, then obeys until the end."""
        context = self._context
        self._say(Reply(220, "", (printable(f"{context.services.name} LMTP Bustia"),)))
        try:
            while not context.ended:
                await context.connection.share()
                await self._step()
        except _EndOfStream:
            return
        except TimeoutError:
            self._say(TOO_SLOW)
        await self._connection.flush()

    async def _step(self) -> None:
        """One command, or more octets for it."""
        context = self._context
        try:
            command = context.wire.next_command()
            if command is None:
                await self._more()
                return
            reply = await HANDLERS[type(command)](context, command)
            if reply.code < 400:
                context.wire.advance(command)
        except BadCommand as error:
            reply = error.reply
        except Refused as refused:
            reply = refusal(refused)
        self._say(reply)
        self._count(reply)
        if context.takes_data:
            await self._take_message()
        if context.shakes_hands:
            await self._shake_hands()

    async def _more(self) -> None:
        """Waits for octets. Raises TimeoutError and _EndOfStream."""
        context = self._context
        await self._connection.flush()
        data = await context.connection.read(context.services.settings.inactive_seconds)
        if data:
            context.wire.receive(data)
        elif data is not None:
            raise _EndOfStream
        elif context.connection.ending:
            self._say(ENDING)
            context.ended = True

    def _count(self, reply: Reply) -> None:
        """Ends the session of one who does nothing right."""
        self._bad = self._bad + 1 if reply.code >= 500 else 0
        if self._bad >= self._context.services.settings.bad_commands:
            self._say(TOO_BAD)
            self._context.ended = True

    async def _take_message(self) -> None:
        """Reads the message behind DATA to its end, delivers it, and answers for each recipient."""
        context = self._context
        context.takes_data = False
        incoming = Incoming(context)
        most = DRAINED * context.services.settings.message_octets
        try:
            context.wire.begin_data(incoming.data)
            while incoming.data.rest is None and incoming.data.size <= most and not context.ended:
                octets = context.wire.next_data()
                if octets is None:
                    await self._more()
                else:
                    incoming.take(octets)
            if incoming.data.rest is None:
                if not context.ended:
                    self._say(TOO_LONG)
                    context.ended = True
                return
            async for reply in incoming.deliver():
                self._say(reply)
                await self._connection.flush()
        finally:
            incoming.close()
            context.forget()

    def _say(self, reply: Reply) -> None:
        self._connection.say(write_reply(reply))

    async def _shake_hands(self) -> None:
        """The handshake behind the 220; what came in the clear behind STARTTLS is forgotten (RFC 3207 §4.2)."""
        context = self._context
        context.shakes_hands = False
        assert context.services.tls is not None
        await self._connection.flush()
        context.forget()
        context.client = ""
        context.wire.start_tls()
        await context.connection.stream.start_tls(context.services.tls)
