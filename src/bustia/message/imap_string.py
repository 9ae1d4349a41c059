"""Strings as IMAP writes them: quoted, literal or NIL (RFC 9051 §4.3, §9; RFC 3501 §9).

Invariants: CR, LF, NUL and, without `utf8`, octets above 127 never stand in a quoted string; NUL stands nowhere.
"""

from __future__ import annotations

import re

MAX_QUOTED = 4_096  # octets; longer values go as literals: clients bound their lines (RFC 2683 §3.2.1.5 speaks of 8000)

_NOT_QUOTED = re.compile(rb"[\x00\r\n\x80-\xff]")
_NOT_QUOTED_UTF8 = re.compile(rb"[\x00\r\n]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()  # for NUL, which no IMAP string but literal8 can carry


def write_string(value: bytes, utf8: bool = False) -> bytes:
    """The value as `string`: quoted where it may be, else a literal.

    `utf8` writes UTF-8 in quoted strings, as after ENABLE IMAP4rev2 or UTF8=ACCEPT (RFC 9051 §9, RFC 6855 §3).
    """
    if len(value) <= MAX_QUOTED and is_quotable(value, utf8):
        return quoted(value)
    value = value.replace(b"\0", _REPLACEMENT)
    return b"{%d}\r\n%b" % (len(value), value)


def write_nstring(value: bytes | None, utf8: bool = False) -> bytes:
    """The value as `nstring`: NIL for None."""
    return b"NIL" if value is None else write_string(value, utf8)


def is_quotable(value: bytes, utf8: bool) -> bool:
    """Whether the value may stand in a quoted string, with `utf8` in one of UTF-8 (RFC 9051 §9, QUOTED-CHAR)."""
    if not _NOT_QUOTED.search(value):
        return True
    if not utf8 or _NOT_QUOTED_UTF8.search(value):
        return False
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def quoted(value: bytes) -> bytes:
    """The quoted string of a value that `is_quotable`."""
    if b"\\" in value or b'"' in value:
        value = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + value + b'"'
