"""Reads BODY and BODYSTRUCTURE into the value that `message/body_structure.py` writes (RFC 9051 §7.5.2).

Invariants:
- Iterative: bodies that are begun and not ended lie on a stack, counted against the cursor's depth.
- Media types, dispositions, encodings and parameter names are compared without case, so they are given in lower case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bustia.message.body_structure import BodyStructure
from bustia.message.parameters import ParameterizedValue, Parameters
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.envelope import parse_envelope
from bustia.protocol.imap.extension import skip_extension

_Fields: TypeAlias = dict[str, Any]  # of a BodyStructure under way: making a value at each step takes twice the time


@dataclass(slots=True)
class _Open:
    """A body that holds others, begun and not ended: a message part, or a multipart, which has no fields yet."""

    fields: _Fields
    is_message: bool
    children: list[BodyStructure] = field(default_factory=list)


def parse_body_structure(cursor: Cursor) -> BodyStructure:
    """Reads a body with all bodies inside.

    body            = "(" (body-type-1part / body-type-mpart) ")"
    body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    body-type-msg   = media-message SP body-fields SP envelope SP body SP body-fld-lines
    """
    stack: list[_Open] = []
    while True:
        cursor.enter()
        if cursor.next_is(b"("):
            stack.append(_Open({"type": b"multipart"}, is_message=False))
            continue
        fields = _parse_fields(cursor)
        if cursor.next_is(b" ("):
            cursor.space()
            fields["envelope"] = parse_envelope(cursor)
            cursor.space()
            stack.append(_Open(fields, is_message=True))
            continue
        body = _parse_end(cursor, fields)
        while stack:
            top = stack[-1]
            top.children.append(body)
            if not top.is_message and cursor.next_is(b"("):
                break
            stack.pop()
            top.fields["children"] = tuple(top.children)
            body = (_parse_end if top.is_message else _parse_multipart_end)(cursor, top.fields)
        else:
            return body


def _parse_fields(cursor: Cursor) -> _Fields:
    """media-basic SP body-fields ; body-fields = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP body-fld-octets"""
    fields: _Fields = {"type": cursor.string().lower()}
    cursor.space()
    fields["subtype"] = cursor.string().lower()
    cursor.space()
    fields["parameters"] = _parse_parameters(cursor)
    cursor.space()
    fields["id"] = cursor.nstring()
    cursor.space()
    fields["description"] = cursor.nstring()
    cursor.space()
    fields["encoding"] = (cursor.nstring() or b"7bit").lower()
    cursor.space()
    fields["size"] = cursor.number64()
    return fields


def _parse_end(cursor: Cursor, fields: _Fields) -> BodyStructure:
    """[SP body-fld-lines] [SP body-fld-md5 [SP body-fld-dsp …]] ")" ; lines where a number stands, whatever the type"""
    if cursor.line[cursor.at + 1 : cursor.at + 2].isdigit():
        cursor.space()
        fields["lines"] = cursor.number64()
    if cursor.skip(b" "):
        fields["md5"] = cursor.nstring()
    return _parse_extension(cursor, fields)


def _parse_multipart_end(cursor: Cursor, fields: _Fields) -> BodyStructure:
    """SP media-subtype [SP body-fld-param [SP body-fld-dsp …]] ")\""""
    cursor.space()
    fields["subtype"] = cursor.string().lower()
    if cursor.skip(b" "):
        fields["parameters"] = _parse_parameters(cursor)
    return _parse_extension(cursor, fields)


def _parse_extension(cursor: Cursor, fields: _Fields) -> BodyStructure:
    """[SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc *(SP body-extension)]]] ")\""""
    if cursor.skip(b" "):
        fields["disposition"] = _parse_disposition(cursor)
        if cursor.skip(b" "):
            fields["language"] = _parse_languages(cursor)
            if cursor.skip(b" "):
                fields["location"] = cursor.nstring()
                while cursor.skip(b" "):
                    skip_extension(cursor)
    cursor.expect(b")")
    cursor.leave()
    return BodyStructure(**fields)


def _parse_parameters(cursor: Cursor) -> Parameters:
    """body-fld-param = "(" string SP string *(SP string SP string) ")" / nil ; a value NIL, which some servers send, is empty"""
    if cursor.nil():
        return ()
    cursor.expect(b"(")
    pairs: list[tuple[bytes, bytes]] = []
    while not cursor.skip(b")"):
        if pairs:
            cursor.space()
        name = cursor.string().lower()
        cursor.space()
        pairs.append((name, cursor.nstring() or b""))
    return tuple(pairs)


def _parse_disposition(cursor: Cursor) -> ParameterizedValue | None:
    """body-fld-dsp = "(" string SP body-fld-param ")" / nil"""
    if cursor.nil():
        return None
    cursor.expect(b"(")
    value = cursor.string().lower()
    cursor.space()
    parameters = _parse_parameters(cursor)
    cursor.expect(b")")
    return ParameterizedValue(value, parameters)


def _parse_languages(cursor: Cursor) -> tuple[bytes, ...]:
    """body-fld-lang = nstring / "(" string *(SP string) ")\""""
    if cursor.next_is(b"("):
        return cursor.list(cursor.string)
    language = cursor.nstring()
    return () if language is None else (language,)
