"""What an operator may choose about serving IMAP; filled by `config`, handed down whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Limits of one IMAP session. Raises ValueError for an inactivity limit below what the RFC allows."""

    login_seconds: float = 120.0  # from the greeting to the login; a person's client needs under five (threats C4)
    inactive_seconds: float = 1860.0  # then BYE; at least 30 minutes (RFC 9051 §5.4); one more for clocks that differ
    bad_commands: int = 10  # in a row before login, then BYE: nobody types that badly, and guessers come back slower
    append_octets: int = 104_857_600  # one message by APPEND; large mail providers take 25 to 150 MB

    def __post_init__(self) -> None:
        if self.inactive_seconds < 1800:
            raise ValueError("an inactive session must be kept for 30 minutes (RFC 9051 §5.4)")
