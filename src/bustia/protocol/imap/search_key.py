"""Search keys on the wire, both ways (RFC 9051 §6.4.4, §9; RFC 3501 §6.4.4 for NEW, OLD, RECENT).

Invariant: nesting by parentheses, NOT and OR is counted against the cursor's MAX_DEPTH; nothing else recurs.
"""

from __future__ import annotations

import re
from typing import assert_never

from bustia.model import search_key as key
from bustia.model.flags import SYSTEM_FLAGS
from bustia.model.search_key import DateKind, DateSide, SearchKey, TextField
from bustia.protocol.imap import charsets
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.dates import parse_date, write_date
from bustia.protocol.imap.sequence_set import parse_sequence_set, write_number_set, write_sequence_set
from bustia.protocol.imap.writer import Writer

MAX_KEYS = 2_000  # search keys of one command; a client's saved search has under 50

_SYSTEM = {name[1:].upper().encode("ascii"): name for name in SYSTEM_FLAGS}
_PLAIN: dict[bytes, SearchKey] = {
    b"ALL": key.All(),
    **{word: key.HasFlag(name) for word, name in _SYSTEM.items()},
    **{b"UN" + word: key.HasFlag(name, present=False) for word, name in _SYSTEM.items()},
    b"RECENT": key.Recent(),
    b"OLD": key.Recent(present=False),
    b"NEW": key.And((key.Recent(), key.HasFlag("\\Seen", present=False))),  # RFC 3501 §6.4.4
}
_TEXTS = {field.value.upper().encode("ascii"): field for field in TextField}
_DATES = {(kind.value + side.value).encode("ascii"): (kind, side) for kind in DateKind for side in DateSide}
_SEQUENCE = re.compile(rb"[0-9*$]")
_ENTRY = re.compile(rb'/flags/\\?[^(){ %*"\\\]\x00-\x1f\x7f-\xff]+\Z', re.IGNORECASE)


class SearchReader:
    """Reads the keys of one SEARCH, whose texts are of one charset."""

    __slots__ = ("_charset", "_count", "_cursor")

    def __init__(self, cursor: Cursor, charset: str | None) -> None:
        self._cursor = cursor
        self._charset = charset
        self._count = 0

    def program(self) -> SearchKey:
        """search-key *(SP search-key) ; to the end of the command"""
        keys = [self.key()]
        while self._cursor.skip(b" "):
            keys.append(self.key())
        return keys[0] if len(keys) == 1 else key.And(tuple(keys))

    def key(self) -> SearchKey:
        """Reads one key.

        search-key = "ALL" / "ANSWERED" / … / "NOT" SP search-key / "OR" SP search-key SP search-key / sequence-set /
                     "(" search-key *(SP search-key) ")"
        """
        cursor = self._cursor
        self._count += 1
        if self._count > MAX_KEYS:
            cursor.fail("Too many search keys")
        if cursor.next_is(b"("):
            keys = cursor.list(self.key)
            if not keys:
                cursor.fail("No search keys")
            return keys[0] if len(keys) == 1 else key.And(keys)
        if _SEQUENCE.match(cursor.line, cursor.at):
            return key.Sequence(parse_sequence_set(cursor), by_uid=False)
        start = cursor.at
        word = cursor.keyword()
        plain = _PLAIN.get(word)
        if plain is not None:
            return plain
        if word == b"NOT":
            cursor.deeper()
            cursor.space()
            negated = key.Not(self.key())
            cursor.leave()
            return negated
        if word == b"OR":
            cursor.deeper()
            cursor.space()
            left = self.key()
            cursor.space()
            either = key.Or(left, self.key())
            cursor.leave()
            return either
        found = self._with_argument(word)
        if found is None:
            cursor.at = start
            cursor.fail("Unknown search key")
        return found

    def _with_argument(self, word: bytes) -> SearchKey | None:
        """A key with arguments other than keys; None for a word that is none."""
        cursor = self._cursor
        if word in _TEXTS:
            cursor.space()
            return key.HasText(_TEXTS[word], self._text())
        if word in _DATES:
            cursor.space()
            return key.DateIs(*_DATES[word], parse_date(cursor))
        match word:
            case b"HEADER":
                cursor.space()
                name = cursor.astring()
                if not name.isascii():
                    cursor.fail("Not a header field")
                cursor.space()
                return key.HasHeader(name.decode("ascii"), self._text())
            case b"KEYWORD" | b"UNKEYWORD":
                cursor.space()
                return key.HasFlag(cursor.atom().decode("ascii"), present=word == b"KEYWORD")
            case b"LARGER" | b"SMALLER":
                cursor.space()
                return key.SizeIs(cursor.number64(), larger=word == b"LARGER")
            case b"OLDER" | b"YOUNGER":  # RFC 5032 §3
                cursor.space()
                return key.WithinSeconds(cursor.nz_number(), younger=word == b"YOUNGER")
            case b"UID":
                cursor.space()
                return key.Sequence(parse_sequence_set(cursor), by_uid=True)
            case b"MODSEQ":
                cursor.space()
                return self._modseq()
            case _:
                return None

    def _text(self) -> str:
        """astring ; of the command's charset"""
        octets = self._cursor.astring()
        text = charsets.decode(octets, self._charset)
        if text is None:
            if self._charset is not None and self._charset.upper() not in charsets.CODECS:
                return ""  # the command is answered NO [BADCHARSET]; only its grammar is still looked at
            self._cursor.fail("Text is not of the charset")
        return text

    def _modseq(self) -> SearchKey:
        """search-modsequence = "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer (RFC 7162 §7)

        We keep one modseq a message, so the entry says nothing more and is not kept (RFC 7162 §3.1.5).
        """
        cursor = self._cursor
        if cursor.next_is(b'"'):
            if not _ENTRY.match(cursor.quoted()):
                cursor.fail("Unknown entry")
            cursor.space()
            if cursor.keyword() not in (b"PRIV", b"SHARED", b"ALL"):
                cursor.fail("Unknown entry type")
            cursor.space()
        return key.ModSeqSince(cursor.modseq())


