"""The client's end of a connection: commands in, octets out; octets in, responses out. No socket, no clock.

Invariants
- Octets are due in the order of the commands. Behind a synchronising literal nothing is due until the server has asked for it; when the server
  refuses instead, the rest of that command is dropped and the next one's turn comes (RFC 9051 §4.3).
- A response is given once, whole, in the order of the wire. A line beyond the limits ends the connection by BadReply: nothing after it is read.
- A status line never announces a literal, whatever its text ends with.
"""

from __future__ import annotations

import binascii
import re
from collections import deque

from bustia.protocol.imap.append import Append
from bustia.protocol.imap.commands import Command, write_command
from bustia.protocol.imap.errors import BadReply
from bustia.protocol.imap.general import CapabilityData
from bustia.protocol.imap.response import Continuation, NamesCode, Status
from bustia.protocol.imap.responses import HEAD, Response, Unreadable, parse_response
from bustia.protocol.imap.writer import Literals, Writer
from bustia.protocol.wire import BadLine, LineReader, Literal, Piece, Problem

MAX_REPLY_LINE = 16_777_216  # octets; `* SEARCH` of a million UIDs is half of it
MAX_REPLY_LITERAL = 67_108_864  # octets of all literals of one response; more than any server takes as one message
MAX_REPLY_LITERALS = 10_000  # in one response; each costs some hundred octets of memory even if empty

_ANNOUNCEMENT = re.compile(rb"~?\{([0-9]{1,20})\}\Z")
_STATUS_LINE = re.compile(rb"\+|[^ ]+ (?:OK|NO|BAD|BYE|PREAUTH)(?: |\Z)", re.IGNORECASE)


class ReplyReader:
    """Octets to responses in pieces, with their literals in memory; see the module's invariants."""

    __slots__ = ("_lines", "_literal", "_pieces", "_size", "_taken")

    def __init__(self) -> None:
        self._lines = LineReader(MAX_REPLY_LINE)
        self._pieces: list[Piece] = []
        self._literal: bytearray | None = None  # what has come of the literal under way
        self._size = 0  # octets that literal has
        self._taken = 0  # octets of literals of the response so far

    def receive(self, octets: bytes) -> None:
        """Takes octets from the server."""
        self._lines.receive(octets)

    def next_pieces(self) -> list[Piece] | Unreadable | None:
        """The next whole response, or None until more octets come. Raises BadReply where a limit is broken."""
        while True:
            if self._literal is not None and not self._read_literal(self._literal):
                return None
            line = self._lines.next_line()
            if line is None:
                return None
            if isinstance(line, BadLine):
                if line.problem is Problem.LINE_TOO_LONG:
                    raise BadReply("Line too long", offset=0)
                self._pieces, self._taken = [], 0
                return Unreadable(line.head, line.problem.value)
            self._pieces.append(line)
            found = _ANNOUNCEMENT.search(line)
            if found is None or (len(self._pieces) == 1 and _STATUS_LINE.match(line)):
                pieces, self._pieces, self._taken = self._pieces, [], 0
                return pieces
            self._pieces[-1] = line[: found.start()]
            self._size = int(found[1])
            self._taken += self._size
            if self._taken > MAX_REPLY_LITERAL or len(self._pieces) > 2 * MAX_REPLY_LITERALS:
                raise BadReply("Literal too long", offset=0)
            self._literal = bytearray()

    def _read_literal(self, literal: bytearray) -> bool:
        literal += self._lines.take(self._size - len(literal))
        if len(literal) < self._size:
            return False
        self._pieces.append(Literal(self._size, bytes(literal), binary=False))
        self._literal = None
        return True


