"""What an operator may choose about serving POP3; filled by `config`, handed down whole."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.store.api import BIN_SECONDS


@dataclass(frozen=True, slots=True)
class Pop3Settings:
    """Limits of one POP3 session. Raises ValueError for times that the RFC or the store does not allow."""

    login_seconds: float = 120.0  # from the greeting to the login, in all; a program needs under five (threats C4)
    inactive_seconds: float = (
        660.0  # then the end without QUIT; at least 10 minutes (RFC 1939 §3); one more for clocks that differ
    )
    session_seconds: float = (
        BIN_SECONDS - 3600.0
    )  # from the login; the store keeps what the snapshot names for BIN_SECONDS
    bad_commands: int = 10  # bad ones or failed logins in a row, then the end: guessers come back slower

    def __post_init__(self) -> None:
        if self.inactive_seconds < 600:
            raise ValueError("an inactive session must be kept for 10 minutes (RFC 1939 §3)")
        if self.session_seconds >= BIN_SECONDS:
            raise ValueError(f"a session must end before what it may read is gone, in {BIN_SECONDS} s")
