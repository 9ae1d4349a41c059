"""Builds the octets of one command or response, strings in the form that the peer can read.

Invariant: a value never becomes grammar. Whatever does not fit an atom is quoted, what does not fit a quoted string is a literal, and what no
form can carry (CR in a tag, NUL in a literal) raises ValueError before an octet is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto
from functools import lru_cache

from bustia.message.imap_string import is_quotable, quoted
from bustia.protocol.imap.utf7 import encode_utf7

SMALL_LITERAL = 4096  # octets; RFC 7888 §5
MAX_QUOTED = (
    1000  # octets; longer strings go as literals, so that no line grows long (RFC 2683 §3.2.1.5 advises 8000 at most)
)

CACHED = 4096  # names, and sets of attributes or flags, whose octets are remembered

_ATOM = re.compile(rb'[^(){ %*"\\\]\x00-\x1f\x7f-\xff]+\Z')
_ASTRING = re.compile(rb'[^(){ %*"\\\x00-\x1f\x7f-\xff]+\Z')
_LIST_MAILBOX = re.compile(rb'[^(){ "\\\x00-\x1f\x7f-\xff]+\Z')
_FLAG = re.compile(r'\\?[^(){ %*"\\\]\x00-\x1f\x7f-\U0010ffff]+\Z|\\\*\Z')
_TEXT_UNSAFE = re.compile(r"[\x00\r\n]")


@lru_cache(maxsize=CACHED)
def _mailbox_atom(name: str) -> bytes | None:
    """The name as it stands in a LIST that is asked for again and again, or None where it is no plain astring."""
    octets = encode_utf7(name)
    return octets if len(octets) <= MAX_QUOTED and _ASTRING.match(octets) and octets.upper() != b"NIL" else None


@lru_cache(maxsize=CACHED)
def _flag_list(names: tuple[str, ...]) -> bytes:
    for name in names:
        if not _FLAG.match(name):
            raise ValueError(f"not a flag: {name[:80]!r}")
    return b"(" + " ".join(names).encode("ascii") + b")"


class Literals(Enum):
    """How a literal is announced, and whether the writer stops behind the announcement."""

    SYNCHRONISING = auto()  # client: the next segment waits for the server's continuation (RFC 9051 §4.3)
    NON_SYNCHRONISING = auto()  # client, with LITERAL+ (RFC 7888 §3)
    SMALL_NON_SYNCHRONISING = (
        auto()
    )  # client, with LITERAL-: up to SMALL_LITERAL octets, else synchronising (RFC 7888 §5)
    REPLY = auto()  # server: nobody waits


class Writer:
    """Collects octets; `segments` are what may be sent without waiting for the peer.

    `utf8` says that the session may carry UTF-8 in quoted strings and mailbox names (RFC 9051 §9, RFC 6855 §3).
    """

    __slots__ = ("_literals", "_parts", "_segments", "utf8")

    def __init__(self, literals: Literals, *, utf8: bool = False) -> None:
        self._literals = literals
        self.utf8 = utf8
        self._parts: list[bytes] = []
        self._segments: list[bytes] = []

    def raw(self, octets: bytes) -> None:
        """Octets that are grammar already."""
        self._parts.append(octets)

    def atom(self, value: str) -> None:
        """Raises ValueError for what is not an atom."""
        octets = value.encode("ascii", "strict") if value.isascii() else b""
        if not _ATOM.match(octets):
            raise ValueError(f"not an atom: {value[:80]!r}")
        self._parts.append(octets)

    def number(self, value: int) -> None:
        """A number in decimal digits."""
        self._parts.append(b"%d" % value)

    def literal(self, value: bytes, *, binary: bool = False) -> None:
        """A literal, or literal8 when `binary`, which alone may carry NUL. Raises ValueError for NUL in a literal."""
        if not binary and b"\0" in value:
            raise ValueError("NUL needs a literal8")
        self.announce(len(value), binary=binary)
        self._parts.append(value)

    def announce(self, size: int, *, binary: bool = False) -> None:
        """`{size}` and the line's end; the octets themselves follow by `raw` or from elsewhere."""
        if binary:
            self._parts.append(b"~")
        form = self._literals
        if form is Literals.SMALL_NON_SYNCHRONISING:
            form = Literals.NON_SYNCHRONISING if size <= SMALL_LITERAL else Literals.SYNCHRONISING
        self._parts.append((b"{%d+}\r\n" if form is Literals.NON_SYNCHRONISING else b"{%d}\r\n") % size)
        if form is Literals.SYNCHRONISING:
            self._segments.append(b"".join(self._parts))
            self._parts.clear()

    def string(self, value: bytes) -> None:
        """quoted where it may be, else a literal."""
        if len(value) <= MAX_QUOTED and is_quotable(value, self.utf8):
            self._parts.append(quoted(value))
        else:
            self.literal(value)

    def nstring(self, value: bytes | None) -> None:
        """string, or NIL for None."""
        if value is None:
            self._parts.append(b"NIL")
        else:
            self.string(value)

    def astring(self, value: bytes) -> None:
        """An atom's characters as they are, anything else as string; NIL is quoted, since some readers take it for nil."""
        if len(value) <= MAX_QUOTED and _ASTRING.match(value) and value.upper() != b"NIL":
            self._parts.append(value)
        else:
            self.string(value)

    def text(self, value: str) -> None:
        """Text for people, as astring of UTF-8. Raises ValueError for a lone surrogate."""
        self.astring(value.encode("utf-8"))

    def mailbox(self, name: str) -> None:
        """A mailbox name: modified UTF-7, or UTF-8 where the session allows it (RFC 9051 §5.1)."""
        atom = None if self.utf8 else _mailbox_atom(name)
        if atom is not None:
            self._parts.append(atom)
        else:
            self.astring(self.name_octets(name))

    def list_mailbox(self, pattern: str) -> None:
        """A pattern of LIST: its wildcards stand unquoted."""
        octets = self.name_octets(pattern)
        if len(octets) <= MAX_QUOTED and _LIST_MAILBOX.match(octets):
            self._parts.append(octets)
        else:
            self.string(octets)

    def name_octets(self, name: str) -> bytes:
        """The octets of a mailbox name in this session."""
        return name.encode("utf-8") if self.utf8 else encode_utf7(name)

    def flags(self, names: Iterable[str]) -> None:
        """flag-list, with `\\*` where PERMANENTFLAGS has it. Raises ValueError for what is not a flag."""
        self._parts.append(_flag_list(tuple(names)))

    def human(self, text: str) -> None:
        """Text to the end of the line. Outside a UTF-8 session only US-ASCII is allowed (RFC 9051 §9, text): others become `?`.

        Raises ValueError for CR, LF or NUL.
        """
        if _TEXT_UNSAFE.search(text):
            raise ValueError("a line's text has a line's end")
        self._parts.append(text.encode("utf-8") if self.utf8 else text.encode("ascii", "replace"))

    def segments(self) -> list[bytes]:
        """What was written: each segment but the first waits for the server's continuation."""
        return [*self._segments, b"".join(self._parts)]

    def octets(self) -> bytes:
        """What was written, in one piece."""
        return b"".join([*self._segments, *self._parts])
