"""Octets to lines, and to commands with announced literals, within limits; no grammar, no socket.

Invariants
- A line ends with CRLF and nothing else. A line feed without its CR ends the line too, but as a bad one: it is never obeyed and never
  hides what follows (a peer in between that sees lines otherwise is how commands are smuggled).
- Never more than one line's limit is held of a line that is too long, and of a refused literal nothing.
- A literal that was announced is never read as a command, also when the command before it is bad, too long or refused: its octets are
  taken first (RFC 9051 §4.3). A client that waits for a continuation has not sent them and is answered at once.
- Cut anywhere, the same octets give the same events.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

HEAD = 64  # octets kept of a line that was too long, so that the answer may carry its tag
TAIL = 32  # octets kept of the end of such a line, where a literal may be announced: `~{`, 20 digits and `+}` are 24
COMPACT = (
    65_536  # octets already given out that the buffer may drag along; a move of the rest costs less than it saves above
)


class Problem(Enum):
    """Why a line or command was thrown away."""

    LINE_TOO_LONG = "line too long"
    BARE_LINE_FEED = "line feed without carriage return"
    LITERAL_TOO_LONG = "literal too long"
    TOO_MANY_LITERALS = "too many literals"
    REFUSED = "refused"  # by `CommandReader.refuse`


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not obeyed: its first octets (HEAD at most), its last (TAIL at most, without the line end), and why."""

    head: bytes
    tail: bytes
    problem: Problem


