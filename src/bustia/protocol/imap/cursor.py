"""A place in one complete command or response, and the tokens that can be read there (RFC 9051 §9).

Invariants:
- The pieces are text, literal, text, …, text, as `protocol/wire.py` gives them: an announcement `{n}` is no part of the text. Literal octets
  are only ever the value of a string: they are never read as grammar.
- Each read either moves past what it returns, or raises the cursor's error (`BadCommand` or `BadReply`) and the text is not used further.
- No read looks at an octet more than a bounded number of times, and nesting is counted against MAX_DEPTH or MAX_REPLY_DEPTH.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

from bustia.model.numbers import MAX_MODSEQ, MAX_UID
from bustia.protocol.imap.errors import BadCommand, BadReply
from bustia.protocol.imap.utf7 import decode_lenient, decode_utf7
from bustia.protocol.wire import Literal, Piece

T = TypeVar("T")

MAX_DEPTH = 50  # levels of parentheses, NOT and OR; a command of a person's client has under 10, and a bomb 100,000
MAX_REPLY_DEPTH = 250  # levels in a server's reply; our own BODYSTRUCTURE of 100 nested parts has twice as many
MAX_NUMBER64 = 2**63 - 1  # RFC 9051 §9, number64

_CTL_8BIT = rb"\x00-\x1f\x7f-\xff"
_ATOM = re.compile(rb'[^(){ %*"\\\]' + _CTL_8BIT + rb"]+")
_ASTRING = re.compile(rb'[^(){ %*"\\' + _CTL_8BIT + rb"]+")
_TAG = re.compile(rb'[^(){ %*"\\+' + _CTL_8BIT + rb"]+(?= |\Z)")
_LIST_MAILBOX = re.compile(rb'[^(){ "\\' + _CTL_8BIT + rb"]+")
_QUOTED = re.compile(rb'"([^"\\\x00\r\n\x80-\xff]*+(?:\\["\\][^"\\\x00\r\n\x80-\xff]*+)*+)"')
_QUOTED_8BIT = re.compile(rb'"([^"\\\x00\r\n]*+(?:\\["\\][^"\\\x00\r\n]*+)*+)"')
_ESCAPED = re.compile(rb'\\(["\\])')
_NUMBER = re.compile(rb"[0-9]{1,20}")
_FLAG = re.compile(rb'\\?[^(){ %*"\\\]' + _CTL_8BIT + rb"]+")


class Cursor:
    """Reads tokens of one command or response from `pieces`; see the module's invariants.

    `utf8` says that the session may carry UTF-8 in quoted strings and mailbox names: after ENABLE IMAP4rev2 (RFC 9051 §9) or
    UTF8=ACCEPT (RFC 6855 §3). `error` is BadCommand on the server's side and BadReply on the client's.
    """

    __slots__ = ("_before", "_depth", "_lenient", "_most", "_next", "_pieces", "_quoted", "at", "error", "line", "utf8")

    def __init__(
        self, pieces: Sequence[Piece], *, utf8: bool = False, error: type[BadCommand] | type[BadReply] = BadCommand
    ) -> None:
        first = pieces[0]
        self.line = first if isinstance(first, bytes) else b""
        self.at = 0
        self.utf8 = utf8
        self.error = error
        self._pieces = pieces
        self._next = 1
        self._before = 0
        self._depth = 0
        self._lenient = error is BadReply
        self._most = MAX_REPLY_DEPTH if self._lenient else MAX_DEPTH
        self._quoted = _QUOTED_8BIT if utf8 or self._lenient else _QUOTED

    @property
    def offset(self) -> int:
        """Octets of text and literals from the start of the command to here; announcements are not counted."""
        return self._before + self.at

    @property
    def done(self) -> bool:
        """True when nothing is left to read."""
        return self.at >= len(self.line) and self._next >= len(self._pieces)

    def fail(self, text: str) -> NoReturn:
        """Raises the cursor's error for this place."""
        raise self.error(text, offset=self._before + self.at)

    def end(self) -> None:
        """Nothing more may follow."""
        if self.at < len(self.line) or self._next < len(self._pieces):
            self.fail("Unexpected argument")

    def next_is(self, octets: bytes) -> bool:
        """True if these octets come next; they are not passed."""
        return self.line.startswith(octets, self.at)

    def skip(self, octets: bytes) -> bool:
        """Passes these octets if they come next, and says whether they did."""
        if self.line.startswith(octets, self.at):
            self.at += len(octets)
            return True
        return False

    def skip_word(self, word: bytes) -> bool:
        """Passes this upper-case word if it comes next in any ASCII case, and says whether it did."""
        end = self.at + len(word)
        if self.line[self.at : end].upper() == word:
            self.at = end
            return True
        return False

    def expect(self, octets: bytes) -> None:
        """Passes these octets, which must come next."""
        if not self.line.startswith(octets, self.at):
            self.fail(f"Expected {octets.decode('ascii')!r}")
        self.at += len(octets)

    def space(self) -> None:
        """SP is exactly one space (RFC 9051 §9, note 2)."""
        if not self.line.startswith(b" ", self.at):
            self.fail("Missing argument" if self.at >= len(self.line) else "Expected a space")
        self.at += 1

    def match(self, pattern: re.Pattern[bytes], what: str) -> re.Match[bytes]:
        """Passes what `pattern` matches here; `what` names it in the error."""
        found = pattern.match(self.line, self.at)
        if found is None:
            self.fail(f"Expected {what}")
        self.at = found.end()
        return found

    def atom(self) -> bytes:
        """atom = 1*ATOM-CHAR ; any CHAR but ( ) { SP CTL % * " \\ ]"""
        found = _ATOM.match(self.line, self.at)
        if found is None:
            self.fail("Expected an atom")
        self.at = found.end()
        return found[0]

    def keyword(self) -> bytes:
        """An atom as a word of the grammar: upper case, ASCII only (RFC 9051 §9, note 1)."""
        return self.atom().upper()

    def tag(self) -> str:
        """tag = 1*<any ASTRING-CHAR except "+">"""
        return self.match(_TAG, "a tag")[0].decode("ascii")

    def number(self) -> int:
        """number = 1*DIGIT ; 0 <= n < 4,294,967,296"""
        return self._bounded(MAX_UID)

    def nz_number(self) -> int:
        """nz-number = digit-nz *DIGIT ; 0 < n < 4,294,967,296"""
        if self.next_is(b"0"):
            self.fail("Expected a number above 0")
        return self._bounded(MAX_UID)

    def number64(self) -> int:
        """number64 = 1*DIGIT ; 0 <= n <= 9,223,372,036,854,775,807"""
        return self._bounded(MAX_NUMBER64)

    def modseq(self) -> int:
        """mod-sequence-valzer = "0" / mod-sequence-value ; at most 2**63 - 1 (RFC 7162 §7)"""
        return self._bounded(MAX_MODSEQ)

    def _bounded(self, most: int) -> int:
        found = _NUMBER.match(self.line, self.at)
        if found is None:
            self.fail("Expected a number")
        number = int(found[0])
        if number > most:
            self.fail("Number too big")
        self.at = found.end()
        return number

    def quoted(self) -> bytes:
        """quoted = DQUOTE *QUOTED-CHAR DQUOTE ; 8-bit only as UTF-8 in a session that allows it (RFC 9051 §9)

        In replies any 8-bit octets are read: servers are known to copy header fields as they stand into an ENVELOPE.
        """
        found = self._quoted.match(self.line, self.at)
        if found is None:
            self.fail("Expected a quoted string")
        self.at = found.end()
        value = found[1]
        if b"\\" in value:
            value = _ESCAPED.sub(rb"\1", value)
        if self.utf8 and not self._lenient and not value.isascii():
            self.text_of(value)
        return value

    def literal(self) -> bytes:
        """literal = "{" number64 ["+"] "}" CRLF *CHAR8"""
        if self.at < len(self.line) or self._next >= len(self._pieces):
            self.fail("Expected a string")
        literal, line = self._pieces[self._next], self._pieces[self._next + 1]
        assert isinstance(literal, Literal)
        assert isinstance(line, bytes)
        if literal.binary:
            self.fail("A literal8 is for messages only")  # RFC 3516 §4.4
        if literal.octets is None or b"\0" in literal.octets:
            self.fail("NUL in a literal")
        self._before += len(self.line) + literal.size
        self._next += 2
        self.line = line
        self.at = 0
        return literal.octets

    def string(self) -> bytes:
        """string = quoted / literal"""
        return self.quoted() if self.next_is(b'"') else self.literal()

    def nil(self) -> bool:
        """Passes nil = "NIL" if it comes next, and says whether it did."""
        return self.skip_word(b"NIL")

    def nstring(self) -> bytes | None:
        """nstring = string / nil"""
        if self.line.startswith(b'"', self.at):
            return self.quoted()
        return None if self.nil() else self.string()

    def astring(self) -> bytes:
        """astring = 1*ASTRING-CHAR / string ; ASTRING-CHAR is ATOM-CHAR or "]\""""
        found = _ASTRING.match(self.line, self.at)
        if found is None:
            return self.string()
        self.at = found.end()
        return found[0]

    def text(self) -> str:
        """An astring that is text for people: names, passwords. UTF-8, of which US-ASCII is a part (RFC 9051 §5.1)."""
        return self.text_of(self.astring())

    def text_of(self, octets: bytes) -> str:
        """These octets as UTF-8."""
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            self.fail("Text is not UTF-8")

    def mailbox(self) -> str:
        """mailbox = "INBOX" / astring ; modified UTF-7 (RFC 3501 §5.1.3), UTF-8 where the session allows it (RFC 9051 §5.1)"""
        return self._name_of(self.astring())

    def list_mailbox(self) -> str:
        """list-mailbox = 1*list-char / string ; list-char is ASTRING-CHAR, "%" or "*\""""
        found = _LIST_MAILBOX.match(self.line, self.at)
        if found is None:
            return self._name_of(self.string())
        self.at = found.end()
        return self._name_of(found[0])

    def _name_of(self, octets: bytes) -> str:
        """A name that is broken on the wire is broken grammar, answered BAD; whether it names a mailbox is the domain's to say."""
        if self._lenient:
            return octets.decode("utf-8", "surrogateescape") if self.utf8 else decode_lenient(octets)
        if self.utf8:
            return self.text_of(octets)
        try:
            return decode_utf7(octets)
        except ValueError:
            self.fail("Mailbox name is not modified UTF-7")

    def flag(self) -> str:
        """flag = "\\Answered" / … / flag-keyword / flag-extension ; an atom, or an atom behind a backslash"""
        return self.match(_FLAG, "a flag")[0].decode("ascii")

    def permanent_flag(self) -> str:
        """flag-perm = flag / "\\*\""""
        return "\\*" if self.skip(b"\\*") else self.flag()

    def flags(self) -> tuple[str, ...]:
        """flag-list = "(" [flag *(SP flag)] ")\""""
        return self.list(self.flag)

    def list(self, read: Callable[[], T]) -> tuple[T, ...]:
        """ "(" [item *(SP item)] ")", items by `read`."""
        self.enter()
        values: list[T] = []
        if not self.skip(b")"):
            values.append(read())
            while not self.skip(b")"):
                self.space()
                values.append(read())
        self.leave()
        return tuple(values)

    def enter(self) -> None:
        """Passes "(" and counts the level."""
        self.expect(b"(")
        self.deeper()

    def deeper(self) -> None:
        """Counts a level of nesting; fails beyond MAX_DEPTH, in a reply MAX_REPLY_DEPTH."""
        self._depth += 1
        if self._depth > self._most:
            self.fail("Nested too deep")

    def leave(self) -> None:
        """A level of nesting has ended."""
        self._depth -= 1
