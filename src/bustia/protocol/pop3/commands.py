"""The commands of POP3: the one table that both ends read, and how each command is written and read.

Invariants
- `parse(write(command)) == command` for every command; a line that is none gives BadCommand and nothing else.
- A value that exists is valid: message numbers and line counts are in range, strings have no CR, LF or NUL.
- Keywords are compared without regard to ASCII case; exactly one space stands between arguments (RFC 1939 §3).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

MAX_NUMBER = 2**31 - 1  # of messages in a maildrop and of lines that TOP may ask for; RFC 1939 names no limit
MAX_LINE = (
    2048  # octets of a command with its CRLF; RFC 2449 §4 asks for 255 or more, clients send longer initial responses
)


class BadCommand(Exception):
    """The client broke the grammar, or the state does not allow the command: answered `-ERR` (RFC 1939 §3)."""


class State(Enum):
    """Where a session is (RFC 1939 §3); UPDATE is what QUIT does in TRANSACTION and takes no commands."""

    AUTHORIZATION = auto()
    TRANSACTION = auto()


@dataclass(frozen=True, slots=True)
class Capa:
    """RFC 2449 §5."""


@dataclass(frozen=True, slots=True)
class Stls:
    """RFC 2595 §4."""


@dataclass(frozen=True, slots=True)
class Quit:
    """RFC 1939 §4, §6."""


@dataclass(frozen=True, slots=True)
class User:
    """RFC 1939 §7: the name that PASS belongs to."""

    name: str

    def __post_init__(self) -> None:
        _check_text(self.name)


@dataclass(frozen=True, slots=True)
class Pass:
    """RFC 1939 §7; spaces are part of the password."""

    password: str

    def __post_init__(self) -> None:
        _check_text(self.password)


@dataclass(frozen=True, slots=True)
class Auth:
    """RFC 5034 §4: a mechanism in upper case; the initial response as on the wire (base64 or `=`), None if there is none.

    Without a mechanism (b"") it asks for the list, as old clients do.
    """

    mechanism: bytes = b""
    initial: bytes | None = None

    def __post_init__(self) -> None:
        if self.mechanism and _MECHANISM.fullmatch(self.mechanism) is None:
            raise ValueError(f"not a SASL mechanism: {self.mechanism!r}")
        if self.initial is not None and (not self.mechanism or _TOKEN.fullmatch(self.initial) is None):
            raise ValueError("not an initial response")


@dataclass(frozen=True, slots=True)
class Stat:
    """RFC 1939 §5."""


@dataclass(frozen=True, slots=True)
class Noop:
    """RFC 1939 §5."""


@dataclass(frozen=True, slots=True)
class Rset:
    """RFC 1939 §5."""


@dataclass(frozen=True, slots=True)
class List:
    """RFC 1939 §5: of one message, or of all."""

    number: int | None = None

    def __post_init__(self) -> None:
        _check_number(self.number, least=1)


@dataclass(frozen=True, slots=True)
class Uidl:
    """RFC 1939 §7: of one message, or of all."""

    number: int | None = None

    def __post_init__(self) -> None:
        _check_number(self.number, least=1)


@dataclass(frozen=True, slots=True)
class Retr:
    """RFC 1939 §5."""

    number: int

    def __post_init__(self) -> None:
        _check_number(self.number, least=1)


@dataclass(frozen=True, slots=True)
class Dele:
    """RFC 1939 §5."""

    number: int

    def __post_init__(self) -> None:
        _check_number(self.number, least=1)


@dataclass(frozen=True, slots=True)
class Top:
    """RFC 1939 §7: the header, the empty line and so many lines of the body."""

    number: int
    lines: int

    def __post_init__(self) -> None:
        _check_number(self.number, least=1)
        _check_number(self.lines, least=0)


Command = Capa | Stls | Quit | User | Pass | Auth | Stat | Noop | Rset | List | Uidl | Retr | Dele | Top

_MECHANISM = re.compile(rb"[A-Z0-9_-]{1,20}")  # RFC 4422 §3.1
_TOKEN = re.compile(rb"[\x21-\x7e]+")
_TEXT = re.compile(r"[^\x00\r\n]+")
_NUMBER = re.compile(rb"[0-9]{1,10}")


def _check_text(text: str) -> None:
    if _TEXT.fullmatch(text) is None:
        raise ValueError("empty, or with NUL, CR or LF")
    text.encode()


def _check_number(number: int | None, *, least: int) -> None:
    if number is not None and not least <= number <= MAX_NUMBER:
        raise ValueError(f"out of range: {number}")


def _nothing(made: Callable[[], Command]) -> Callable[[bytes], Command]:
    """command = keyword CRLF"""

    def parse(arguments: bytes) -> Command:
        if arguments:
            raise BadCommand("No argument is wanted")
        return made()

    return parse


def _text(made: Callable[[str], Command]) -> Callable[[bytes], Command]:
    """command = keyword SP string CRLF; changed: the string may be UTF-8, for names and passwords are (RFC 6856 §2.2)"""

    def parse(arguments: bytes) -> Command:
        try:
            return made(arguments.decode())
        except ValueError:
            raise BadCommand("A string in UTF-8 is wanted") from None

    return parse


def _number(octets: bytes) -> int:
    if _NUMBER.fullmatch(octets) is None:
        raise BadCommand("A message number is wanted")
    return int(octets)


def _message(made: Callable[[int], Command]) -> Callable[[bytes], Command]:
    """command = keyword SP msg CRLF"""

    def parse(arguments: bytes) -> Command:
        return _valid(lambda: made(_number(arguments)))

    return parse


def _perhaps_message(made: Callable[[int | None], Command]) -> Callable[[bytes], Command]:
    """command = keyword [SP msg] CRLF"""

    def parse(arguments: bytes) -> Command:
        return _valid(lambda: made(_number(arguments) if arguments else None))

    return parse


def _valid(made: Callable[[], Command]) -> Command:
    try:
        return made()
    except ValueError:
        raise BadCommand("No such message") from None


def _parse_top(arguments: bytes) -> Command:
    """top = "TOP" SP msg SP n CRLF"""
    number, _, lines = arguments.partition(b" ")
    return _valid(lambda: Top(_number(number), _number(lines)))


def _parse_auth(arguments: bytes) -> Command:
    """auth-command = "AUTH" SP sasl-mech [SP initial-response]; changed: the mechanism may be missing"""
    mechanism, space, initial = arguments.partition(b" ")
    try:
        return Auth(mechanism.upper(), initial if space else None)
    except ValueError:
        raise BadCommand("A mechanism and perhaps an initial response are wanted") from None


def _write_auth(command: Auth) -> bytes:
    return command.mechanism if command.initial is None else command.mechanism + b" " + command.initial


@dataclass(frozen=True, slots=True)
class Spec:
    """A row of the table: wire name, value type, arguments from and to octets, and the states where it is allowed."""

    name: bytes
    type: type[Command]
    parse: Callable[[bytes], Command]
    write: Callable[[Any], bytes]  # each takes its own command type only
    states: frozenset[State]


_BEFORE = frozenset({State.AUTHORIZATION})
_AFTER = frozenset({State.TRANSACTION})
_BOTH = _BEFORE | _AFTER

COMMANDS: tuple[Spec, ...] = (
    Spec(b"CAPA", Capa, _nothing(Capa), lambda _: b"", _BOTH),  # RFC 2449 §5
    Spec(b"QUIT", Quit, _nothing(Quit), lambda _: b"", _BOTH),  # RFC 1939 §4, §6
    Spec(b"STLS", Stls, _nothing(Stls), lambda _: b"", _BEFORE),  # RFC 2595 §4
    Spec(b"USER", User, _text(User), lambda user: user.name.encode(), _BEFORE),  # RFC 1939 §7
    Spec(b"PASS", Pass, _text(Pass), lambda given: given.password.encode(), _BEFORE),  # RFC 1939 §7
    Spec(b"AUTH", Auth, _parse_auth, _write_auth, _BEFORE),  # RFC 5034 §4
    Spec(b"STAT", Stat, _nothing(Stat), lambda _: b"", _AFTER),  # RFC 1939 §5
    Spec(
        b"LIST", List, _perhaps_message(List), lambda one: b"%d" % one.number if one.number else b"", _AFTER
    ),  # RFC 1939 §5
    Spec(
        b"UIDL", Uidl, _perhaps_message(Uidl), lambda one: b"%d" % one.number if one.number else b"", _AFTER
    ),  # RFC 1939 §7
    Spec(b"RETR", Retr, _message(Retr), lambda one: b"%d" % one.number, _AFTER),  # RFC 1939 §5
    Spec(b"DELE", Dele, _message(Dele), lambda one: b"%d" % one.number, _AFTER),  # RFC 1939 §5
    Spec(b"TOP", Top, _parse_top, lambda top: b"%d %d" % (top.number, top.lines), _AFTER),  # RFC 1939 §7
    Spec(b"NOOP", Noop, _nothing(Noop), lambda _: b"", _AFTER),  # RFC 1939 §5
    Spec(b"RSET", Rset, _nothing(Rset), lambda _: b"", _AFTER),  # RFC 1939 §5
)

BY_NAME = {spec.name: spec for spec in COMMANDS}
BY_TYPE = {spec.type: spec for spec in COMMANDS}


def parse_command(line: bytes) -> Command:
    """The command of a line without its CRLF. Raises BadCommand.

    command = keyword *(SP param) CRLF; changed: a space at the end is no argument where none is wanted
    """
    name, _, arguments = line.partition(b" ")
    spec = BY_NAME.get(name.upper())
    if spec is None:
        raise BadCommand("Unknown command")
    if spec.type in (User, Pass):
        return spec.parse(arguments)
    return spec.parse(arguments.rstrip(b" "))


def write_command(command: Command) -> bytes:
    """The line of a command, with its CRLF."""
    spec = BY_TYPE[type(command)]
    arguments = spec.write(command)
    return spec.name + (b" " + arguments if arguments else b"") + b"\r\n"
