"""Any octets give commands or BadCommand, never another exception, and never more than the limits' octets are held.

The first octet chooses the state (before or after login, UTF-8 or not) and the size of the pieces; what is read is written and read again.
"""

from __future__ import annotations

from bustia.protocol.imap.append import Append
from bustia.protocol.imap.commands import write_command
from bustia.protocol.imap.search import Search
from bustia.protocol.imap.server import AppendStart, CommandEvent, Limits, ServerConnection, TooLong
from bustia.protocol.imap.writer import Literals, Writer
from vectors.imap import BAD_COMMANDS, COMMANDS, OTHER_SPELLINGS

INPUTS = 100_000
LIMITS = Limits()
CUTS = (1, 7, 64, 100_000)


def check(data: bytes) -> None:
    """Feeds `data` to a server's end; fails where the invariant breaks."""
    choice = data[0] if data else 0
    server = ServerConnection(LIMITS)
    server.utf8 = bool(choice & 1)
    if choice & 2:
        server.log_in()
    limits = LIMITS.after_login if choice & 2 else LIMITS.before_login
    cut = CUTS[choice >> 2 & 3]
    for at in range(1, len(data), cut):
        piece = data[at : at + cut]
        for event in server.receive(piece):
            assert not isinstance(event, TooLong) or server.next_event() is None
            if isinstance(event, AppendStart):
                if choice & 16:
                    server.refuse_message()
                else:
                    server.accept_message(len)
            elif isinstance(event, CommandEvent):
                _read_again(event, utf8=server.utf8)
        assert server.held <= limits.line + limits.kept + len(piece)


def _read_again(event: CommandEvent, *, utf8: bool) -> None:
    command = event.command
    if isinstance(command, Append) or (isinstance(command, Search) and command.bad_charset):
        return
    if isinstance(command, Search) and command.charset is None and not utf8:
        return  # we read UTF-8 without CHARSET, and never write it
    writer = Writer(Literals.NON_SYNCHRONISING, utf8=utf8)
    write_command(command, writer)
    server = ServerConnection(LIMITS)
    server.utf8 = utf8
    server.log_in()
    assert list(server.receive(b"a " + writer.octets() + b"\r\n")) == [CommandEvent("a", command)]


def seeds() -> list[bytes]:
    """Each vector in each state, and whole sessions."""
    commands = [octets for octets, _ in [*COMMANDS, *OTHER_SPELLINGS]] + [octets[:2_000] for octets in BAD_COMMANDS]
    lines = [b"a1 " + octets + b"\r\n" for octets in commands]
    session = b"".join(lines[:40])
    literal = (
        b'a LOGIN {3}\r\nfoo {3+}\r\nbar\r\nb APPEND x (\\Seen) " 1-Jan-2020 00:00:00 +0000" ~{3+}\r\nabc\r\nc NOOP\r\n'
    )
    return [bytes([state]) + line for line in [*lines, session, literal] for state in (2, 15)]
