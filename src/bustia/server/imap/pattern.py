"""Matches mailbox names against LIST patterns, in time linear in the name and the pattern.

Invariant: no pattern makes it go back. All places of the pattern that may be reached are followed at once, as the bits of one number (threats B7:
fifty `*` against a long name would take a backtracking matcher years).
"""

from __future__ import annotations

import re
import unicodedata

from bustia.model.mailbox import INBOX, SEPARATOR

MAX_PATTERN = 4096  # octets; four times the longest name, and a pattern costs memory in proportion

_WILDCARDS = re.compile(r"[*%]{2,}")


class Pattern:
    """One LIST pattern: `*` matches anything, `%` anything but the separator (RFC 9051 §6.3.9).

    The first level INBOX is taken in any case; a lone wildcard pattern such as `inb*` matches INBOX in any case too (RFC 9051 §5.1).
    """

    __slots__ = ("_any", "_inbox", "_literal", "_not_separator", "_places", "_size", "_stem")

    def __init__(self, text: str) -> None:
        text = unicodedata.normalize("NFC", text)
        first, separator, rest = text.partition(SEPARATOR)
        if first.upper() == INBOX:
            text = INBOX + separator + rest
        text = _WILDCARDS.sub(lambda run: "*" if "*" in run[0] else "%", text)
        self._literal = text if "*" not in text and "%" not in text else None
        stem = text.removesuffix("*")
        self._stem = (
            stem if len(stem) < len(text) and "*" not in stem and "%" not in stem else None
        )  # all that a client asks for, mostly
        self._size = len(text)
        self._places: dict[str, int] = {}  # character: the places of the pattern that it moves on from
        self._any = self._not_separator = 0  # places of `*` and `%`
        for place, character in enumerate(text):
            if character == "*":
                self._any |= 1 << place
            elif character == "%":
                self._not_separator |= 1 << place
            else:
                self._places[character] = self._places.get(character, 0) | 1 << place
        self._inbox = Pattern(text.upper()) if text.isascii() and text != text.upper() else None

    def matches(self, name: str) -> bool:
        """Whether the pattern matches the whole of a mailbox name, which is in the store's spelling."""
        if self._literal is not None:
            if self._literal == name:
                return True
        elif name.startswith(self._stem) if self._stem is not None else self._follow(name):
            return True
        return name == INBOX and self._inbox is not None and self._inbox.matches(name)

    def _follow(self, name: str) -> bool:
        wild = self._any | self._not_separator
        here = self._pass(1, wild)
        for character in name:
            stay = here & (self._any if character == SEPARATOR else wild)
            moved = (here & self._places.get(character, 0)) << 1
            here = self._pass(stay | moved, wild)
            if not here:
                return False
        return bool(here >> self._size & 1)

    def _pass(self, here: int, wild: int) -> int:
        """Adds the places behind wildcards, which match nothing too; no two wildcards stand side by side."""
        return here | (here & wild) << 1
