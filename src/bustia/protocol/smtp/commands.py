"""The commands of the receiving side: the one table, and how each command is read and written. LMTP's greeting is LHLO.

Invariants
- `parse(write(command)) == command`; a line that is none gives BadCommand, which carries its own answer.
- A parameter that was not offered is refused, never ignored (RFC 5321 §4.1.1.11).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bustia.protocol.smtp.address import Address, parse_path, write_path
from bustia.protocol.smtp.replies import Reply

MAX_LINE = (
    4096  # octets of a command with its CRLF; RFC 5321 §4.5.3.1.4 asks for 512, extensions and UTF-8 paths add to it
)
MAX_SIZE = 10**20 - 1  # SIZE has up to 20 digits (RFC 1870 §3)


class BadCommand(Exception):
    """The client broke the grammar or the order of commands; `reply` is the answer (RFC 5321 §4.2.4)."""

    def __init__(self, code: int, status: str, text: str) -> None:
        super().__init__(text)
        self.reply = Reply(code, status, (text,))


class State(Enum):
    """How far a session has come (RFC 5321 §4.1.4)."""

    CONNECTED = auto()  # LHLO is wanted
    READY = auto()  # between transactions
    SENDER = auto()  # MAIL was given
    RECIPIENTS = auto()  # and at least one RCPT was accepted


class Body(Enum):
    """What the client says of the message's octets (RFC 6152 §2)."""

    SEVEN_BIT = b"7BIT"
    EIGHT_BIT = b"8BITMIME"


@dataclass(frozen=True, slots=True)
class Lhlo:
    """RFC 2033 §4.1: who the client says to be; a name or address literal, not checked further (RFC 5321 §4.1.4)."""

    name: str

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise ValueError("not a host name")


@dataclass(frozen=True, slots=True)
class Mail:
    """RFC 5321 §4.1.1.2 with SIZE (RFC 1870 §3), BODY (RFC 6152 §2) and SMTPUTF8 (RFC 6531 §3.4); a sender of None is `<>`."""

    sender: Address | None
    size: int | None = None
    body: Body | None = None
    utf8: bool = False

    def __post_init__(self) -> None:
        if self.size is not None and not 0 <= self.size <= MAX_SIZE:
            raise ValueError("not a size")
        if self.sender is not None and not self.sender.is_ascii and not self.utf8:
            raise ValueError("this sender needs SMTPUTF8")


@dataclass(frozen=True, slots=True)
class Rcpt:
    """RFC 5321 §4.1.1.3."""

    recipient: Address


@dataclass(frozen=True, slots=True)
class Data:
    """RFC 5321 §4.1.1.4, RFC 2033 §4.2."""


@dataclass(frozen=True, slots=True)
class Rset:
    """RFC 5321 §4.1.1.5."""


@dataclass(frozen=True, slots=True)
class Noop:
    """RFC 5321 §4.1.1.9; an argument is read and forgotten."""


@dataclass(frozen=True, slots=True)
class Vrfy:
    """RFC 5321 §4.1.1.6."""

    text: str

    def __post_init__(self) -> None:
        if _STRING.fullmatch(self.text) is None:
            raise ValueError("not a string")


@dataclass(frozen=True, slots=True)
class Help:
    """RFC 5321 §4.1.1.8; an argument is read and forgotten."""


@dataclass(frozen=True, slots=True)
class Quit:
    """RFC 5321 §4.1.1.10."""


@dataclass(frozen=True, slots=True)
class StartTLS:
    """RFC 3207 §4."""


Command = Lhlo | Mail | Rcpt | Data | Rset | Noop | Vrfy | Help | Quit | StartTLS

_NAME = re.compile(
    r"[A-Za-z0-9._:\[\]\u00a0-\U0010ffff-]{1,255}"
)  # no more is checked, but nothing may bend a trace line
_STRING = re.compile(r"[\x20-\x7e\u0080-\U0010ffff]+")
_PATH_AND_PARAMETERS = re.compile(rb'(<(?:[^"<>]|"(?:[^"\\]|\\.)*+")*+>)((?: [^ ]+)*)')
_PARAMETER = re.compile(rb"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e]+))?")


def _syntax(text: str) -> BadCommand:
    return BadCommand(501, "5.5.4", text)


def _nothing(made: Callable[[], Command]) -> Callable[[bytes], Command]:
    """command = keyword CRLF"""

    def parse(arguments: bytes) -> Command:
        if arguments:
            raise _syntax("No argument is wanted")
        return made()

    return parse


def _text(made: Callable[[str], Command], wanted: str) -> Callable[[bytes], Command]:
    """command = keyword SP string CRLF"""

    def parse(arguments: bytes) -> Command:
        try:
            return made(arguments.decode())
        except ValueError:
            raise _syntax(wanted) from None

    return parse


def _split(arguments: bytes, keyword: bytes) -> tuple[bytes, dict[bytes, bytes | None]]:
    """The path and the parameters by upper-case keyword.

    keyword Path [SP esmtp-param *(SP esmtp-param)]; changed: one space may stand before the path, as old clients write it
    """
    if arguments[: len(keyword)].upper() != keyword:
        raise _syntax(f"{keyword.decode()}<address> is wanted")
    found = _PATH_AND_PARAMETERS.fullmatch(arguments[len(keyword) :].removeprefix(b" "))
    if found is None:
        raise _syntax("An address in brackets is wanted")
    parameters: dict[bytes, bytes | None] = {}
    for word in found[2].split():
        parameter = _PARAMETER.fullmatch(word)
        if parameter is None or parameter[1].upper() in parameters:
            raise _syntax("A parameter is malformed or twice there")
        parameters[parameter[1].upper()] = parameter[2]
    return found[1], parameters


