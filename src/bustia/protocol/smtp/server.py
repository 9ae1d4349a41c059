"""The server's end of an SMTP-like connection: octets in, commands or a message's octets out; knows the state, no socket.

Invariants
- The state changes only by `advance`, when the owner has accepted a command; a command that the state does not allow is never given out.
- While a message comes nothing is read as a command.
"""

from __future__ import annotations

from bustia.protocol.smtp.commands import (
    BY_TYPE,
    MAX_LINE,
    BadCommand,
    Command,
    Lhlo,
    Mail,
    Rcpt,
    Rset,
    State,
    parse_command,
)
from bustia.protocol.smtp.data import DataReader
from bustia.protocol.wire import BadLine, LineReader, Problem


class ServerConnection:
    """Feed it with `receive`, then call `next_command` until it returns None; behind an accepted DATA `begin_data` and `next_data`."""

    __slots__ = ("_data", "_lines", "state")

    def __init__(self) -> None:
        self.state = State.CONNECTED
        self._lines = LineReader(MAX_LINE)
        self._data: DataReader | None = None

    def receive(self, data: bytes) -> None:
        """Takes octets from the client."""
        self._lines.receive(data)

    def start_tls(self) -> None:
        """Forgets what was received and all that the client said (RFC 3207 §4.2)."""
        self._lines.discard()
        self.state = State.CONNECTED

    def next_command(self) -> Command | None:
        """The next command that the state allows, or None until more octets come. Raises BadCommand, after the line was taken."""
        line = self._lines.next_line()
        if line is None:
            return None
        if isinstance(line, BadLine):
            text = "Line too long" if line.problem is Problem.LINE_TOO_LONG else "A line ends with CRLF"
            raise BadCommand(500, "5.5.2", text)
        command = parse_command(line)
        if self.state not in BY_TYPE[type(command)].states:
            raise BadCommand(503, "5.5.1", _ORDER[self.state])
        return command

    def advance(self, command: Command) -> None:
        """Notes that a command was accepted (RFC 5321 §4.1.4)."""
        match command:
            case Lhlo():
                self.state = State.READY
            case Mail():
                self.state = State.SENDER
            case Rcpt():
                self.state = State.RECIPIENTS
            case Rset() if self.state is not State.CONNECTED:
                self.state = State.READY
            case _:
                pass

    def begin_data(self, data: DataReader) -> None:
        """What comes next is a message, which `data` reads."""
        self._data = data

    def next_data(self) -> bytes | None:
        """The message's next octets, perhaps b""; None when all that was received is used up, or the message has ended.

        It has ended when `data.rest` is not None; the session is between transactions then.
        """
        data = self._data
        if data is None or not self._lines.held:
            return None
        octets = data.feed(self._lines.take(self._lines.held))
        if data.rest is not None:
            self._lines.receive(data.rest)
            self._data = None
            self.state = State.READY
        return octets


_ORDER = {
    State.CONNECTED: "LHLO first",
    State.READY: "MAIL first",
    State.SENDER: "RCPT first",
    State.RECIPIENTS: "Not while a message is on its way",
}
