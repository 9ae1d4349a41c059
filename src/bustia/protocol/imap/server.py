"""The server's end of a connection: octets in, commands out; answers in, octets out. No socket, no clock.

Invariants
- Events come lazily, one by one: the next command is looked at only after the one before was handled, so that STARTTLS, a refused literal or a new
  dialect takes effect at the very next octet.
- An announced literal is judged before it comes. What a client sends of a refused one is read and thrown away, never parsed (RFC 9051 §4.3,
  RFC 7888 §4); more than the limit of that ends the connection.
- A message of APPEND goes to the sink that the server names, chunk by chunk, and is never held here.
- Before login the limits are tight: somebody unknown can make the server hold 64 KiB at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from bustia.protocol.imap.append import Append, parse_append
from bustia.protocol.imap.auth import decode_base64
from bustia.protocol.imap.commands import Command, parse_name
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.errors import BadCommand
from bustia.protocol.imap.responses import Answer, write_answer
from bustia.protocol.wire import Announced, CommandLimits, CommandReader, Complete, Discarded, Piece, Problem

_TAG = re.compile(rb'([^(){ %*"\\+\x00-\x1f\x7f-\xff]+) ')
_APPEND = re.compile(rb"[^ ]+ APPEND ", re.IGNORECASE)

BEFORE_LOGIN = CommandLimits(
    line=8_192,  # octets; RFC 2683 §3.2.1.5 advises 8,000; a SASL initial response of PLAIN is under 1,100
    kept=32_768,  # octets; user name and password as literals
    literals=10,
)
AFTER_LOGIN = CommandLimits(
    line=65_536,  # octets; `UID FETCH` of 10,000 single UIDs
    kept=1_048_576,  # octets of text and literals in one command
    literals=1_000,
)
MAX_ARGUMENT = 102_400  # octets of one literal that is an argument: names and search texts; messages go to a sink


@dataclass(frozen=True, slots=True)
class Limits:
    """What one command may cost, before and after login; `argument` is octets of one literal argument."""

    before_login: CommandLimits = field(default=BEFORE_LOGIN)
    after_login: CommandLimits = field(default=AFTER_LOGIN)
    argument: int = MAX_ARGUMENT


@dataclass(frozen=True, slots=True)
class CommandEvent:
    """A whole command. An APPEND comes after its AppendStart, when its message is in the sink."""

    tag: str
    command: Command


@dataclass(frozen=True, slots=True)
class BadCommandEvent:
    """A command that broke the grammar or a limit: answer BAD, untagged without a tag. `too_big` deserves the code TOOBIG (RFC 7888 §5).

    After an AppendStart of the same tag it says that the message is void.
    """

    tag: str | None
    text: str
    too_big: bool = False


@dataclass(frozen=True, slots=True)
class LiteralWanted:
    """The client waits for a continuation before it sends a literal argument of `size` octets: send one."""

    tag: str | None
    size: int


@dataclass(frozen=True, slots=True)
class AppendStart:
    """The message of an APPEND is announced: call `accept_message` or `refuse_message` before the next event.

    `waits` says that the client waits for a continuation before it sends the message.
    """

    tag: str
    command: Append
    waits: bool


@dataclass(frozen=True, slots=True)
class IdleDone:
    """The client ended its IDLE."""


@dataclass(frozen=True, slots=True)
class AuthenticateResponse:
    """The client's answer to a challenge, decoded; None where it cancelled by `*` (RFC 9051 §6.2.2)."""

    octets: bytes | None


@dataclass(frozen=True, slots=True)
class TooLong:
    """The client is about to send more than is read to be thrown away: say BYE and close. No event follows."""

    tag: str | None
    text: str


Event: TypeAlias = (
    CommandEvent | BadCommandEvent | LiteralWanted | AppendStart | IdleDone | AuthenticateResponse | TooLong
)


class _Expected(Enum):
    """What the next line is."""

    COMMAND = auto()
    IDLE_DONE = auto()
    AUTHENTICATE_RESPONSE = auto()
    NOTHING = auto()  # after TooLong