def _parse_mail(arguments: bytes) -> Command:
    """mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF"""
    path, parameters = _split(arguments, b"FROM:")
    size, body, utf8 = None, None, False
    for name, value in parameters.items():
        match name, value:
            case b"SIZE", bytes() if value.isdigit() and len(value) <= 20:
                size = int(value)
            case b"BODY", bytes() if value.upper() in (b"7BIT", b"8BITMIME"):
                body = Body(value.upper())
            case b"SMTPUTF8", None:
                utf8 = True
            case _:
                raise BadCommand(555, "5.5.4", "A parameter is not known here")  # RFC 5321 §4.1.1.11
    try:
        sender = parse_path(path)
    except ValueError:
        raise BadCommand(501, "5.1.7", "Not a sender's address") from None
    if sender is not None and not sender.is_ascii and not utf8:
        raise BadCommand(550, "5.6.7", "This sender needs SMTPUTF8")  # RFC 6531 §3.5
    return Mail(sender, size, body, utf8)


def _write_mail(mail: Mail) -> bytes:
    words = [b"FROM:" + write_path(mail.sender)]
    if mail.size is not None:
        words.append(b"SIZE=%d" % mail.size)
    if mail.body is not None:
        words.append(b"BODY=" + mail.body.value)
    if mail.utf8:
        words.append(b"SMTPUTF8")
    return b" ".join(words)


def _parse_rcpt(arguments: bytes) -> Command:
    """rcpt = "RCPT TO:" ( "<Postmaster>" / Forward-path ) [SP Rcpt-parameters] CRLF"""
    path, parameters = _split(arguments, b"TO:")
    if parameters:
        raise BadCommand(555, "5.5.4", "A parameter is not known here")
    try:
        recipient = parse_path(path)
    except ValueError:
        recipient = None
    if recipient is None:
        raise BadCommand(501, "5.1.3", "Not a recipient's address")
    return Rcpt(recipient)


@dataclass(frozen=True, slots=True)
class Spec:
    """A row of the table: wire name, value type, arguments from and to octets, and the states where it is allowed."""

    name: bytes
    type: type[Command]
    parse: Callable[[bytes], Command]
    write: Callable[[Any], bytes]  # each takes its own command type only
    states: frozenset[State]


_ANY = frozenset(State)
_READY = frozenset({State.READY})
_IN_MAIL = frozenset({State.SENDER, State.RECIPIENTS})

COMMANDS: tuple[Spec, ...] = (
    Spec(b"LHLO", Lhlo, _text(Lhlo, "A host name is wanted"), lambda lhlo: lhlo.name.encode(), _ANY),  # RFC 2033 §4.1
    Spec(b"MAIL", Mail, _parse_mail, _write_mail, _READY),  # RFC 5321 §4.1.1.2
    Spec(b"RCPT", Rcpt, _parse_rcpt, lambda rcpt: b"TO:" + write_path(rcpt.recipient), _IN_MAIL),  # RFC 5321 §4.1.1.3
    Spec(b"DATA", Data, _nothing(Data), lambda _: b"", frozenset({State.RECIPIENTS})),  # RFC 2033 §4.2
    Spec(b"RSET", Rset, _nothing(Rset), lambda _: b"", _ANY),  # RFC 5321 §4.1.1.5
    Spec(b"NOOP", Noop, lambda _: Noop(), lambda _: b"", _ANY),  # RFC 5321 §4.1.1.9
    Spec(b"VRFY", Vrfy, _text(Vrfy, "A string is wanted"), lambda vrfy: vrfy.text.encode(), _ANY),  # RFC 5321 §4.1.1.6
    Spec(b"HELP", Help, lambda _: Help(), lambda _: b"", _ANY),  # RFC 5321 §4.1.1.8
    Spec(b"QUIT", Quit, _nothing(Quit), lambda _: b"", _ANY),  # RFC 5321 §4.1.1.10
    Spec(
        b"STARTTLS", StartTLS, _nothing(StartTLS), lambda _: b"", frozenset({State.CONNECTED, State.READY})
    ),  # RFC 3207 §4
)

BY_NAME = {spec.name: spec for spec in COMMANDS}
BY_TYPE = {spec.type: spec for spec in COMMANDS}


def parse_command(line: bytes) -> Command:
    """The command of a line without its CRLF. Raises BadCommand.

    command = keyword [SP arguments] CRLF; spaces at the end are ignored (RFC 5321 §4.1.1)
    """
    name, _, arguments = line.partition(b" ")
    spec = BY_NAME.get(name.upper())
    if spec is None:
        raise BadCommand(500, "5.5.1", "Unknown command")
    return spec.parse(arguments.rstrip(b" "))


def write_command(command: Command) -> bytes:
    """The line of a command, with its CRLF."""
    spec = BY_TYPE[type(command)]
    arguments = spec.write(command)
    return spec.name + (b" " + arguments if arguments else b"") + b"\r\n"
