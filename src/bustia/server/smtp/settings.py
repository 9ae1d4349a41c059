"""What an operator may choose about receiving mail; filled by `config`, handed down whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Limits of one session that brings mail. Raises ValueError for what RFC 5321 §4.5.3 does not allow."""

    message_octets: int = 104_857_600  # one message; large mail providers take 25 to 150 MB
    data_line: int = 1000  # octets of a line of a message with its CRLF (RFC 5321 §4.5.3.1.6); a longer one would not pass on as it is
    recipients: int = 1000  # of one message; at least 100 (RFC 5321 §4.5.3.1.8)
    inactive_seconds: float = 300.0  # then 421; at least 5 minutes (RFC 5321 §4.5.3.2.7)
    bad_commands: int = (
        20  # bad or refused ones in a row, then 421; one message may have many recipients that do not exist
    )

    def __post_init__(self) -> None:
        if self.data_line < 1000 or self.recipients < 100 or self.inactive_seconds < 300:
            raise ValueError("below the minimum of RFC 5321 §4.5.3")
