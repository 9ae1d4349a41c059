"""What a POP3 server says: one line of status with a code and text, and the codes.

Invariant: a `Reply` always fits one line of 512 octets of printable ASCII, whatever text it was made from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from bustia.model.reason import Reason

MAX_LINE = 512  # octets of a status line with its CRLF (RFC 1939 §3, RFC 2449 §4)

_CODE = re.compile(r"[A-Z0-9-]+(?:/[A-Z0-9-]+)*")
_TEXT = re.compile(r"[\x20-\x7e]*")
_LINE = re.compile(rb"(\+OK|-ERR)(?: (?:\[([^\]\r\n]+)\] ?)?([\x20-\x7e]*))?")


class BadReply(Exception):
    """The server broke the grammar."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A status line: +OK or -ERR, text, and a response code as `IN-USE` or `SYS/TEMP` (RFC 2449 §8, RFC 3206 §4).

    Raises ValueError for text that is not printable ASCII, begins with `[` or makes the line too long.
    """

    ok: bool
    text: str = ""
    code: str = ""

    def __post_init__(self) -> None:
        if self.code and _CODE.fullmatch(self.code) is None:
            raise ValueError(f"not a response code: {self.code!r}")
        if _TEXT.fullmatch(self.text) is None or self.text.startswith(("[", " ")) or len(write_reply(self)) > MAX_LINE:
            raise ValueError(f"not the text of a reply: {self.text!r}")


def printable(text: str) -> str:
    """Any text made fit for a reply: what is not printable ASCII becomes `?`, what is too long is cut."""
    cut = text.strip().lstrip("[").strip()[:400]
    return "".join(character if " " <= character <= "~" else "?" for character in cut)


def write_reply(reply: Reply) -> bytes:
    """The line with its CRLF."""
    code = f" [{reply.code}]" if reply.code else ""
    text = f" {reply.text}" if reply.text else ""
    return f"{'+OK' if reply.ok else '-ERR'}{code}{text}\r\n".encode("ascii")


def parse_reply(line: bytes) -> Reply:
    """The reply of a line without its CRLF. Raises BadReply.

    single-line = status [SP text] CRLF; text = *schar / resp-code *CHAR   (RFC 2449 §3)
    changed: a code is understood in any case, and kept in upper case; the text loses the space before it
    """
    found = _LINE.fullmatch(line)
    if found is None or len(line) > MAX_LINE - 2:
        raise BadReply(f"not a status line: {line[:80]!r}")
    status, code, text = found.groups(b"")
    try:
        return Reply(status == b"+OK", text.decode("ascii").lstrip(), code.decode("ascii").upper())
    except ValueError:
        raise BadReply(f"not a status line: {line[:80]!r}") from None


def pop3_code(reason: Reason) -> str:
    """Response code of -ERR for a refusal (RFC 2449 §8.1, RFC 3206 §4, §5); "" where none fits."""
    match reason:
        case Reason.AUTHENTICATION_FAILED | Reason.PRIVACY_REQUIRED:
            return "AUTH"
        case Reason.IN_USE:
            return "IN-USE"
        case Reason.BUSY | Reason.DISK_FULL | Reason.EXPIRED:
            return "SYS/TEMP"
        case Reason.DAMAGED:
            return "SYS/PERM"
        case (
            Reason.NOT_FOUND
            | Reason.ALREADY_EXISTS
            | Reason.NOT_ALLOWED
            | Reason.READ_ONLY
            | Reason.OVER_QUOTA
            | Reason.TOO_BIG
            | Reason.LIMIT
            | Reason.BAD_NAME
            | Reason.BAD_CHARSET
            | Reason.BAD_CONTENT
            | Reason.HAS_CHILDREN
            | Reason.UNSUPPORTED
        ):
            return ""
        case _:
            assert_never(reason)
