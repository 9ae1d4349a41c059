"""Text that ends with a line of one dot, and the dots doubled for it (RFC 1939 §3, RFC 5321 §4.5.2): POP3's answers and SMTP's data.

Invariants
- Only CRLF.CRLF ends the text: no other mix of CR, LF and dot does, wherever the octets are cut (SMTP smuggling, CVE-2023-51764).
- At most four octets are held back; no piece that is given out ends between a CR and its LF; work is linear.
"""

from __future__ import annotations

END = b"\r\n.\r\n"


class DotReader:
    """Gives the text without its doubled dots and its end. The CRLF before the last dot belongs to the text (RFC 5321 §4.1.1.4)."""

    __slots__ = ("_held", "_virtual", "rest")

    def __init__(self) -> None:
        self._held = b"\r\n"  # the text begins at the beginning of a line; this CRLF is not of it
        self._virtual = 2  # octets of that CRLF still to be left out
        self.rest: bytes | None = None  # what came after the end; None until the end was seen

    def feed(self, data: bytes) -> bytes:
        """The text in the next octets, perhaps none. Nothing may be fed after the end (when `rest` is not None)."""
        data = self._held + data
        end = data.find(END)
        if end >= 0:
            self.rest = data[end + len(END) :]
            text = data[: end + 2]
        else:
            held = _possible_end(data)
            self._held = data[len(data) - held :]
            text = data[: len(data) - held]
        text = text.replace(b"\r\n.", b"\r\n")
        if self._virtual and text:
            skipped = min(self._virtual, len(text))
            self._virtual -= skipped
            return text[skipped:]
        return text


def _possible_end(data: bytes) -> int:
    """How many of the last octets may be the beginning of END."""
    for length in range(len(END) - 1, 0, -1):
        if data.endswith(END[:length]):
            return length
    return 0


class DotWriter:
    """Doubles dots at the beginnings of lines. The text must have no bare CR or LF, and end with CRLF unless it is empty."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last = b"\r\n"  # the last two octets written, as if a line had just ended

    def feed(self, text: bytes) -> bytes:
        """The next piece of the text with its dots doubled."""
        if not text:
            return b""
        stuffed = text.replace(b"\r\n.", b"\r\n..")
        if self._last == b"\r\n" and text.startswith(b"."):
            stuffed = b"." + stuffed
        elif self._last.endswith(b"\r") and text.startswith(b"\n."):
            stuffed = b"\n." + stuffed[1:]
        self._last = (self._last + text[-2:])[-2:]
        return stuffed

    def finish(self) -> bytes:
        """The line that ends the text."""
        return b".\r\n"
