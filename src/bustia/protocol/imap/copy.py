"""COPY, MOVE, EXPUNGE and UID forms, and their data."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.model.number_set import SequenceSet


@dataclass(frozen=True, slots=True)
class Copy:
    """COPY or UID COPY (RFC 9051 §6.4.7)."""

    numbers: SequenceSet
    mailbox: str
    by_uid: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """MOVE or UID MOVE (RFC 9051 §6.4.8)."""

    numbers: SequenceSet
    mailbox: str
    by_uid: bool = False


@dataclass(frozen=True, slots=True)
class Expunge:
    """EXPUNGE (RFC 9051 §6.4.3) or, with `uids`, UID EXPUNGE (RFC 9051 §6.4.9)."""

    uids: SequenceSet | None = None


@dataclass(frozen=True, slots=True)
class ExpungeData:
    """`* n EXPUNGE` (RFC 9051 §7.5.1)."""

    number: int
