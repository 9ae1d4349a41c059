"""The MIME scanner: one message's octets become a flat table of parts with their offsets.

Invariants:
- It never raises and never recurses, whatever the octets.
- Parts are in the order of the octets (a parent before its children); every span lies inside its parent's body.
- Work is linear: each active boundary is sought once per octet at most, and only before the next hit of the boundaries
  outside it, so that one level reads each octet once; there are at most MAX_DEPTH levels.
- Past MAX_DEPTH a container is one OPAQUE leaf; past MAX_PARTS no boundary is seen any more, so the last part takes the rest.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from bustia.message.fields import MAX_HEADER, Fields, Octets, header_end, split_fields
from bustia.message.parameters import ParameterizedValue, parse_content_type, split_extended

MAX_DEPTH = 100  # containers inside each other, as Dovecot; deeper nesting is an attack (CVE-2026-26312 class)
MAX_PARTS = 10_000  # of one message, as Dovecot
MAX_BOUNDARY = 80  # octets that are compared; RFC 2046 §5.1.1 allows 70

_ABSENT = 1 << 62  # an offset after every message: "this boundary does not come again"
TEXT_PLAIN = ParameterizedValue(b"text/plain", ())
_MESSAGE_RFC822 = ParameterizedValue(b"message/rfc822", ())  # the default inside multipart/digest (RFC 2046 §5.1.5)
_MESSAGE_TYPES = frozenset((b"message/rfc822", b"message/global"))  # RFC 6532 §3.7


class Kind(enum.IntEnum):
    """What the scanner made of a part."""

    LEAF = 0
    MULTIPART = 1
    MESSAGE = 2  # message/rfc822 or message/global: its one child is the inner message
    OPAQUE = 3  # a container past a limit: a leaf to everyone


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its place in the octets and its header.

    Offsets are octets from the start of the message: the header (with its empty line) is header_start..body_start, the
    body body_start..end. `parent` is the index of the part around it, -1 for the message itself.
    """

    parent: int
    kind: Kind
    header_start: int
    body_start: int
    end: int
    fields: Fields
    content_type: ParameterizedValue


def scan(octets: Octets) -> tuple[Part, ...]:
    """Parts of a message in the order of its octets, the message itself first (RFC 2046 §5)."""
    return _Scan(octets).run()


class _Container:
    """A part that is still open: its index, and the delimiter that it waits for (None: none, or none any more)."""

    __slots__ = ("delimiter", "digest", "hit", "index")

    def __init__(self, index: int, delimiter: bytes | None, digest: bool) -> None:
        self.index = index
        self.delimiter = delimiter
        self.digest = digest
        self.hit = -1  # no delimiter line begins (at its LF) before this offset


class _Scan:
    """One run over one message."""

    def __init__(self, octets: Octets) -> None:
        self.octets = octets
        self.size = len(octets)
        self.drafts: list[tuple[int, Kind, int, int, Fields, ParameterizedValue]] = []
        self.ends: list[int] = []
        self.open: list[_Container] = []

    def run(self) -> tuple[Part, ...]:
        start = 0
        hit = self._part(0, -1, False)
        while hit < self.size:
            start = hit + 1
            found = self._match(start)
            container = self.open[found]
            delimiter = container.delimiter or b""
            content_end = hit - 1 if self.octets[hit - 1 : hit] == b"\r" else hit
            self._close(found + 1, content_end)
            after = start + len(delimiter) - 1
            line_end = self.octets.find(b"\n", after)
            if line_end < 0 or self.octets[after : after + 2] == b"--":
                container.delimiter = None  # RFC 2046 §5.1.1: what follows is the epilogue
                hit = self._next_hit(after)
            else:
                hit = self._part(line_end + 1, container.index, container.digest)
        self._close(0, self.size)
        return tuple(
            Part(parent, kind, header_start, body_start, end, fields, content_type)
            for (parent, kind, header_start, body_start, fields, content_type), end in zip(
                self.drafts, self.ends, strict=True
            )
        )

    def _part(self, start: int, parent: int, in_digest: bool) -> int:
        """Read the part whose header begins at `start`, and inner messages begun by it; the LF of the next delimiter."""
        while True:
            index = len(self.drafts)
            self.ends.append(-1)
            hit = self._next_hit(start) if index + 1 < MAX_PARTS else _ABSENT
            limit = min(hit + 1, self.size)
            body_start = max(start, header_end(self.octets, start, limit))
            fields = split_fields(bytes(self.octets[start : min(body_start, start + MAX_HEADER)]))
            declared = fields.get(b"content-type")
            content_type = parse_content_type(declared[0]) if declared else None
            if content_type is None:
                content_type = _MESSAGE_RFC822 if in_digest and not declared else TEXT_PLAIN
            kind, boundary = _kind_of(content_type)
            if kind is Kind.MULTIPART and not boundary:
                kind, content_type = Kind.LEAF, TEXT_PLAIN  # RFC 2045 §5.2: as with any invalid Content-Type
            if kind is not Kind.LEAF and (len(self.open) >= MAX_DEPTH or index + 1 >= MAX_PARTS):
                kind = Kind.OPAQUE
            self.drafts.append((parent, kind, start, body_start, fields, content_type))
            container = _Container(index, None, False)
            self.open.append(container)
            if kind is Kind.MULTIPART:
                container.delimiter = b"\n--" + boundary[:MAX_BOUNDARY]
                container.digest = content_type.value == b"multipart/digest"
                return self._next_hit(body_start)
            if kind is not Kind.MESSAGE:
                return hit
            start, parent, in_digest = body_start, index, False

    def _next_hit(self, position: int) -> int:
        """Offset of the LF before the next delimiter line at or after `position`; past the end if there is none."""
        nearest = _ABSENT
        if len(self.drafts) >= MAX_PARTS:
            return nearest
        find = self.octets.find
        low = max(position - 1, 0)
        for container in self.open:
            delimiter = container.delimiter
            if delimiter is None:
                continue
            if container.hit < low:
                found = find(delimiter, low, min(nearest + len(delimiter), self.size))
                container.hit = nearest if found < 0 else found
            nearest = min(nearest, container.hit)
        return nearest

    def _match(self, line: int) -> int:
        """Which open container's delimiter stands at `line`: the longest, of equal ones the innermost (RFC 2046 §5.1.2)."""
        best, longest = 0, 0
        text = bytes(self.octets[line - 1 : line + MAX_BOUNDARY + 2])
        for number, container in enumerate(self.open):
            delimiter = container.delimiter
            if delimiter is not None and len(delimiter) >= longest and text.startswith(delimiter):
                best, longest = number, len(delimiter)
        return best

    def _close(self, first: int, end: int) -> None:
        """Close the open containers from number `first` inwards; their octets end at `end`."""
        for container in reversed(self.open[first:]):
            # An empty line just before a delimiter ends a header there, and so belongs to the part in spite of `end`.
            end = max(end, self.drafts[container.index][3])
            self.ends[container.index] = end
        del self.open[first:]


def _kind_of(content_type: ParameterizedValue) -> tuple[Kind, bytes]:
    """Kind of a part by its media type, and its boundary; b"" where there is none."""
    if content_type.value.startswith(b"multipart/"):
        boundary = content_type.get(b"boundary")
        if boundary is None and (extended := content_type.get(b"boundary*")) is not None:
            boundary = split_extended(extended)[1]
        return Kind.MULTIPART, boundary or b""
    if content_type.value in _MESSAGE_TYPES:
        return Kind.MESSAGE, b""
    return Kind.LEAF, b""
