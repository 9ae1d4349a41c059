"""Modified UTF-7, the spelling of mailbox names on an IMAP4rev1 wire (RFC 3501 §5.1.3).

Invariant: a name has one spelling only. Whatever decodes but is not what `encode_utf7` writes (base64 of printable US-ASCII, a
superfluous shift, stray bits) is refused in commands, so that no two spellings name one mailbox.
"""

from __future__ import annotations

import binascii
import re

_SHIFTED = re.compile(r"[^\x20-\x7e]+|&")
_SHIFT = re.compile(rb"&([^&-]*+)-")


def encode_utf7(name: str) -> bytes:
    """The name in modified UTF-7: printable US-ASCII for itself, `&-` for `&`, base64 of UTF-16BE between `&` and `-` for the rest.

    Raises ValueError for a lone surrogate, which no wire can carry.
    """
    if name.isascii() and name.isprintable() and "&" not in name:
        return name.encode("ascii")
    try:
        return _SHIFTED.sub(_encode_run, name).encode("ascii")
    except UnicodeEncodeError as error:
        raise ValueError(f"not a text: {name!r}") from error


def _encode_run(run: re.Match[str]) -> str:
    text = run[0]
    if text == "&":
        return "&-"
    packed = binascii.b2a_base64(text.encode("utf-16-be"), newline=False)
    return "&" + packed.rstrip(b"=").replace(b"/", b",").decode("ascii") + "-"


def decode_utf7(octets: bytes) -> str:
    """The name that `encode_utf7` writes as these octets. Raises ValueError for any other octets."""
    if not octets.isascii():
        raise ValueError("8-bit octets in a modified UTF-7 name")
    if b"&" not in octets:
        text = octets.decode("ascii")
        if not text.isprintable():
            raise ValueError("control character in a modified UTF-7 name")
        return text
    parts: list[str] = []
    at = 0
    for shift in _SHIFT.finditer(octets):
        parts.append(octets[at : shift.start()].decode("ascii"))
        parts.append(_decode_run(shift[1]))
        at = shift.end()
    parts.append(octets[at:].decode("ascii"))
    name = "".join(parts)
    if encode_utf7(name) != octets:
        raise ValueError("not the one spelling of a modified UTF-7 name")
    return name


def _decode_run(packed: bytes) -> str:
    if not packed:
        return "&"
    padded = packed.replace(b",", b"/") + b"=" * (-len(packed) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("broken base64 in a modified UTF-7 name") from error


def decode_lenient(octets: bytes) -> str:
    """The name in a server's reply: modified UTF-7, else UTF-8 (RFC 3501 §5.1), else octet for octet; never fails."""
    try:
        return decode_utf7(octets)
    except ValueError:
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            return octets.decode("latin-1")