def write_search_key(value: SearchKey, charset: str | None, writer: Writer) -> None:
    """The reverse of `SearchReader.key`; texts in `charset`, or UTF-8 without one.

    Raises ValueError for a text that the charset does not have. An empty And is ALL.
    """
    match value:
        case key.All() | key.And(keys=()):
            writer.raw(b"ALL")
        case key.HasFlag() | key.Recent():
            writer.raw(_flag_word(value))
        case key.HasText():
            writer.raw(value.where.value.upper().encode("ascii") + b" ")
            writer.astring(_encode(value.text, charset))
        case key.HasHeader():
            writer.raw(b"HEADER ")
            writer.astring(value.name.encode("ascii"))
            writer.raw(b" ")
            writer.astring(_encode(value.text, charset))
        case key.DateIs():
            writer.raw((value.kind.value + value.side.value).encode("ascii") + b" " + write_date(value.day))
        case key.WithinSeconds():
            writer.raw(b"%b %d" % (b"YOUNGER" if value.younger else b"OLDER", value.seconds))
        case key.SizeIs():
            writer.raw(b"%b %d" % (b"LARGER" if value.larger else b"SMALLER", value.octets))
        case key.ModSeqSince():
            writer.raw(b"MODSEQ %d" % value.modseq)
        case key.UIDs():
            writer.raw(b"UID " + write_number_set(value.uids))
        case key.Sequence():
            writer.raw((b"UID " if value.by_uid else b"") + write_sequence_set(value.numbers))
        case key.Not():
            writer.raw(b"NOT ")
            write_search_key(value.key, charset, writer)
        case key.Or():
            writer.raw(b"OR ")
            write_search_key(value.left, charset, writer)
            writer.raw(b" ")
            write_search_key(value.right, charset, writer)
        case key.And():
            before = b"("
            for each in value.keys:
                writer.raw(before)
                before = b" "
                write_search_key(each, charset, writer)
            writer.raw(b")")
        case _:
            assert_never(value)


def _flag_word(value: key.HasFlag | key.Recent) -> bytes:
    if isinstance(value, key.Recent):
        return b"RECENT" if value.present else b"OLD"
    system = value.name[1:].upper().encode("ascii")
    if value.name.startswith("\\") and system in _SYSTEM:
        return system if value.present else b"UN" + system
    return (b"KEYWORD " if value.present else b"UNKEYWORD ") + value.name.encode("ascii")


def _encode(text: str, charset: str | None) -> bytes:
    return text.encode("utf-8" if charset is None else charsets.CODECS[charset.upper()])