class ServerConnection:
    """One client's connection as the server sees it; see the module's invariants.

    `utf8` is set by the server when ENABLE allows UTF-8 in names and quoted strings (RFC 9051 §6.3.1, RFC 6855 §3).
    """

    __slots__ = ("_append", "_expected", "_limits", "_reader", "_refusal", "_tag", "authenticated", "utf8")

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._reader = CommandReader(self._limits.before_login)
        self._expected = _Expected.COMMAND
        self._tag: str | None = None  # of the command that waits for a line which has none
        self._append: tuple[str, Append] | None = None  # whose message was announced
        self._refusal: tuple[str, bool] | None = None  # text and too_big for the command that is being thrown away
        self.authenticated = False
        self.utf8 = False

    def receive(self, octets: bytes) -> Iterator[Event]:
        """Takes octets from the client and gives the events that they complete, each made when it is asked for.

        After TooLong they are thrown away.
        """
        if self._expected is not _Expected.NOTHING:
            self._reader.receive(octets)
        return iter(self.next_event, None)

    def next_event(self) -> Event | None:
        """The next event, or None until more octets come. Raises RuntimeError while an AppendStart is not answered."""
        while self._expected is not _Expected.NOTHING:
            event = self._reader.next_event()
            if event is None:
                return None
            if isinstance(event, Complete):
                return self._complete(event.pieces)
            found = self._discarded(event) if isinstance(event, Discarded) else self._announced(event)
            if found is not None:
                return found
        return None

    @property
    def held(self) -> int:
        """Octets received and not given out, and room promised to the literals of the command under way."""
        return self._reader.held

    def send(self, *answers: Answer) -> bytes:
        """The octets of the answers. Raises ValueError for a value that the wire cannot carry."""
        if len(answers) == 1:
            return write_answer(answers[0], utf8=self.utf8)
        return b"".join([write_answer(answer, utf8=self.utf8) for answer in answers])

    def log_in(self) -> None:
        """The client is known now: larger limits hold, and APPEND gets its sink."""
        self.authenticated = True
        self._reader.limits = self._limits.after_login

    def start_tls(self) -> None:
        """Forgets whatever came in the clear behind STARTTLS (RFC 9051 §6.2.1, CVE-2021-33515)."""
        self._reader.discard()

    def expect_done(self, tag: str) -> None:
        """IDLE has begun: the next line is its end, an IdleDone, and anything else a BadCommandEvent with `tag` (RFC 9051 §6.3.13)."""
        self._expected, self._tag = _Expected.IDLE_DONE, tag

    def expect_authenticate_response(self, tag: str) -> None:
        """A challenge was sent: the next line answers it, or is a BadCommandEvent with `tag` (RFC 9051 §6.2.2)."""
        self._expected, self._tag = _Expected.AUTHENTICATE_RESPONSE, tag

    def accept_message(self, sink: Callable[[bytes], object]) -> None:
        """Answers an AppendStart: the message goes to `sink`. When the client waits, send a continuation too."""
        self._reader.accept_into(sink)

    def refuse_message(self) -> None:
        """Answers an AppendStart: the server has said NO to its tag; the command is thrown away, without a further event but TooLong."""
        assert self._append is not None
        self._refusal = ("", False)
        self._reader.refuse()

    def _announced(self, event: Announced) -> Event | None:
        """Judges a literal before it comes."""
        tag = _tag_of(event.pieces[0])
        if self._expected is not _Expected.COMMAND or self._append is not None or tag is None:
            self._refuse("Unexpected literal")
            return None
        if self.authenticated and _APPEND.match(_text(event.pieces[0])):
            try:
                append = self._parse_append(event)
            except BadCommand as error:
                self._refuse(str(error))
                return None
            if append is not None:
                self._append = (tag, append)
                return AppendStart(tag, append, event.waits)
        if event.size > self._limits.argument:
            self._refuse("Literal too long", too_big=True)
            return None
        if self._reader.accept() and event.waits:
            return LiteralWanted(tag, event.size)
        return None

    def _parse_append(self, event: Announced) -> Append | None:
        cursor = Cursor(event.pieces, utf8=self.utf8)
        cursor.tag()
        cursor.space()
        parse_name(cursor)
        return parse_append(cursor, event.size, event.binary)

    def _refuse(self, text: str, *, too_big: bool = False) -> None:
        self._refusal = (text, too_big)
        self._reader.refuse()

    def _complete(self, pieces: tuple[Piece, ...]) -> Event:
        """A whole command, or the line that one waits for."""
        if self._expected is not _Expected.COMMAND:
            return self._awaited_line(_text(pieces[0]))
        if self._append is not None:
            (append_tag, append), self._append = self._append, None
            return (
                BadCommandEvent(append_tag, "Unexpected argument") if pieces[-1] else CommandEvent(append_tag, append)
            )
        cursor = Cursor(pieces, utf8=self.utf8)
        tag: str | None = None
        try:
            tag = cursor.tag()
            cursor.space()
            return CommandEvent(tag, parse_name(cursor).parse(cursor))
        except BadCommand as error:
            return BadCommandEvent(tag, str(error))

    def _awaited_line(self, line: bytes) -> Event:
        expected, self._expected = self._expected, _Expected.COMMAND
        if expected is _Expected.IDLE_DONE:
            return IdleDone() if line.upper() == b"DONE" else BadCommandEvent(self._tag, "Expected DONE")
        if line == b"*":
            return AuthenticateResponse(None)
        octets = decode_base64(line)
        return BadCommandEvent(self._tag, "Not base64") if octets is None else AuthenticateResponse(octets)

    def _discarded(self, event: Discarded) -> Event | None:
        """The end of a command that was thrown away; None where the server has answered it already."""
        tag = _tag_of(event.head)
        text, too_big = self._refusal or (
            event.problem.value.capitalize(),
            event.problem in (Problem.LITERAL_TOO_LONG, Problem.TOO_MANY_LITERALS),
        )
        if self._append is not None:
            tag = self._append[0]
        if self._expected is not _Expected.COMMAND:
            self._expected, tag = _Expected.COMMAND, self._tag
        self._append = self._refusal = None
        if event.fatal:
            self._expected = _Expected.NOTHING
            return TooLong(tag, text or "Message too long")
        return BadCommandEvent(tag, text, too_big) if text else None


def _text(piece: Piece) -> bytes:
    """A command's first piece, which is always text."""
    assert isinstance(piece, bytes)
    return piece


def _tag_of(piece: Piece) -> str | None:
    """The tag of a command that is not parsed, or None if it has none."""
    found = _TAG.match(_text(piece))
    return None if found is None else found[1].decode("ascii")
