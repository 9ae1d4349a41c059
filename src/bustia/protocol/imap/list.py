"""LIST with its options, LSUB, and their data."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.protocol.imap.mailbox import StatusItem


@dataclass(frozen=True, slots=True)
class List:
    """LIST (RFC 9051 §6.3.9, RFC 5258).

    `select` holds SUBSCRIBED, REMOTE, RECURSIVEMATCH, SPECIAL-USE; `returns` SUBSCRIBED, CHILDREN, SPECIAL-USE; `status` the items of RETURN (STATUS …)
    (RFC 5819). `extended` tells the extended syntax from the plain one, which IMAP4rev1 answers differently for an empty pattern.
    """

    reference: str
    patterns: tuple[str, ...]
    select: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()
    status: tuple[StatusItem, ...] = ()
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Lsub:
    """LSUB, of IMAP4rev1 only (RFC 3501 §6.3.9)."""

    reference: str
    pattern: str


@dataclass(frozen=True, slots=True)
class ListData:
    """`* LIST (…) "/" name` (RFC 9051 §7.3.1); `separator` None is NIL; `child_info` the CHILDINFO names; `old_name` of OLDNAME."""

    attributes: tuple[str, ...]
    separator: str | None
    mailbox: str
    child_info: tuple[str, ...] = ()
    old_name: str | None = None


@dataclass(frozen=True, slots=True)
class LsubData:
    """`* LSUB (…) "/" name` (RFC 3501 §7.2.3)."""

    attributes: tuple[str, ...]
    separator: str | None
    mailbox: str
