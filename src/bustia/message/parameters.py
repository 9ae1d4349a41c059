"""Content-Type, Content-Disposition and their parameters (RFC 2045 §5.1, RFC 2183 §2, RFC 2231).

Invariants:
- Nothing raises; a value that breaks the grammar keeps what was read before the break.
- Comments are removed in one pass with a counter, never by recursion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from bustia.message.fields import unfold

MAX_PARAMETERS = 1_000  # of one field; real mail has below 20, a bomb of 100,000 stays linear and small on the wire
MAX_CONTINUATIONS = 1_000  # pieces of one RFC 2231 parameter

Parameters = tuple[tuple[bytes, bytes], ...]
"""(lower-case name, value) pairs; `name*` marks an RFC 2231 extended value, still charset'language'percent-encoded."""

_TOKEN = rb"[^\x00-\x20\x7f()<>@,;:\\\"/\[\]?=]++"
_TYPE = re.compile(rb"\s*(" + _TOKEN + rb")\s*/\s*(" + _TOKEN + rb")")
_DISPOSITION = re.compile(rb"\s*(" + _TOKEN + rb")")
_PARAMETER = re.compile(rb";\s*+([^\s=;\"]++)\s*+=\s*+(?:\"((?:[^\"\\]++|\\.)*+)\"?+|([^\s;]*+))", re.DOTALL)
_COMMENT_MARKS = re.compile(rb"\\.|[()\"]", re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_PIECE = re.compile(rb"([^*]+)\*(\d{1,4})(\*?)")


@dataclass(frozen=True, slots=True)
class ParameterizedValue:
    """A token with parameters: a disposition, or a media type as `type/subtype`; the token is lower case."""

    value: bytes
    parameters: Parameters

    def get(self, name: bytes) -> bytes | None:
        """Value of the first parameter of that lower-case name, or None."""
        for key, value in self.parameters:
            if key == name:
                return value
        return None


def strip_comments(value: bytes) -> bytes:
    """The value with each RFC 5322 §3.2.2 comment turned into a space, quoted strings untouched.

    A comment without end reaches to the end of the value.
    """
    if b"(" not in value:
        return value
    kept: list[bytes] = []
    depth = 0
    position = 0
    quoted = False
    for mark in _COMMENT_MARKS.finditer(value):
        sign = mark.group()
        if sign == b'"' and depth == 0:
            quoted = not quoted
        elif sign == b"(" and not quoted:
            if depth == 0:
                kept.append(value[position : mark.start()])
            depth += 1
        elif sign == b")" and depth:
            depth -= 1
            position = mark.end()
    if depth == 0:
        kept.append(value[position:])
    return b" ".join(kept)


def parse_content_type(body: bytes) -> ParameterizedValue | None:
    """Media type and parameters of a Content-Type body; None if it has no type and subtype (RFC 2045 §5.1).

    content     = type "/" subtype *(";" parameter)
    """
    value = strip_comments(unfold(body))
    start = _TYPE.match(value)
    if start is None:
        return None
    return ParameterizedValue(start[1].lower() + b"/" + start[2].lower(), _parameters(value, start.end()))


def parse_disposition(body: bytes) -> ParameterizedValue | None:
    """Disposition and parameters of a Content-Disposition body; None if not even the token is there.

    disposition = disposition-type *(";" disposition-parm)          ; RFC 2183 §2
    """
    value = strip_comments(unfold(body))
    start = _DISPOSITION.match(value)
    if start is None:
        return None
    return ParameterizedValue(start[1].lower(), _parameters(value, start.end()))


def _parameters(value: bytes, start: int) -> Parameters:
    """Parameters of an unfolded value without comments, from `start` on.

    parameter   = attribute "=" (token / quoted-string)       ; leniently: any run without white space or semicolon
    """
    if b";" not in value:
        return ()
    found: list[tuple[bytes, bytes]] = []
    for match in _PARAMETER.finditer(value, start):
        name, quoted, plain = match.groups()
        if plain is not None:
            found.append((name.lower(), plain.strip(b'\\"')))
        else:
            found.append((name.lower(), _ESCAPED.sub(rb"\1", quoted) if b"\\" in quoted else quoted))
        if len(found) == MAX_PARAMETERS:
            break
    if b"*" in value:
        found = _join_continuations(found)
    return tuple(found)


def _join_continuations(found: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Pieces `name*0`, `name*1*`… become one `name` or `name*` where the first stood (RFC 2231 §3, §4.1)."""
    pieces: dict[bytes, dict[int, tuple[bytes, bool]]] = {}
    order: list[tuple[bytes, bytes | None]] = []
    for name, value in found:
        match = _PIECE.fullmatch(name)
        if match is None or int(match[2]) >= MAX_CONTINUATIONS:
            order.append((name, value))
            continue
        if match[1] not in pieces:
            pieces[match[1]] = {}
            order.append((match[1], None))
        pieces[match[1]].setdefault(int(match[2]), (value, bool(match[3])))
    joined: list[tuple[bytes, bytes]] = []
    for name, whole in order:
        joined.append((name, whole) if whole is not None else _join(name, pieces[name]))
    return joined


def _join(name: bytes, pieces: dict[int, tuple[bytes, bool]]) -> tuple[bytes, bytes]:
    """One parameter from its numbered pieces, up to the first gap; extended as soon as one piece is."""
    extended = any(is_extended for _, is_extended in pieces.values())
    values: list[bytes] = []
    for number in range(len(pieces)):
        if number not in pieces:
            break
        value, is_extended = pieces[number]
        values.append(value if is_extended or not extended else value.replace(b"%", b"%25"))
    joined = b"".join(values)
    if not extended:
        return name, joined
    if 0 in pieces and not pieces[0][1]:
        joined = b"''" + joined  # the first piece carries charset'language' only when it is extended itself
    return name + b"*", joined


def split_extended(value: bytes) -> tuple[bytes, bytes]:
    """Charset and octets of an RFC 2231 §4 extended value; no charset if the quotation marks are missing."""
    parts = value.split(b"'", 2)
    if len(parts) < 3:
        return b"", unquote_to_bytes(value)
    return parts[0], unquote_to_bytes(parts[2])
