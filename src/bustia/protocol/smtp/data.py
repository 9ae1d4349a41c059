"""The message behind DATA: its dots undone, its octets judged.

Invariants
- Only CRLF.CRLF ends it (RFC 5321 §4.1.1.4); bare CR, bare LF and NUL do not pass, so that no other machine sees another end (smuggling).
- After the first fault no octet is given out any more, but the message is read to its end: its rest must never be taken for commands.
"""

from __future__ import annotations

from enum import Enum

from bustia.protocol.dots import DotReader


class Fault(Enum):
    """What is wrong with a message; the value is told to the client."""

    NUL = "The message has the octet NUL"  # RFC 5321 §4.5.2
    BARE_LINE_END = "The message has a bare CR or LF"  # RFC 5321 §2.3.8
    LONG_LINE = "A line of the message is too long"  # RFC 5321 §4.5.3.1.6
    TOO_BIG = "The message is too big"


class DataReader:
    """Gives the octets of a message of at most `size_limit` octets, with lines of at most `line_limit` octets with their CRLF."""

    __slots__ = ("_dots", "_line", "_line_limit", "_size_limit", "fault", "size")

    def __init__(self, size_limit: int, line_limit: int) -> None:
        self._dots = DotReader()
        self._size_limit = size_limit
        self._line_limit = line_limit
        self._line = 0  # octets of the line under way
        self.size = 0  # octets so far
        self.fault: Fault | None = None

    @property
    def rest(self) -> bytes | None:
        """What came behind the message; None until its end was seen."""
        return self._dots.rest

    def feed(self, octets: bytes) -> bytes:
        """The message's next octets; none once there is a fault."""
        text = self._dots.feed(octets)
        self.size += len(text)
        if self.fault is None and text:
            self.fault = self._judge(text)
        return b"" if self.fault else text

    def _judge(self, text: bytes) -> Fault | None:
        if self.size > self._size_limit:
            return Fault.TOO_BIG
        if 0 in text:
            return Fault.NUL
        if not text.count(b"\r") == text.count(b"\n") == text.count(b"\r\n"):  # no piece ends between CR and LF
            return Fault.BARE_LINE_END
        first, *others = text.split(b"\n")
        longest = self._line + len(first) + bool(others)
        if others:
            longest = max(longest, max(map(len, others)) + 1)
            self._line = len(others[-1])
        else:
            self._line = longest
        return Fault.LONG_LINE if longest > self._line_limit else None
