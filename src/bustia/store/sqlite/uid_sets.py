"""UID sets as text in the log: `1:3,7`, as IMAP writes them (RFC 9051 §9, sequence-set), so that any SQLite tool shows them readably."""

from __future__ import annotations

from bustia.model.number_set import EMPTY, NumberSet


def write_uid_set(uids: NumberSet) -> str:
    """`1:3,7` for {1, 2, 3, 7}; "" for the empty set."""
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in uids.ranges)


def read_uid_set(text: str | None) -> NumberSet:
    """The inverse of `write_uid_set`; NULL reads as the empty set. Raises ValueError for what it does not write.

    ABNF: uid-set = uid-range *("," uid-range); uid-range = uid [":" uid]
    """
    if not text:
        return EMPTY
    ranges = []
    for piece in text.split(","):
        first, colon, last = piece.partition(":")
        ranges.append((int(first), int(last if colon else first)))
    return NumberSet(tuple(ranges))
