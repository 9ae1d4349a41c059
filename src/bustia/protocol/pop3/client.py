"""The client's end of a POP3 connection: commands to octets, octets to replies; knows which reply belongs to which command.

Invariants
- Replies come in the order of the commands (RFC 2449 §6.6); a reply to nothing, or an endless line, is a BadReply.
- The lines of a multi-line reply are given piece by piece, with their dots undone; never more than one status line is held.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from bustia.protocol.dots import DotReader
from bustia.protocol.pop3.commands import Auth, Capa, Command, List, Retr, Top, Uidl, write_command
from bustia.protocol.pop3.replies import BadReply, Reply, parse_reply
from bustia.protocol.sasl import base64
from bustia.protocol.sasl.exchange import MAX_RESPONSE
from bustia.protocol.wire import BadLine, LineReader


@dataclass(frozen=True, slots=True)
class Answer:
    """The status line for a command; `command` is None for the greeting. If `more`, Text and TextEnd follow."""

    command: Command | None
    reply: Reply
    more: bool


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the server wants to know next in an AUTH exchange, decoded."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """The next octets of a multi-line reply."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class TextEnd:
    """The end of a multi-line reply."""


Event = Answer | Challenge | Text | TextEnd


def is_multi_line(command: Command) -> bool:
    """Whether +OK to this command is followed by lines and a dot (RFC 1939 §3, RFC 2449 §5)."""
    match command:
        case Capa() | Retr() | Top() | List(None) | Uidl(None) | Auth(b"", _):
            return True
        case _:
            return False


class ClientConnection:
    """Call `send` for each command, feed what arrives to `receive`, then call `next_event` until it returns None."""

    __slots__ = ("_lines", "_text", "_waiting")

    def __init__(self) -> None:
        self._lines = LineReader(MAX_RESPONSE)
        self._waiting: deque[Command | None] = deque([None])  # commands without answer; first the greeting
        self._text: DotReader | None = None

    def send(self, command: Command) -> bytes:
        """The octets of a command, which is now waiting for its answer."""
        self._waiting.append(command)
        return write_command(command)

    def respond(self, octets: bytes | None) -> bytes:
        """The octets of a SASL response; None cancels the exchange (RFC 5034 §4)."""
        return (b"*" if octets is None else base64.encode(octets)) + b"\r\n"

    def receive(self, data: bytes) -> None:
        """Takes octets from the server."""
        self._lines.receive(data)

    def discard(self) -> None:
        """Forgets what was received, at STLS: answers sent in the clear prove nothing (RFC 2595 §2.2)."""
        self._lines.discard()
        self._waiting.clear()
        self._text = None

    def next_event(self) -> Event | None:
        """The next event, or None until more octets come. Raises BadReply."""
        text = self._text
        if text is not None and text.rest is None:
            return self._next_text(text)
        if text is not None:
            self._text = None
            return TextEnd()
        line = self._lines.next_line()
        if line is None:
            return None
        if isinstance(line, BadLine):
            raise BadReply(line.problem.value)
        if not self._waiting:
            raise BadReply(f"an answer to nothing: {line[:80]!r}")
        command = self._waiting[0]
        if isinstance(command, Auth) and line.startswith(b"+ "):
            return _challenge(line[2:])
        self._waiting.popleft()
        reply = parse_reply(line)
        more = reply.ok and command is not None and is_multi_line(command)
        if more:
            self._text = DotReader()
        return Answer(command, reply, more)

    def _next_text(self, text: DotReader) -> Event | None:
        octets = text.feed(self._lines.take(self._lines.held))
        rest = text.rest
        if rest is not None:
            self._lines.receive(rest)
        if octets:
            return Text(octets)
        return None if rest is None else self.next_event()


def _challenge(line: bytes) -> Challenge:
    try:
        return Challenge(base64.decode(line))
    except ValueError:
        raise BadReply("a challenge that is not base64") from None
