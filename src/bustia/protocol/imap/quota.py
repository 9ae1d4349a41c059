"""GETQUOTA, GETQUOTAROOT and their data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GetQuota:
    """GETQUOTA (RFC 9208 §4.1.1)."""

    root: str


@dataclass(frozen=True, slots=True)
class GetQuotaRoot:
    """GETQUOTAROOT (RFC 9208 §4.1.2)."""

    mailbox: str


@dataclass(frozen=True, slots=True)
class QuotaData:
    """`* QUOTA root (STORAGE used limit MESSAGE used limit)`; STORAGE in units of 1,024 octets (RFC 9208 §5.1)."""

    root: str
    resources: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class QuotaRootData:
    """`* QUOTAROOT mailbox root …` (RFC 9208 §4.2.2)."""

    mailbox: str
    roots: tuple[str, ...]
