"""STARTTLS, LOGIN, AUTHENTICATE."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartTLS:
    """STARTTLS (RFC 9051 §6.2.1)."""


@dataclass(frozen=True, slots=True)
class Login:
    """LOGIN (RFC 9051 §6.2.3)."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """AUTHENTICATE, with the initial response decoded from base64, if there was one (RFC 9051 §6.2.2, RFC 4959 §3)."""

    mechanism: str
    initial: bytes | None = None
