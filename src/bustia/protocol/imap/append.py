"""APPEND. The message itself does not pass through the value: it goes from the wire into a sink, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Append:
    """APPEND of one message of `size` octets (RFC 9051 §6.3.12).

    `date` is seconds since 1970 UTC, or None for now; `binary` says literal8 (`~{n}`), which may carry NUL (RFC 3516 §4.4).
    """

    mailbox: str
    flags: tuple[str, ...]
    date: int | None
    size: int
    binary: bool = False
