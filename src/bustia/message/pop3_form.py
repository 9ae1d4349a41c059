"""The form in which POP3 sends a message: CRLF line ends only (RFC 1939 §3), ending in one.

A stored `LF . LF` sent as it stands would end a RETR early and inject a reply, so bare CR and LF become CRLF.
"""

from __future__ import annotations

import re

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def pop3_form(octets: bytes) -> bytes:
    """The octets with each bare CR or LF as CRLF and CRLF at the end; the same object if they are so already."""
    pairs = octets.count(b"\r\n")
    if octets.count(b"\n") != pairs or octets.count(b"\r") != pairs:
        octets = _BARE.sub(b"\r\n", octets)
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


def pop3_size(octets: bytes) -> int:
    """Size in octets of `pop3_form(octets)`, without making it."""
    pairs = octets.count(b"\r\n")
    bare = octets.count(b"\n") + octets.count(b"\r") - 2 * pairs
    ends = octets[-1:] in (b"\r", b"\n")
    return len(octets) + bare + (0 if ends else 2)
