"""What each `Reason` is called in a tagged NO (RFC 9051 §7.1, RFC 5530 §3)."""

from __future__ import annotations

from typing import assert_never

from bustia.model.reason import Reason


def imap_code(reason: Reason) -> str:  # noqa: PLR0911 - one case a reason is what the table is
    """Response code of a tagged NO; COPY, MOVE and APPEND to a missing mailbox say TRYCREATE instead of NONEXISTENT."""
    match reason:
        case Reason.NOT_FOUND:
            return "NONEXISTENT"
        case Reason.ALREADY_EXISTS:
            return "ALREADYEXISTS"
        case Reason.NOT_ALLOWED | Reason.BAD_NAME | Reason.BAD_CONTENT | Reason.UNSUPPORTED:
            return "CANNOT"
        case Reason.READ_ONLY:
            return "READ-ONLY"
        case Reason.OVER_QUOTA:
            return "OVERQUOTA"
        case Reason.TOO_BIG:
            return "TOOBIG"  # RFC 4469 §4.2
        case Reason.LIMIT:
            return "LIMIT"
        case Reason.BAD_CHARSET:
            return "BADCHARSET"
        case Reason.HAS_CHILDREN:
            return "HASCHILDREN"
        case Reason.AUTHENTICATION_FAILED:
            return "AUTHENTICATIONFAILED"
        case Reason.PRIVACY_REQUIRED:
            return "PRIVACYREQUIRED"
        case Reason.IN_USE:
            return "INUSE"
        case Reason.DISK_FULL | Reason.BUSY:
            return "UNAVAILABLE"
        case Reason.DAMAGED:
            return "CORRUPTION"
        case Reason.EXPIRED:
            return "EXPIRED"
        case _:
            assert_never(reason)
