"""The server's end of a POP3 connection: octets in, commands out; knows the state, no socket.

Invariants
- Each line is a command or, while an AUTH exchange runs, a SASL response; never both, so a response can not be obeyed.
- A line that is too long or badly ended is a BadCommand and is forgotten.
"""

from __future__ import annotations

from bustia.protocol.pop3.commands import BY_TYPE, MAX_LINE, BadCommand, Command, State, parse_command
from bustia.protocol.sasl import base64
from bustia.protocol.sasl.exchange import MAX_RESPONSE
from bustia.protocol.wire import BadLine, LineReader


class ServerConnection:
    """Feed it with `receive`, then call `next_command` until it returns None."""

    __slots__ = ("_lines", "state")

    def __init__(self) -> None:
        self.state = State.AUTHORIZATION  # the owner sets TRANSACTION when a login succeeded
        self._lines = LineReader(MAX_LINE)

    def receive(self, data: bytes) -> None:
        """Takes octets from the client."""
        self._lines.receive(data)

    def discard(self) -> None:
        """Forgets what was received, at STLS (RFC 2595 §4)."""
        self._lines.discard()

    def next_command(self) -> Command | None:
        """The next command that the state allows, or None until more octets come. Raises BadCommand, after the line was taken."""
        self._lines.limit = MAX_LINE
        line = self._lines.next_line()
        if line is None:
            return None
        if isinstance(line, BadLine):
            raise BadCommand(line.problem.value.capitalize())
        command = parse_command(line)
        if self.state not in BY_TYPE[type(command)].states:
            raise BadCommand("Not in this state")
        return command

    def next_response(self) -> bytes | None:
        """The next SASL response, decoded, or None until more octets come. Raises BadCommand if it is none, or `*` (RFC 5034 §4)."""
        self._lines.limit = MAX_RESPONSE
        line = self._lines.next_line()
        if line is None:
            return None
        if isinstance(line, BadLine):
            raise BadCommand(line.problem.value.capitalize())
        if line == b"*":
            raise BadCommand("Authentication cancelled")
        return decode_response(line)


def decode_response(octets: bytes) -> bytes:
    """A response in base64, decoded. Raises BadCommand."""
    try:
        return base64.decode(octets)
    except ValueError:
        raise BadCommand("Not base64") from None


def decode_initial(octets: bytes) -> bytes:
    """The initial response of AUTH, decoded; `=` is an empty one (RFC 5034 §4). Raises BadCommand."""
    return b"" if octets == b"=" else decode_response(octets)


def write_challenge(octets: bytes) -> bytes:
    """continue-req = "+" SP [base64] CRLF   (RFC 5034 §5)"""
    return b"+ " + base64.encode(octets) + b"\r\n"
