"""SELECT, EXAMINE, CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, STATUS, NAMESPACE, CLOSE, UNSELECT and their data.

Mailbox names are the decoded text of the wire; whether it is a name at all is the domain's to say (`MailboxName.parse`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Select:
    """SELECT or, when `read_only`, EXAMINE (RFC 9051 §6.3.2, §6.3.3); `condstore` is RFC 7162 §3.1.8."""

    mailbox: str
    read_only: bool = False
    condstore: bool = False


@dataclass(frozen=True, slots=True)
class Create:
    """CREATE, with USE attributes such as `\\Sent` (RFC 9051 §6.3.4, RFC 6154 §3)."""

    mailbox: str
    special_use: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE (RFC 9051 §6.3.5)."""

    mailbox: str


@dataclass(frozen=True, slots=True)
class Rename:
    """RENAME (RFC 9051 §6.3.6)."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """SUBSCRIBE (RFC 9051 §6.3.7)."""

    mailbox: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """UNSUBSCRIBE (RFC 9051 §6.3.8)."""

    mailbox: str


class StatusItem(Enum):
    """What STATUS can tell (RFC 9051 §6.3.11; RECENT of RFC 3501; HIGHESTMODSEQ of RFC 7162 §3.1.7)."""

    MESSAGES = "MESSAGES"
    RECENT = "RECENT"
    UIDNEXT = "UIDNEXT"
    UIDVALIDITY = "UIDVALIDITY"
    UNSEEN = "UNSEEN"
    DELETED = "DELETED"
    SIZE = "SIZE"
    HIGHESTMODSEQ = "HIGHESTMODSEQ"


@dataclass(frozen=True, slots=True)
class Status:
    """STATUS (RFC 9051 §6.3.11)."""

    mailbox: str
    items: tuple[StatusItem, ...]


@dataclass(frozen=True, slots=True)
class Namespace:
    """NAMESPACE (RFC 9051 §6.3.10)."""


@dataclass(frozen=True, slots=True)
class Close:
    """CLOSE (RFC 9051 §6.4.1)."""


@dataclass(frozen=True, slots=True)
class Unselect:
    """UNSELECT (RFC 9051 §6.4.2)."""


@dataclass(frozen=True, slots=True)
class FlagsData:
    """`* FLAGS (…)` (RFC 9051 §7.3.5)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExistsData:
    """`* n EXISTS` (RFC 9051 §7.4.1)."""

    count: int


@dataclass(frozen=True, slots=True)
class RecentData:
    """`* n RECENT`, to IMAP4rev1 clients only (RFC 3501 §7.3.2)."""

    count: int


@dataclass(frozen=True, slots=True)
class StatusData:
    """`* STATUS mailbox (…)` (RFC 9051 §7.3.4)."""

    mailbox: str
    values: tuple[tuple[StatusItem, int], ...]


@dataclass(frozen=True, slots=True)
class NamespaceData:
    """`* NAMESPACE …`: (prefix, separator) pairs; an empty tuple is NIL (RFC 9051 §7.3.2)."""

    personal: tuple[tuple[str, str], ...]
    other_users: tuple[tuple[str, str], ...] = ()
    shared: tuple[tuple[str, str], ...] = ()
