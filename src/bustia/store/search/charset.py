"""A likely charset for text that lies about its own; what `message` is handed as its guessing function."""

from __future__ import annotations

from charset_normalizer import from_bytes

SAMPLE = 4_096  # octets that are looked at: guessing takes some 10 ms for these, and more tells little
ENOUGH = 16  # octets above 127: fewer fit nearly every charset, and a guess from them is mostly wrong

# Charsets that mail without a declared one is really in, each told from the others by its letters; left to all it knows, the guesser takes
# Russian for Japanese. Central European ones are not among them: they differ from Windows-1252, the last resort, by a few letters.
_LIKELY = [
    *("cp1252", "koi8_r", "cp1251", "cp1253", "cp1255", "cp1256"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
]


def guess_charset(octets: bytes) -> str | None:
    """Name of the charset that these octets most likely are in, None if none is likely."""
    first = next((at for at, octet in enumerate(octets) if octet > 127), len(octets))
    sample = octets[max(0, first - SAMPLE // 4) :][:SAMPLE]
    if sum(octet > 127 for octet in sample) < ENOUGH:
        return None
    best = from_bytes(sample, cp_isolation=_LIKELY).best()
    return best.encoding if best is not None else None
