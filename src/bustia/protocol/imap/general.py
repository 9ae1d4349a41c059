"""CAPABILITY, NOOP, LOGOUT, ID, ENABLE and their data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capability:
    """CAPABILITY (RFC 9051 §6.1.1)."""


@dataclass(frozen=True, slots=True)
class Noop:
    """NOOP (RFC 9051 §6.1.2)."""


@dataclass(frozen=True, slots=True)
class Logout:
    """LOGOUT (RFC 9051 §6.1.3)."""


@dataclass(frozen=True, slots=True)
class Check:
    """CHECK, of IMAP4rev1 only (RFC 3501 §6.4.1)."""


@dataclass(frozen=True, slots=True)
class ID:
    """ID with the client's fields, or none for NIL (RFC 2971 §3.1)."""

    fields: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Enable:
    """ENABLE (RFC 9051 §6.3.1); names are upper case."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CapabilityData:
    """`* CAPABILITY …`, also as response code (RFC 9051 §7.2.2)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnabledData:
    """`* ENABLED …` (RFC 9051 §7.2.1)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IDData:
    """`* ID …` (RFC 2971 §3.2)."""

    fields: tuple[tuple[str, str | None], ...] = ()