class ClientConnection:
    """One connection as the client sees it; see the module's invariants.

    `send` queues a command, `take` gives the octets that are due, `receive` the responses. `utf8` is set by the owner when ENABLE gave UTF-8.
    Which literals need no waiting is learnt from CAPABILITY (RFC 7888 §3, §5).
    """

    __slots__ = ("_due", "_literals", "_next_tag", "_queue", "_reader", "pending", "utf8")

    def __init__(self) -> None:
        self._reader = ReplyReader()
        self._due: list[bytes] = []
        self._queue: deque[tuple[str, list[bytes]]] = deque()  # commands with octets not due yet; the first one waits
        self._next_tag = 1
        self._literals = Literals.SYNCHRONISING
        self.pending: dict[str, Command] = {}  # sent or queued, without a tagged response yet, in order
        self.utf8 = False

    def send(self, command: Command, message: bytes = b"") -> str:
        """Queues a command and returns its tag; `message` are the octets of an APPEND.

        Raises ValueError for a value that the wire cannot carry, or a message that is not of the size which its Append says.
        """
        if isinstance(command, Append) and len(message) != command.size:
            raise ValueError(f"APPEND of {command.size} octets with {len(message)}")
        tag = f"A{self._next_tag}"
        writer = Writer(self._literals, utf8=self.utf8)
        writer.raw(tag.encode("ascii") + b" ")
        write_command(command, writer)
        writer.raw(message + b"\r\n")
        self._next_tag += 1
        self.pending[tag] = command
        segments = writer.segments()
        if not self._queue:
            self._due.append(segments.pop(0))
        if segments:
            self._queue.append((tag, segments))
        return tag

    def take(self) -> bytes:
        """The octets to send now; each is given once."""
        due, self._due = self._due, []
        return b"".join(due)

    def done(self) -> None:
        """Ends an IDLE (RFC 9051 §6.3.13)."""
        self._due.append(b"DONE\r\n")

    def respond(self, octets: bytes | None) -> None:
        """Answers a challenge of AUTHENTICATE; None cancels (RFC 9051 §6.2.2)."""
        line = b"*" if octets is None else binascii.b2a_base64(octets, newline=False)
        self._due.append(line + b"\r\n")

    def start_tls(self) -> None:
        """Forgets what the server sent in the clear, capabilities too (RFC 9051 §6.2.1)."""
        self._reader = ReplyReader()
        self._literals = Literals.SYNCHRONISING

    def receive(self, octets: bytes) -> list[Response]:
        """Takes octets from the server and returns the responses that they complete.

        Continuations that a literal waited for are not among them: they made octets due. Raises BadReply where a limit is broken: close then.
        """
        self._reader.receive(octets)
        responses: list[Response] = []
        while (pieces := self._reader.next_pieces()) is not None:
            response = pieces if isinstance(pieces, Unreadable) else parse_response(pieces, utf8=self.utf8)
            kept = self._noticed(response)
            if kept is not None:
                responses.append(kept)
        return responses

    def _noticed(self, response: Response) -> Response | None:
        """Draws the consequences for this connection; None where the response was for it alone."""
        if isinstance(response, Continuation) and self._queue:
            self._advance(self._queue[0][1])
            return None
        if isinstance(response, CapabilityData):
            self._learn(response.names)
        elif isinstance(response, Status):
            if isinstance(response.code, NamesCode) and response.code.name == "CAPABILITY":
                self._learn(response.code.names)
            if response.tag is not None:
                if self.pending.pop(response.tag, None) is None:
                    return Unreadable(response.tag.encode("ascii")[:HEAD], "a tag that was not sent")
                if self._queue and self._queue[0][0] == response.tag:
                    self._queue.popleft()
                    self._start_next()
        return response

    def _advance(self, segments: list[bytes]) -> None:
        self._due.append(segments.pop(0))
        if not segments:
            self._queue.popleft()
            self._start_next()

    def _start_next(self) -> None:
        """Lets the commands go that waited behind a literal, up to the next one that waits itself."""
        while self._queue:
            segments = self._queue[0][1]
            self._due.append(segments.pop(0))
            if segments:
                return
            self._queue.popleft()

    def _learn(self, names: tuple[str, ...]) -> None:
        known = {name.upper() for name in names}
        if "LITERAL+" in known:
            self._literals = Literals.NON_SYNCHRONISING
        elif "LITERAL-" in known or "IMAP4REV2" in known:  # LITERAL- is a part of IMAP4rev2 (RFC 9051 Appendix E)
            self._literals = Literals.SMALL_NON_SYNCHRONISING
