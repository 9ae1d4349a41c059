"""A likely charset for text that lies about its own; what `message` is handed as its guessing function."""

from __future__ import annotations

from charset_normalizer import from_bytes

SAMPLE = 4_096  # octets that are looked at: guessing takes some 10 ms for these, and more tells little


def guess_charset(octets: bytes) -> str | None:
    """Name of the charset that these octets most likely are in, None if none is likely."""
    start = next((at for at, octet in enumerate(octets) if octet > 127), 0)
    best = from_bytes(octets[max(0, start - SAMPLE // 4) :][:SAMPLE]).best()
    return best.encoding if best is not None else None
