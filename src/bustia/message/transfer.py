"""Content-Transfer-Encoding undone, leniently and in linear time (RFC 2045 §6).

Invariants: nothing raises; the output is never larger than the input.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, a2b_qp, a2b_uu

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_SOFT_SPACE = re.compile(rb"=[ \t]+(?=\r?\n)")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\n]*\n", re.MULTILINE)
IDENTITY = frozenset((b"", b"7bit", b"8bit", b"binary"))
KNOWN = IDENTITY | {b"base64", b"quoted-printable", b"x-uuencode", b"uuencode", b"x-uue"}


def decode_transfer(body: bytes, encoding: bytes) -> bytes:
    """Body octets without their transfer encoding; an unknown encoding leaves them as they are (RFC 2045 §6.4).

    `encoding` is the field's value in any case.
    """
    name = encoding.strip().lower()
    if name == b"base64":
        return decode_base64(body)
    if name == b"quoted-printable":
        return decode_quoted_printable(body)
    if name in KNOWN and name not in IDENTITY:
        return decode_uuencode(body)
    return body


def decode_base64(text: bytes) -> bytes:
    """Octets of base64 text; what is not of the alphabet is passed over, missing padding is added (RFC 2045 §6.8).

    Text after padding, as from joined base64 blocks, is decoded as well.
    """
    padding = text.find(b"=")
    if padding < 0 or not text[padding:].strip(b"= \t\r\n"):
        try:
            return a2b_base64(text)
        except Error:
            pass
    pieces = [piece for piece in _NOT_BASE64.sub(b"", text).split(b"=") if piece]
    return b"".join(a2b_base64(piece[: len(piece) - (len(piece) % 4 == 1)] + b"==") for piece in pieces)


def decode_quoted_printable(text: bytes) -> bytes:
    """Octets of quoted-printable text; a broken `=` stays as it stands (RFC 2045 §6.7)."""
    return a2b_qp(_SOFT_SPACE.sub(b"=", text) if b"= " in text or b"=\t" in text else text)


def decode_uuencode(text: bytes) -> bytes:
    """Octets of the first uuencoded file in the text; the text itself if there is none.

    A broken line is left out. A line that counts more octets than its characters stand for gives those that are there.
    """
    start = _UU_BEGIN.search(text)
    if start is None:
        return text
    pieces: list[bytes] = []
    for line in text[start.end() :].splitlines():
        if line.strip() == b"end":
            break
        if line:
            pieces.append(_uu_line(line))
    return b"".join(pieces)


def _uu_line(line: bytes) -> bytes:
    there = (len(line) - 1) * 3 // 4  # a2b_uu makes up zeros for what is missing: 63 octets of one character
    try:
        return a2b_uu(line)[:there]
    except Error:
        # Some encoders count wrongly: decode what the length octet promises (as uudecode does).
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return a2b_uu(line[:length])[:there]
        except Error:
            return b""
