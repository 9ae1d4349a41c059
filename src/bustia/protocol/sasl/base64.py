"""Base64 as SASL exchanges carry it: one line, strictly the alphabet, padded (RFC 4648 §4, RFC 5034 §4)."""

from __future__ import annotations

import binascii
import re

_STRICT = re.compile(rb"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def decode(line: bytes) -> bytes:
    """The octets. Raises ValueError for anything but base64: no space, no pad in the middle, no missing pad.

    base64          = base64-terminal / ( 1*(4base64-char) [base64-terminal] )
    base64-terminal = (2base64-char "==") / (3base64-char "=")
    """
    if _STRICT.fullmatch(line) is None:
        raise ValueError("not base64")
    return binascii.a2b_base64(line)


def encode(octets: bytes) -> bytes:
    """The line, without its end."""
    return binascii.b2a_base64(octets, newline=False)