class LineReader:
    """Gives complete lines, without their CRLF, of at most `limit` octets with it.

    Feed it with `receive`, then call `next_line` until it returns None. `limit` may be changed between lines (larger after login).
    """

    __slots__ = ("_buffer", "_searched", "_skipped", "_start", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._buffer = bytearray()
        self._start = 0  # where what is not given out yet begins
        self._searched = 0  # where the search for a line feed goes on
        self._skipped: bytes | None = None  # the first octets of a line that is being thrown away

    def receive(self, data: bytes) -> None:
        """Takes octets from the peer."""
        self._buffer += data

    @property
    def held(self) -> int:
        """Octets received and not given out."""
        return len(self._buffer) - self._start

    def next_line(self) -> bytes | BadLine | None:
        """The next line, or why it is none, or None when it is not complete."""
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            if self._skipped is not None or self.held >= self.limit:
                self._skip()
            return None
        line = bytes(self._buffer[self._start : end])
        self._advance(end + 1)
        if self._skipped is not None:
            head, self._skipped = self._skipped, None
            return BadLine(head, _tail(line), Problem.LINE_TOO_LONG)
        if len(line) >= self.limit:
            return BadLine(line[: min(HEAD, self.limit)], _tail(line), Problem.LINE_TOO_LONG)
        if not line.endswith(b"\r"):
            return BadLine(line[: min(HEAD, self.limit)], _tail(line), Problem.BARE_LINE_FEED)
        return line[:-1]

    def _skip(self) -> None:
        """Forgets all of an endless line but its end, which may prove to announce a literal."""
        if self._skipped is None:
            self._skipped = bytes(self._buffer[self._start : self._start + min(HEAD, self.limit)])
        self._start = max(self._start, len(self._buffer) - TAIL - 1)
        self._searched = len(self._buffer)
        self._compact()

    def take(self, count: int) -> bytes:
        """At most `count` octets as they came, not as a line; b"" when there are none. Only between lines."""
        data = bytes(self._buffer[self._start : self._start + count])
        self._advance(self._start + len(data))
        return data

    def discard(self) -> None:
        """Forgets all that was received: nothing sent in the clear is obeyed under TLS (RFC 3207 §4.2, CVE-2021-33515)."""
        self._buffer = bytearray()
        self._start = self._searched = 0
        self._skipped = None

    def _advance(self, start: int) -> None:
        self._start = self._searched = start
        self._compact()

    def _compact(self) -> None:
        if self._start == len(self._buffer):
            self._buffer.clear()
        elif self._start > COMPACT:
            del self._buffer[: self._start]
        else:
            return
        self._searched = max(0, self._searched - self._start)
        self._start = 0


def _tail(line: bytes) -> bytes:
    return line.removesuffix(b"\r")[-TAIL:]


@dataclass(frozen=True, slots=True)
class Literal:
    """One literal of a command: its octets, or None where they went to a sink, and whether it was a literal8 (RFC 9051 §4.3.1)."""

    size: int
    octets: bytes | None
    binary: bool


Piece = bytes | Literal
"""Part of a command in order: text without the announcement and line end, literal, text, … text."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A literal of `size` octets comes next: call `accept`, `accept_into` or `refuse` before `next_event`.

    `waits` says that the client sends it only after a continuation request; `pieces` is the command so far.
    """

    size: int
    waits: bool
    binary: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Complete:
    """A whole command; it begins and ends with text, either of which may be empty."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Discarded:
    """A command that was thrown away with its literals: answer it now.

    `head` is the beginning of its first line, where the tag is. `fatal` says that the client is about to send more than we shall
    drain: say BYE and close.
    """

    head: bytes
    problem: Problem
    fatal: bool


Event = Announced | Complete | Discarded

_ANNOUNCEMENT = re.compile(rb"(~?)\{([0-9]+)(\+?)\}\Z")  # RFC 9051 §9 literal, literal8; RFC 7888 §8


@dataclass(frozen=True, slots=True)
class CommandLimits:
    """What one command may cost; all in octets but `literals`."""

    line: int = 8192  # one line of a command with its CRLF; RFC 2683 §3.2.1.5 advises 8,000 or more
    kept: int = (
        65_536  # text and literals of one command kept in memory, together; literals that go to a sink do not count
    )
    literals: int = (
        1000  # literals in one command, and once more in what is thrown away of it: each costs as much as a line
    )
    drained: int = (
        1_048_576  # literals of one refused command that are read and thrown away, rather than the connection
    )


class _State(Enum):
    LINE = "a line comes next"
    ASKED = "the owner must answer an announced literal"
    KEEPING = "a literal comes and is kept"
    SINKING = "a literal comes and goes to the owner's sink"
    DROPPING = "a literal comes and is thrown away"


class CommandReader:
    """Gives IMAP commands as pieces (RFC 9051 §2.2.1, §4.3).

        command-line = *( text ["~"] "{" 1*DIGIT ["+"] "}" CRLF *OCTET ) text CRLF

    `number64` became 1*DIGIT: a size of more than 64 bits is a size too large, not the end of a line.
    Feed it with `receive`, then call `next_event` until it returns None, answering each `Announced` by `accept`, `accept_into` or
    `refuse`. `limits` may be replaced between commands (larger after login).
    """

    __slots__ = (
        "_asked",
        "_discarded",
        "_drained",
        "_dropped",
        "_head",
        "_kept",
        "_lines",
        "_literal",
        "_pieces",
        "_problem",
        "_remaining",
        "_sink",
        "_state",
        "limits",
    )

    def __init__(self, limits: CommandLimits) -> None:
        self.limits = limits
        self._lines = LineReader(limits.line)
        self._begin()

    def _begin(self) -> None:
        self._state = _State.LINE
        self._pieces: list[Piece] = []
        self._head = b""  # the beginning of the command's first line, which is not empty if another follows
        self._kept = 0  # octets of text and literals in _pieces
        self._asked: Announced | None = None  # the announced literal, from its announcement to its last octet
        self._literal = bytearray()
        self._sink: Callable[[bytes], object] | None = None
        self._remaining = 0  # octets of the literal still to come
        self._problem: Problem | None = None  # set while the command is thrown away
        self._drained = 0
        self._dropped = 0  # literals of the command that is thrown away
        self._discarded: Discarded | None = None  # said by the next `next_event`

    def receive(self, data: bytes) -> None:
        """Takes octets from the peer."""
        self._lines.receive(data)

    @property
    def held(self) -> int:
        """Octets received and not given out, and room promised to the text and literals of the command under way."""
        return self._lines.held + self._kept

    def discard(self) -> None:
        """Forgets all that was received, at STARTTLS."""
        self._lines.discard()
        self._begin()

    def next_event(self) -> Event | None:
        """The next event, or None until more octets come. Raises RuntimeError while an announced literal is not answered."""
        if self._state is _State.ASKED:
            raise RuntimeError("an announced literal was neither accepted nor refused")
        if self._discarded is not None:
            discarded = self._discarded
            self._begin()
            return discarded
        while True:
            if self._state is not _State.LINE and not self._read_literal():
                return None
            self._lines.limit = self.limits.line
            line = self._lines.next_line()
            if line is None:
                return None
            event = self._read_line(line)
            if event is not None:
                return event

    def _read_line(self, line: bytes | BadLine) -> Event | None:
        if isinstance(line, BadLine):
            self._problem = self._problem or line.problem
            text, tail = line.head, line.tail
        else:
            text = tail = line
        if not self._head:
            self._head = text[:HEAD]
        announcement = _ANNOUNCEMENT.search(tail) if tail.endswith(b"}") else None
        if announcement is None:
            pieces, problem, head = (*self._pieces, text), self._problem, self._head
            self._begin()
            return Complete(pieces) if problem is None else Discarded(head, problem, fatal=False)
        if self._problem is None:
            self._kept += len(text)
            self._pieces.append(text.removesuffix(announcement[0]))
        size, waits, binary = _size(announcement[2]), not announcement[3], bool(announcement[1])
        self._asked = Announced(size, waits, binary, tuple(self._pieces))
        if self._problem is not None:
            self.refuse(self._problem)
        elif len(self._pieces) > 2 * self.limits.literals:  # a text and a literal each
            self.refuse(Problem.TOO_MANY_LITERALS)
        elif self._kept > self.limits.kept:
            self.refuse(Problem.LITERAL_TOO_LONG)
        else:
            self._state = _State.ASKED
            return self._asked
        if self._discarded is None:
            return None
        discarded = self._discarded
        self._begin()
        return discarded

    def accept(self) -> bool:
        """Keeps the announced literal in memory; True if it may come (then send the continuation, if the client waits for it).

        False means that it is more than `limits.kept` allows, and was refused.
        """
        assert self._asked is not None
        if self._kept + self._asked.size > self.limits.kept:
            self.refuse(Problem.LITERAL_TOO_LONG)
            return False
        self._kept += self._asked.size
        self._expect(_State.KEEPING)
        return True

    def accept_into(self, sink: Callable[[bytes], object]) -> None:
        """Hands the announced literal to `sink`, piece by piece as it comes; whether its size is fair is the caller's to judge."""
        self._sink = sink
        self._expect(_State.SINKING)

    def refuse(self, problem: Problem = Problem.REFUSED) -> None:
        """Throws the command away with all its literals; `next_event` says `Discarded` when the client is to be answered."""
        assert self._asked is not None
        self._problem = self._problem or problem
        self._pieces.clear()  # nobody asks for them any more, and a million literals must not cost a million pieces
        self._drained += self._asked.size
        self._dropped += 1
        if (
            self._asked.waits
        ):  # it will not be sent: the refusal is the answer that the client waits for (RFC 9051 §4.3)
            self._state = _State.LINE
            self._discarded = Discarded(self._head, self._problem, fatal=False)
        elif self._drained > self.limits.drained or self._dropped > self.limits.literals:
            self._state = _State.LINE
            self._discarded = Discarded(self._head, self._problem, fatal=True)
        else:
            self._expect(_State.DROPPING)

    def _expect(self, state: _State) -> None:
        assert self._asked is not None
        self._state = state
        self._remaining = self._asked.size

    def _read_literal(self) -> bool:
        """Takes what has come of the literal; True when that was all of it."""
        assert self._asked is not None
        data = self._lines.take(self._remaining)
        self._remaining -= len(data)
        if self._state is _State.KEEPING:
            self._literal += data
        elif self._sink is not None and data:
            self._sink(data)
        if self._remaining:
            return False
        if self._problem is None:
            octets = bytes(self._literal) if self._state is _State.KEEPING else None
            self._pieces.append(Literal(self._asked.size, octets, self._asked.binary))
        self._literal = bytearray()
        self._sink = None
        self._asked = None
        self._state = _State.LINE
        return True


def _size(digits: bytes) -> int:
    """The number, where it has up to 20 digits; a longer one is more than any limit and not worth converting."""
    significant = digits.lstrip(b"0")
    return int(significant or b"0") if len(significant) <= 20 else 10**20
