"""The header of a message or part as octets: where it ends, which fields it has, and the subset a client asks for.

Invariants:
- Nothing here raises, whatever the octets; each function is one regular expression without backtracking or one pass: linear.
- The octets are never rebuilt: a subset is made of the fields as they stand, in their order.
- A header ends with its first empty line (CRLF or LF alone); a bare CR ends nothing.
"""

from __future__ import annotations

import mmap
import re

MAX_FIELD = 10_000_000  # octets of one field that are read; a header bomb stays fetchable whole (CVE-2024-23185)
MAX_HEADER = 50_000_000  # octets of one header that are read; what follows is fetchable, but not parsed

Octets = bytes | bytearray | mmap.mmap
"""What may hold a message: anything with slices, find and a length."""

Fields = dict[bytes, list[bytes]]
"""Field bodies as they stand (folded, without their last line end) by lower-case name, each list in header order."""

# RFC 5322 §2.2.3: a line that begins with a space or tab continues the field before it.
_FIELD = re.compile(rb"^([^\s:][^\n:]*+):([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.MULTILINE)
_WHOLE_FIELD = re.compile(rb"[^\n]++(?:\n[ \t][^\n]*+)*+\n?|\n")
_FOLD = re.compile(rb"\r*\n")


def header_end(octets: Octets, start: int, end: int) -> int:
    """Offset just after the empty line that ends the header begun at `start`; `end` if there is none.

    `start` is the first octet of a line; 0 <= start <= end <= len(octets).
    """
    if octets[start : start + 2] == b"\r\n":
        return min(start + 2, end)
    if octets[start : start + 1] == b"\n":
        return min(start + 1, end)
    with_cr = octets.find(b"\n\r\n", start, end)
    bare = octets.find(b"\n\n", start, end if with_cr < 0 else with_cr + 1)
    if bare >= 0:
        return bare + 2
    return end if with_cr < 0 else with_cr + 3


def split_fields(header: bytes) -> Fields:
    """Fields of one header; a line without a colon is passed over with its continuations.

        field = field-name *WSP ":" unstructured      ; RFC 5322 §4.5.3 allows white space before the colon

    A field beyond MAX_FIELD is cut there; what lies beyond MAX_HEADER is not read.
    """
    fields: Fields = {}
    for name, body in _FIELD.findall(header[:MAX_HEADER]):
        key = name.rstrip().lower()
        kept = body if len(body) <= MAX_FIELD else body[:MAX_FIELD]
        if key in fields:
            fields[key].append(kept)
        else:
            fields[key] = [kept]
    return fields


def unfold(body: bytes) -> bytes:
    """A field body on one line, without white space around it (RFC 5322 §2.2.3)."""
    if b"\n" in body:
        body = _FOLD.sub(b"", body)
    return body.strip(b" \t\r\n")


def single(fields: Fields, name: bytes) -> bytes | None:
    """The field of that lower-case name, unfolded; None if there is none.

    Of several, which RFC 5322 §3.6 forbids, the last: signers count from the bottom (RFC 6376 §5.4.2), so that a forged
    field put on top of a signed one is not what lists show. Dovecot chooses alike.
    """
    bodies = fields.get(name)
    return unfold(bodies[-1]) if bodies else None


def header_fields(header: bytes, names: frozenset[bytes], invert: bool) -> bytes:
    """The fields that BODY[HEADER.FIELDS (names)] sends, as they stand, and the empty line (RFC 9051 §6.4.5.1).

    `names` are lower case; `invert` means HEADER.FIELDS.NOT. A line that is no field belongs to no name.
    """
    kept = [
        field
        for field in _WHOLE_FIELD.findall(header)
        if (field[: field.find(b":")].rstrip().lower() in names) is not invert
    ]
    if kept and kept[-1][-1:] != b"\n":
        kept[-1] += b"\r\n"
    if invert and kept and kept[-1] in (b"\n", b"\r\n"):
        kept.pop()
    kept.append(b"\r\n")
    return b"".join(kept)
