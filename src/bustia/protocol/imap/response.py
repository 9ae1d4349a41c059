"""Status responses and their codes, tagged or untagged, and the continuation request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, assert_never

from bustia.model.number_set import NumberSet
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.errors import BadReply
from bustia.protocol.imap.sequence_set import (
    parse_number_list,
    parse_number_set,
    write_number_list,
    write_number_set,
)
from bustia.protocol.imap.writer import Writer

MAX_COPIED = 1_000_000  # UIDs of one COPYUID that the client writes out; `1:4294967295` is short on the wire


class Condition(Enum):
    """The five status words (RFC 9051 §7.1)."""

    OK = "OK"
    NO = "NO"
    BAD = "BAD"
    BYE = "BYE"
    PREAUTH = "PREAUTH"


@dataclass(frozen=True, slots=True)
class AtomCode:
    """A response code without arguments, e.g. TRYCREATE (RFC 9051 §7.1, RFC 5530 §3), or one of unknown meaning with its raw text."""

    name: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class NumberCode:
    """UIDNEXT, UIDVALIDITY, UNSEEN, HIGHESTMODSEQ (RFC 9051 §7.1, RFC 7162 §3.1.2.1)."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class NamesCode:
    """PERMANENTFLAGS (names in parentheses), CAPABILITY and BADCHARSET (RFC 9051 §7.1)."""

    name: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppendUID:
    """APPENDUID (RFC 4315 §3)."""

    uid_validity: int
    uids: NumberSet


@dataclass(frozen=True, slots=True)
class CopyUID:
    """COPYUID: the i-th source UID became the i-th target UID (RFC 4315 §3); lists, since order carries meaning."""

    uid_validity: int
    source: tuple[int, ...]
    target: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Modified:
    """MODIFIED: what UNCHANGEDSINCE spared, in numbers or UIDs as the STORE was (RFC 7162 §3.1.3)."""

    numbers: NumberSet


Code: TypeAlias = AtomCode | NumberCode | NamesCode | AppendUID | CopyUID | Modified


@dataclass(frozen=True, slots=True)
class Status:
    """`tag OK [code] text`, untagged when `tag` is None (RFC 9051 §7.1)."""

    tag: str | None
    condition: Condition
    text: str
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Continuation:
    """`+ text` (RFC 9051 §7.6); for AUTHENTICATE the text is base64."""

    text: str = ""


_CONDITIONS = {condition.value.encode("ascii"): condition for condition in Condition}
_NUMBER_CODES = frozenset({"UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ"})
_CODE_TEXT = re.compile(rb"[^\]\x00\r\n]+")
_REST = re.compile(rb"[^\x00\r\n]*")


def write_status(status: Status, writer: Writer) -> None:
    """Writes a status response, without the line's end.

    Text has at least one character, so that an empty one becomes a full stop; one that would be read as a code stands behind a full stop.

    response-tagged = tag SP resp-cond-state CRLF                ; RFC 9051 §9
    resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text         ; untagged also BYE and PREAUTH
    resp-text       = ["[" resp-text-code "]" SP] [text]
    """
    writer.raw(b"* " if status.tag is None else status.tag.encode("ascii") + b" ")
    writer.raw(status.condition.value.encode("ascii") + b" ")
    if status.code is not None:
        writer.raw(b"[")
        write_code(status.code, writer)
        writer.raw(b"] ")
        writer.human(status.text or ".")
    else:
        writer.human(". " + status.text if status.text.startswith("[") else status.text or ".")


