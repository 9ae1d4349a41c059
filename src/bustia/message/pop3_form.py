"""The form in which POP3 sends a message: CRLF line ends only (RFC 1939 §3), ending in one.

A stored `LF . LF` sent as it stands would end a RETR early and inject a reply, so bare CR and LF become CRLF.
"""

from __future__ import annotations

import re

from bustia.message.fields import Octets

PIECE = 1_048_576  # octets of a memory map that are counted at once
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def pop3_form(octets: bytes) -> bytes:
    """The octets with each bare CR or LF as CRLF and CRLF at the end; the same object if they are so already."""
    pairs = octets.count(b"\r\n")
    if octets.count(b"\n") != pairs or octets.count(b"\r") != pairs:
        octets = _BARE.sub(b"\r\n", octets)
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def pop3_size(octets: Octets) -> int:
    """Size in octets of `pop3_form(octets)`, without making it; reads a memory map piece by piece."""
    bare = 0
    before: bytes | bytearray = b""
    for start in range(0, len(octets), PIECE):
        piece = octets[start : start + PIECE]
        pairs = piece.count(b"\r\n") + (before == b"\r" and piece[:1] == b"\n")
        bare += piece.count(b"\n") + piece.count(b"\r") - 2 * pairs
        before = piece[-1:]
    ends = octets[-1:] in (b"\r", b"\n")
    return len(octets) + bare + (0 if ends else 2)
