"""What an SMTP or LMTP server says: code, enhanced status and lines; and the codes of refusals.

Invariant: whatever text a reply was made from, each line is printable ASCII of at most 512 octets, and the first digits agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from bustia.model.reason import Reason, Refused

MAX_LINE = 512  # octets of a reply line with its CRLF (RFC 5321 §4.5.3.1.5)

_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
_TEXT = re.compile(r"[\x20-\x7e]{0,490}")


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: code, enhanced status ("" for greetings, LHLO, DATA's 354) and one or more lines (RFC 5321 §4.2, RFC 2034 §3).

    Raises ValueError for what is no reply.
    """

    code: int
    status: str
    lines: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 200 <= self.code <= 559 or not self.lines:
            raise ValueError(f"not a reply: {self.code}")
        if self.status and (_STATUS.fullmatch(self.status) is None or self.status[0] != str(self.code)[0]):
            raise ValueError(f"status {self.status} does not fit code {self.code}")  # RFC 2034 §4
        if any(_TEXT.fullmatch(line) is None for line in self.lines):
            raise ValueError("not the text of a reply")


def printable(text: str) -> str:
    """Any text made fit for a reply: what is not printable ASCII becomes `?`, what is too long is cut."""
    return "".join(character if " " <= character <= "~" else "?" for character in text[:400])


def write_reply(reply: Reply) -> bytes:
    """Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF   (RFC 5321 §4.2)"""
    status = f"{reply.status} " if reply.status else ""
    last = len(reply.lines) - 1
    return "".join(
        f"{reply.code}{' ' if number == last else '-'}{status}{line}\r\n" for number, line in enumerate(reply.lines)
    ).encode("ascii")


def refusal(refused: Refused, subject: str = "") -> Reply:
    """The answer to a refusal; `subject` is what it is about, as `<address>`."""
    code, status = smtp_code(refused.reason)
    return Reply(code, status, (printable(f"{subject} {refused.text}".strip()),))


def smtp_code(reason: Reason) -> tuple[int, str]:
    """Reply code and enhanced status for a refusal (RFC 5321 §4.2.3, RFC 3463 §3). What may pass by itself is 4xx: the sender keeps the mail."""
    match reason:
        case Reason.NOT_FOUND:
            return 550, "5.1.1"
        case Reason.OVER_QUOTA:
            return 452, "4.2.2"  # temporary: the person may make room while the sender still tries
        case Reason.TOO_BIG:
            return 552, "5.3.4"
        case Reason.BAD_CONTENT:
            return 554, "5.6.0"
        case Reason.NOT_ALLOWED | Reason.READ_ONLY:
            return 550, "5.7.1"
        case Reason.AUTHENTICATION_FAILED:
            return 535, "5.7.8"  # RFC 4954 §6
        case Reason.PRIVACY_REQUIRED:
            return 530, "5.7.0"  # RFC 3207 §4
        case Reason.DISK_FULL:
            return 452, "4.3.1"
        case Reason.LIMIT:
            return 452, "4.5.3"
        case Reason.BUSY | Reason.IN_USE | Reason.EXPIRED:
            return 451, "4.3.0"
        case Reason.DAMAGED:
            return 451, "4.3.0"  # the operator repairs it; bouncing everything until then would lose mail
        case Reason.ALREADY_EXISTS | Reason.BAD_NAME | Reason.BAD_CHARSET | Reason.HAS_CHILDREN | Reason.UNSUPPORTED:
            return 554, "5.3.0"
        case _:
            assert_never(reason)