def write_code(code: Code, writer: Writer) -> None:
    """resp-text-code ; RFC 9051 §9, RFC 4315 §4, RFC 7162 §7"""
    match code:
        case AtomCode():
            writer.atom(code.name)
            if code.text is not None:
                if "]" in code.text:
                    raise ValueError("a code's text has a bracket")
                writer.raw(b" ")
                writer.human(code.text)
        case NumberCode():
            writer.atom(code.name)
            writer.raw(b" %d" % code.number)
        case NamesCode(name="PERMANENTFLAGS"):
            writer.raw(b"PERMANENTFLAGS ")
            writer.flags(code.names)
        case NamesCode(name="CAPABILITY"):
            writer.raw(b"CAPABILITY")
            for name in code.names:
                writer.raw(b" ")
                writer.atom(name)
        case NamesCode():
            writer.atom(code.name)
            if code.names:
                writer.raw(b" (" + " ".join(code.names).encode("ascii") + b")")
        case AppendUID():
            writer.raw(b"APPENDUID %d %b" % (code.uid_validity, write_number_set(code.uids)))
        case CopyUID():
            source, target = write_number_list(code.source), write_number_list(code.target)
            writer.raw(b"COPYUID %d %b %b" % (code.uid_validity, source, target))
        case Modified():
            writer.raw(b"MODIFIED " + write_number_set(code.numbers))
        case _:
            assert_never(code)


def parse_status(cursor: Cursor, tag: str | None) -> Status:
    """Reads a status response behind `* ` or the tag; the reverse of `write_status`. Text may be missing altogether."""
    condition = _CONDITIONS.get(cursor.keyword())
    if condition is None:
        cursor.fail("Unknown status")
    code = None
    if not cursor.done:
        cursor.space()
        if cursor.skip(b"["):
            code = parse_code(cursor)
            cursor.expect(b"]")
            cursor.skip(b" ")
    text = cursor.match(_REST, "text")[0].decode("utf-8", "replace")
    cursor.end()
    return Status(tag, condition, text, code)


def parse_code(cursor: Cursor) -> Code:
    """Reads a resp-text-code behind its bracket; an unknown one, or one with broken arguments, is an AtomCode with raw text."""
    name = cursor.keyword().decode("ascii")
    start = cursor.at
    try:
        code = _parse_known(cursor, name)
    except BadReply:
        code = None
    if code is not None and cursor.next_is(b"]"):
        return code
    cursor.at = start
    text = None
    if cursor.skip(b" ") and not cursor.next_is(b"]"):
        text = cursor.match(_CODE_TEXT, "a response code")[0].decode("utf-8", "replace")
    return AtomCode(name, text)


def _parse_known(cursor: Cursor, name: str) -> Code | None:
    if name in _NUMBER_CODES:
        cursor.space()
        return NumberCode(name, cursor.number64())
    match name:
        case "PERMANENTFLAGS":
            cursor.space()
            return NamesCode(name, cursor.list(cursor.permanent_flag))
        case "CAPABILITY":
            names: list[str] = []
            while cursor.skip(b" "):
                names.append(cursor.atom().decode("ascii"))
            return NamesCode(name, tuple(names))
        case "BADCHARSET":
            known = cursor.list(cursor.astring) if cursor.skip(b" ") else ()
            return NamesCode(name, tuple(each.decode("ascii", "replace") for each in known))
        case "APPENDUID":
            cursor.space()
            validity = cursor.nz_number()
            cursor.space()
            return AppendUID(validity, parse_number_set(cursor))
        case "COPYUID":
            cursor.space()
            validity = cursor.nz_number()
            cursor.space()
            source = _written_out(cursor)
            cursor.space()
            target = _written_out(cursor)
            return CopyUID(validity, source, target)
        case "MODIFIED":
            cursor.space()
            return Modified(parse_number_set(cursor))
        case _:
            return None


def _written_out(cursor: Cursor) -> tuple[int, ...]:
    ranges = parse_number_list(cursor)
    if sum(last - first + 1 for first, last in ranges) > MAX_COPIED:
        cursor.fail("Too many UIDs")
    return tuple(uid for first, last in ranges for uid in range(first, last + 1))


def write_continuation(continuation: Continuation, writer: Writer) -> None:
    """continue-req = "+" SP (resp-text / base64) CRLF ; without the line's end"""
    writer.raw(b"+ ")
    writer.human(continuation.text)


def parse_continuation(cursor: Cursor) -> Continuation:
    """The reverse of `write_continuation`, behind the "+"; the space may be missing where the text is empty."""
    cursor.skip(b" ")
    text = cursor.match(_REST, "text")[0].decode("utf-8", "replace")
    cursor.end()
    return Continuation(text)
