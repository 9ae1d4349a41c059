"""Names and roles of mailboxes.

Invariants of `MailboxName`:
- The hierarchy separator is "/"; no empty level, no leading or trailing separator; NFC form; INBOX in any case is the one name "INBOX", also as first level.
- No control characters, no NUL, no `%` or `*` (a LIST pattern could never name it), at most MAX_NAME octets of UTF-8 and MAX_LEVELS levels.
- A name is never a path in a file system: mailboxes are stored by number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from bustia.model.reason import Reason, Refused

SEPARATOR = "/"
INBOX = "INBOX"
MAX_NAME = 1000  # octets of UTF-8; Dovecot's limit is 4096, Cyrus' 490
MAX_LEVELS = 50  # a level costs a row in LIST with CHILDREN

CACHED_NAMES = 8192  # spellings whose names are remembered: STATUS and LIST ask for the same ones all day

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # the Unicode categories Cc, Zl, Zp and Cs


class SpecialUse(Enum):
    """The roles of RFC 6154 §2 (RFC 9051 §7.3.1); the value is the wire's attribute."""

    ALL = "\\All"
    ARCHIVE = "\\Archive"
    DRAFTS = "\\Drafts"
    FLAGGED = "\\Flagged"
    JUNK = "\\Junk"
    SENT = "\\Sent"
    TRASH = "\\Trash"


@dataclass(frozen=True, slots=True, order=True)
class MailboxName:
    """A valid name of a mailbox, in the store's one spelling; made by `parse`, raises ValueError when built otherwise and not normal."""

    text: str

    def __post_init__(self) -> None:
        problem = _problem(self.text)
        if problem or _normal(self.text) != self.text:
            raise ValueError(f"not a mailbox name: {self.text[:80]!r}: {problem or 'not in normal form'}")

    @staticmethod
    def parse(text: str) -> MailboxName:
        """The name meant by a client's spelling. Raises Refused(BAD_NAME) with the reason in words."""
        return _parsed(text)

    @property
    def is_inbox(self) -> bool:
        return self.text == INBOX

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(self.text.split(SEPARATOR))

    @property
    def parent(self) -> MailboxName | None:
        head, found, _ = self.text.rpartition(SEPARATOR)
        return MailboxName(head) if found else None

    def is_below(self, other: MailboxName) -> bool:
        """True if this is a descendant of `other`, at any depth."""
        return self.text.startswith(other.text + SEPARATOR)

    def moved(self, old: MailboxName, new: MailboxName) -> MailboxName:
        """This descendant of `old`, as it is called when `old` is renamed to `new` (RFC 9051 §6.3.6). Raises Refused(BAD_NAME) if too long."""
        return MailboxName.parse(new.text + self.text[len(old.text) :])


@lru_cache(maxsize=CACHED_NAMES)
def _parsed(text: str) -> MailboxName:
    normal = _normal(text)
    problem = _problem(normal)
    if problem:
        raise Refused(Reason.BAD_NAME, f"Mailbox name {problem}")
    return MailboxName(normal)


def _normal(text: str) -> str:
    normal = unicodedata.normalize("NFC", text)
    first, separator, rest = normal.partition(SEPARATOR)
    return INBOX + separator + rest if first.upper() == INBOX else normal


def _problem(text: str) -> str:
    if not text:
        return "is empty"
    if text.startswith(SEPARATOR) or text.endswith(SEPARATOR) or SEPARATOR * 2 in text:
        return "has an empty level"
    if _CONTROL.search(text):
        return "has a control character"
    if "%" in text or "*" in text:
        return "has a list wildcard"
    if "." in text and any(level in (".", "..") for level in text.split(SEPARATOR)):
        return "has a level of dots only"
    if len(text.encode("utf-8", "replace")) > MAX_NAME:
        return f"is longer than {MAX_NAME} octets"
    if text.count(SEPARATOR) >= MAX_LEVELS:
        return f"has more than {MAX_LEVELS} levels"
    return ""
