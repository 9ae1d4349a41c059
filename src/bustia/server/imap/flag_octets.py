"""The octets between the parentheses of FLAGS, made once for each combination of flags.

Invariant: a combination's octets never change within a session, since the account's keyword table only grows.
"""

from __future__ import annotations

from collections.abc import Sequence

from bustia.model.flags import FIRST_KEYWORD_BIT, flag_names

MAX_KEPT = 4096  # combinations; a mailbox uses a few dozen, and the whole cache then costs about 400 KiB

_RECENT = b"\\Recent"


class FlagOctets:
    """Finished flag lists of one session, by flags and whether the message is recent in it."""

    __slots__ = ("_kept", "_kept_recent", "keywords")

    def __init__(self, keywords: Sequence[str]) -> None:
        self.keywords = keywords
        self._kept: dict[int, bytes] = {}
        self._kept_recent: dict[int, bytes] = {}

    def learn(self, keywords: Sequence[str]) -> bool:
        """Takes the account's keyword table of now; True if it has grown."""
        grown = len(keywords) > len(self.keywords)
        if grown:
            self.keywords = keywords
        return grown

    def knows(self, flags: int) -> bool:
        """True if every keyword bit of `flags` is in the table as this session knows it."""
        return flags >> (FIRST_KEYWORD_BIT + len(self.keywords)) == 0

    def __call__(self, flags: int, recent: bool = False) -> bytes:
        """The flag list of a message, `\\Recent` last (RFC 3501 §7.4.2). Raises IndexError for a keyword not learned yet."""
        kept = self._kept_recent if recent else self._kept
        octets = kept.get(flags)
        if octets is None:
            octets = " ".join(flag_names(flags, self.keywords)).encode("ascii")
            if recent:
                octets = octets + b" " + _RECENT if octets else _RECENT
            if len(kept) >= MAX_KEPT:
                kept.clear()
            kept[flags] = octets
        return octets
