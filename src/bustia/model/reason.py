"""Why a well-formed request was refused, in words that no protocol owns.

Each protocol maps `Reason` to its own code once, in an exhaustive `match`: a new reason does not type-check until it is placed everywhere.
"""

from __future__ import annotations

from enum import Enum, auto


class Reason(Enum):
    """The domain's answers to what cannot be done."""

    NOT_FOUND = auto()  # the mailbox or account does not exist, or the asker may not know that it does
    ALREADY_EXISTS = auto()
    NOT_ALLOWED = auto()  # e.g. deleting INBOX
    READ_ONLY = auto()  # the mailbox was opened by EXAMINE
    OVER_QUOTA = auto()
    TOO_BIG = auto()  # one message or argument above its limit
    LIMIT = auto()  # a named limit of the server: keywords, mailboxes, depth
    BAD_NAME = auto()  # not a mailbox name that can be made
    BAD_CHARSET = auto()
    BAD_CONTENT = auto()  # octets that may not be stored, e.g. NUL by APPEND
    HAS_CHILDREN = auto()
    AUTHENTICATION_FAILED = auto()
    PRIVACY_REQUIRED = auto()  # no login without TLS except on loopback
    IN_USE = auto()
    DISK_FULL = auto()
    BUSY = auto()  # for the moment; try again
    DAMAGED = auto()  # an I/O error or corruption stopped the account
    EXPIRED = auto()  # a deadline or lease ran out
    UNSUPPORTED = auto()


class Refused(Exception):
    """A protocol-neutral answer: the request was understood and is not done; nothing was changed."""

    def __init__(self, reason: Reason, text: str = "") -> None:
        super().__init__(text or reason.name.replace("_", " ").lower())
        self.reason = reason
        self.text = text or reason.name.replace("_", " ").capitalize()
