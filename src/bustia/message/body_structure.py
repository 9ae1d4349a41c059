"""BODY and BODYSTRUCTURE: the tree of a message's parts, value and wire form (RFC 9051 §7.5.2).

Invariants:
- Sizes and lines are of the stored octets, so each part's size is exactly what BODY[part] sends.
- Both walks are iterative: children are finished before their parent because they stand after it.
- A multipart without parts shows one empty text/plain, since the grammar wants one part (RFC 9051 §9, body-type-mpart).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bustia.message.charsets import decode_text
from bustia.message.envelope import Envelope, envelope_of, write_envelope
from bustia.message.fields import Octets, single, unfold
from bustia.message.imap_string import write_nstring, write_string
from bustia.message.parameters import (
    ParameterizedValue,
    Parameters,
    parse_disposition,
    split_extended,
    strip_comments,
)
from bustia.message.scanner import Kind, Part

_COUNT_CHUNK = 262_144  # octets; a memory map has no count, so its lines are counted by slices
_MECHANISM = re.compile(rb"\s*([A-Za-z0-9!#$%&'*+.^_`{|}~-]++)\s*+(?:;.*)?", re.DOTALL)
MAX_LANGUAGES = 100  # tags of one Content-Language field


@dataclass(frozen=True, slots=True)
class BodyStructure:
    """One body of RFC 9051 §9: basic, text, message or multipart, by what it holds.

    `size` is in octets as stored (still encoded); `lines` is None but for text and message parts; `children` are a
    multipart's parts or the one body inside a message part, which then has its `envelope`. A multipart's size is unused.
    """

    type: bytes
    subtype: bytes
    parameters: Parameters = ()
    id: bytes | None = None
    description: bytes | None = None
    encoding: bytes = b"7bit"
    size: int = 0
    lines: int | None = None
    md5: bytes | None = None
    disposition: ParameterizedValue | None = None
    language: tuple[bytes, ...] = ()
    location: bytes | None = None
    envelope: Envelope | None = None
    children: tuple[BodyStructure, ...] = field(default=())

    @property
    def is_multipart(self) -> bool:
        """Whether this is body-type-mpart."""
        return bool(self.children) and self.envelope is None


_EMPTY = BodyStructure(b"text", b"plain", ((b"charset", b"us-ascii"),), lines=0)


def body_structure_of(octets: Octets, parts: Sequence[Part]) -> BodyStructure:
    """Body structure of a scanned message; `parts` are those of `scan(octets)`."""
    children: list[list[BodyStructure]] = [[] for _ in parts]
    for index in range(len(parts) - 1, 0, -1):
        children[index].reverse()
        children[parts[index].parent].append(_body(octets, parts, index, children[index]))
        children[index] = []
    children[0].reverse()
    return _body(octets, parts, 0, children[0])


def _body(octets: Octets, parts: Sequence[Part], index: int, children: list[BodyStructure]) -> BodyStructure:
    """The body of one part, its children being done."""
    part = parts[index]
    fields = part.fields
    main, _, sub = part.content_type.value.partition(b"/")
    parameters = part.content_type.parameters
    envelope = None
    lines = None
    if part.kind is Kind.MULTIPART:
        children = children or [_EMPTY]
    elif part.kind is Kind.OPAQUE:
        main, sub, parameters = b"application", b"octet-stream", ()
    elif part.kind is Kind.MESSAGE:
        envelope = envelope_of(parts[index + 1].fields)
        lines = count_lines(octets, part.body_start, part.end)
    elif main == b"text":
        lines = count_lines(octets, part.body_start, part.end)
        if not any(name.rstrip(b"*") == b"charset" for name, _ in parameters):
            parameters = (*parameters, (b"charset", b"us-ascii"))  # RFC 2045 §5.2
    if len(fields) == 0:
        return BodyStructure(
            main,
            sub,
            parameters,
            size=part.end - part.body_start,
            lines=lines,
            envelope=envelope,
            children=tuple(children),
        )
    encoding = single(fields, b"content-transfer-encoding")
    disposition = fields.get(b"content-disposition")
    return BodyStructure(
        type=main,
        subtype=sub,
        parameters=parameters,
        id=single(fields, b"content-id"),
        description=single(fields, b"content-description"),
        encoding=_encoding(encoding) if encoding else b"7bit",
        size=part.end - part.body_start,
        lines=lines,
        md5=single(fields, b"content-md5"),
        disposition=parse_disposition(disposition[-1]) if disposition else None,
        language=_languages(fields[b"content-language"][-1]) if b"content-language" in fields else (),
        location=single(fields, b"content-location"),
        envelope=envelope,
        children=tuple(children),
    )


def count_lines(octets: Octets, start: int, end: int) -> int:
    """Lines of octets start..end: their LFs (RFC 9051 §7.5.2, body size in lines)."""
    if isinstance(octets, bytes | bytearray):
        return octets.count(b"\n", start, end)
    return sum(octets[at : min(at + _COUNT_CHUNK, end)].count(b"\n") for at in range(start, end, _COUNT_CHUNK))


def _encoding(value: bytes) -> bytes:
    """Mechanism of a Content-Transfer-Encoding in lower case, 7bit if it is no token (RFC 2045 §6.1)."""
    match = _MECHANISM.fullmatch(strip_comments(value))
    return match[1].lower() if match is not None else b"7bit"


def _languages(body: bytes) -> tuple[bytes, ...]:
    """Tags of a Content-Language field (RFC 3282 §2)."""
    tags = strip_comments(unfold(body)).split(b",", MAX_LANGUAGES)[:MAX_LANGUAGES]
    return tuple(tag.strip() for tag in tags if tag.strip())


def write_body_structure(structure: BodyStructure, extended: bool = True, utf8: bool = False) -> bytes:
    """Wire form of BODYSTRUCTURE, or of BODY with `extended=False` (RFC 9051 §9, body)."""
    body, extended_body = write_both(structure, utf8)
    return extended_body if extended else body


def write_both(structure: BodyStructure, utf8: bool = False) -> tuple[bytes, bytes]:
    """Wire forms of BODY and of BODYSTRUCTURE, in one walk.

    body            = "(" (body-type-1part / body-type-mpart) ")"
    body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
    """
    nodes = [structure]
    for node in nodes:
        nodes.extend(node.children)
    last = len(nodes)  # each node's children stand together, in the order of the nodes: so backwards from the end
    written: list[tuple[bytes, bytes]] = [(b"", b"")] * last
    for index in range(last - 1, -1, -1):
        node = nodes[index]
        first_child = last - len(node.children)
        inner = written[first_child:last]
        last = first_child
        written[index] = _write_node(node, inner, utf8)
    return written[0]


def _write_node(node: BodyStructure, inner: list[tuple[bytes, bytes]], utf8: bool) -> tuple[bytes, bytes]:
    """BODY and BODYSTRUCTURE of one node, its children being written."""
    subtype = write_string(node.subtype, utf8)
    parameters = _write_parameters(node.parameters, utf8)
    extension = b"%b %b %b" % (
        _write_disposition(node.disposition, utf8),
        _write_languages(node.language, utf8),
        write_nstring(node.location, utf8),
    )
    if node.is_multipart:
        body = b"".join(part for part, _ in inner)
        extended_body = b"".join(part for _, part in inner)
        return b"(%b %b)" % (body, subtype), b"(%b %b %b %b)" % (extended_body, subtype, parameters, extension)
    basic = b"(%b %b %b %b %b %b %d" % (
        write_string(node.type, utf8),
        subtype,
        parameters,
        write_nstring(node.id, utf8),
        write_nstring(node.description, utf8),
        write_string(node.encoding, utf8),
        node.size,
    )
    extension = b"%b %b" % (write_nstring(node.md5, utf8), extension)
    if node.envelope is not None:
        start = b"%b %b" % (basic, write_envelope(node.envelope, utf8))
        body, extended_body = inner[0]
        return b"%b %b %d)" % (start, body, node.lines or 0), b"%b %b %d %b)" % (
            start,
            extended_body,
            node.lines or 0,
            extension,
        )
    if node.lines is not None:
        basic = b"%b %d" % (basic, node.lines)
    return basic + b")", b"%b %b)" % (basic, extension)


def _write_parameters(parameters: Parameters, utf8: bool) -> bytes:
    """body-fld-param; with `utf8` extended values are written decoded, as `name*` (RFC 9051 §7.5.2)."""
    if not parameters:
        return b"NIL"
    pairs: list[bytes] = []
    for name, value in parameters:
        if utf8 and name.endswith(b"*"):
            charset, octets = split_extended(value)
            text = decode_text(octets, charset.decode("ascii", "replace") or None)
            pairs.append(write_string(name, utf8) + b" " + write_string(text.encode("utf-8", "replace"), utf8))
        else:
            pairs.append(write_string(name, utf8) + b" " + write_string(value, utf8))
    return b"(" + b" ".join(pairs) + b")"


def _write_disposition(disposition: ParameterizedValue | None, utf8: bool) -> bytes:
    """body-fld-dsp."""
    if disposition is None:
        return b"NIL"
    return b"(%b %b)" % (write_string(disposition.value, utf8), _write_parameters(disposition.parameters, utf8))


def _write_languages(languages: tuple[bytes, ...], utf8: bool) -> bytes:
    """body-fld-lang: always a list, which clients read most alike."""
    if not languages:
        return b"NIL"
    return b"(" + b" ".join(write_string(tag, utf8) for tag in languages) + b")"
