"""Plain blocking clients for IMAP and POP3 which look at an answer only once it is whole: what is timed is the server.

Invariant: a client raises Refused where the server does not say OK, so that a measure never counts work that was not done.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
from typing import Self

CHUNK = 1 << 18  # octets read at a time
PATIENCE = 180.0  # seconds until a silent server counts as hung


class Refused(Exception):
    """The server answered something else than OK, or closed the connection."""


class Connection:
    """A socket with a buffer of what was read and not yet taken."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, *pieces: bytes | memoryview) -> None:
        """Write the pieces, small ones in one segment."""
        self._socket.sendall(b"".join(pieces))

    def more(self) -> None:
        """Read what has come into the buffer; waits if nothing has. Raises Refused at the end of the connection."""
        chunk = self._socket.recv(CHUNK)
        if not chunk:
            raise Refused("the server closed the connection")
        self._buffer += chunk

    def take(self, length: int) -> bytes:
        """The first `length` octets of the buffer, which are no longer in it."""
        taken = bytes(memoryview(self._buffer)[:length])
        del self._buffer[:length]
        return taken

    def line(self) -> bytes:
        """One line with its end."""
        while (end := self._buffer.find(b"\n")) < 0:
            self.more()
        return self.take(end + 1)

    def until(self, mark: bytes) -> bytes:
        """Everything up to and including `mark`."""
        seen = 0
        while (found := self._buffer.find(mark, seen)) < 0:
            seen = max(0, len(self._buffer) - len(mark))
            self.more()
        return self.take(found + len(mark))


class Imap(Connection):
    """An IMAP session. Tags are such as no mail has in it, so that an answer's end is found without parsing."""

    def __init__(self, port: int, user: str, password: str) -> None:
        super().__init__(port)
        self._tags = (b"zq%dx" % number for number in itertools.count())
        self.line()
        self.run(b'LOGIN "%b" "%b"' % (user.encode(), password.encode()))

    def run(self, command: bytes) -> bytes:
        """The whole answer to a command. Raises Refused unless it ends in OK."""
        tag = next(self._tags)
        self.send(tag, b" ", command, b"\r\n")
        return self._answer(tag)

    def _answer(self, tag: bytes) -> bytes:
        untagged = self.until(tag + b" ")
        status = self.line()
        if not status.startswith(b"OK"):
            raise Refused(status.decode("utf-8", "replace").strip())
        return untagged

    def drain(self, command: bytes) -> int:
        """How many octets the answer to a command has; nothing of it is kept. Raises Refused unless it ends in OK.

        At a gigabyte a second a client that collects the answer would measure itself.
        """
        tag = next(self._tags)
        self.send(tag, b" ", command, b"\r\n")
        end, kept, total = b"\n" + tag + b" ", 256, 0  # room[:kept] holds the last octets of the read before
        room = bytearray(kept + CHUNK)
        while True:
            length = self._socket.recv_into(memoryview(room)[kept:])
            if not length:
                raise Refused("the server closed the connection")
            total += length
            found = room.rfind(end, 0, kept + length)
            if found >= 0 and room.find(b"\n", found + 1, kept + length) >= 0:
                break
            room[:kept] = room[length : length + kept]
        if not room.startswith(b"OK", found + len(end)):
            raise Refused(room[found:].split(b"\n")[1].decode("utf-8", "replace"))
        return total

    def append(self, mailbox: str, message: bytes | memoryview, flags: str = "", date: str = "") -> None:
        """APPEND one message with a literal that does not wait (RFC 7888 §4)."""
        tag = next(self._tags)
        options = f"({flags}) {date} {{{len(message)}+}}\r\n".replace("  ", " ")
        self.send(tag, f' APPEND "{mailbox}" {options}'.encode(), message, b"\r\n")
        self._answer(tag)

    def count(self, mailbox: str) -> int:
        """Messages in a mailbox, by STATUS."""
        found = re.search(rb"MESSAGES (\d+)", self.run(f'STATUS "{mailbox}" (MESSAGES)'.encode()))
        return int(found[1]) if found else 0

    def fresh(self, mailbox: str) -> None:
        """Make `mailbox` exist and be empty."""
        with contextlib.suppress(Refused):  # it was not there
            self.run(f'DELETE "{mailbox}"'.encode())
        self.run(f'CREATE "{mailbox}"'.encode())

    def select(self, mailbox: str) -> bytes:
        """SELECT; the answer."""
        return self.run(f'SELECT "{mailbox}"'.encode())

    def idle(self) -> None:
        """Begin IDLE (RFC 2177 §3)."""
        self._idle = next(self._tags)
        self.send(self._idle, b" IDLE\r\n")
        self.until(b"+")
        self.line()

    def done(self) -> None:
        """End IDLE."""
        self.send(b"DONE\r\n")
        self._answer(self._idle)

    def logout(self) -> None:
        """LOGOUT and close."""
        self.run(b"LOGOUT")
        self._socket.close()


class Pop3(Connection):
    """A POP3 session, logged in."""

    def __init__(self, port: int, user: str, password: str) -> None:
        super().__init__(port)
        self.line()
        self.run(b"USER " + user.encode())
        self.run(b"PASS " + password.encode())

    def run(self, command: bytes) -> bytes:
        """The one line that answers a command. Raises Refused unless it is +OK."""
        self.send(command, b"\r\n")
        status = self.line()
        if not status.startswith(b"+OK"):
            raise Refused(status.decode("utf-8", "replace").strip())
        return status

    def lines(self, command: bytes) -> bytes:
        """The octets of a multi-line answer, dot-stuffed as they came, with the final dot (RFC 1939 §3)."""
        self.run(command)
        return self.until(b"\r\n.\r\n")
