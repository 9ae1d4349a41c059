"""The preview: the first words of a message as plain text (RFC 8970 §3).

Invariant: at most PREVIEW_OCTETS of a part are decoded, however big it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bustia.message.attachments import is_attachment
from bustia.message.charsets import decode_text
from bustia.message.fields import Octets, single
from bustia.message.html_text import html_to_text
from bustia.message.scanner import Kind, Part
from bustia.message.transfer import decode_transfer

PREVIEW_CHARACTERS = 200  # RFC 8970 §3.3 advises 200 and forbids more than 256
_PLAIN_OCTETS = 2_048  # encoded octets that are read: 200 characters of any script in base64, and some quoted lines
_HTML_OCTETS = 16_384  # HTML begins with its style sheet

_QUOTED_LINES = re.compile(
    r"^>[^\n]*\n?", re.MULTILINE
)  # what the writer answers to is not the message (RFC 3676 §4.5)
_SPACES = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u034f\u00ad]+")


def preview_of(octets: Octets, parts: Sequence[Part]) -> str:
    """At most PREVIEW_CHARACTERS of the first text that a reader would see; "" if there is none.

    `parts` are those of `scan(octets)`. Plain text is preferred to HTML; quoted lines are left out if others remain.
    """
    html: Part | None = None
    for part in parts:
        if part.kind is not Kind.LEAF or is_attachment(parts, part):
            continue
        if part.content_type.value == b"text/plain":
            text = part_start(octets, part, _PLAIN_OCTETS)
            text = _collapse(_QUOTED_LINES.sub("", text)) or _collapse(text)
            if text:
                return text
        elif part.content_type.value == b"text/html" and html is None:
            html = part
    return _collapse(html_to_text(part_start(octets, html, _HTML_OCTETS))) if html is not None else ""


def part_start(octets: Octets, part: Part, limit: int) -> str:
    """Text of a part's first `limit` encoded octets, its transfer encoding and charset undone."""
    body = bytes(octets[part.body_start : min(part.end, part.body_start + limit)])
    complete = part.end - part.body_start <= limit
    if not complete:  # a cut inside `=C3` or a base64 group would spoil the last character
        body = body[: max(body.rfind(b"\n"), body.rfind(b" "), limit - 80)]
    decoded = decode_transfer(body, single(part.fields, b"content-transfer-encoding") or b"")
    charset = part.content_type.get(b"charset")
    return decode_text(decoded, charset.decode("ascii", "replace") if charset else None, complete=complete)


def _collapse(text: str) -> str:
    """One line, spaces single, invisible characters gone, cut at PREVIEW_CHARACTERS."""
    return _SPACES.sub(" ", text[: 8 * PREVIEW_CHARACTERS]).strip()[:PREVIEW_CHARACTERS].rstrip()
