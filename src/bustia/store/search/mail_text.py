"""The texts of one mail as search compares them (RFC 9051 §6.4.4): charsets and transfer encodings undone, HTML as read.

Invariant: the same octets give the same texts, whether they are indexed or read at the moment of a search; nothing raises.
"""

from __future__ import annotations

from bustia.message.charsets import decode_text
from bustia.message.encoded_words import decode_words
from bustia.message.fields import Fields, single, split_fields
from bustia.message.scanner import Kind, Part, scan
from bustia.message.transfer import decode_transfer
from bustia.store.search.charset import guess_charset
from bustia.store.search.comparable import comparable
from bustia.store.search.html import html_text
from bustia.store.search.source import MailText

MAX_PART = 4_194_304  # octets of one part, as stored, that are searched: what is longer is data, not reading
MAX_BODY = 16_777_216  # octets of the comparable text of one mail


def mail_text(octets: bytes) -> MailText:
    """The texts of a whole mail."""
    parts = scan(octets)
    mime: list[bytes] = []
    body: list[bytes] = []
    room = MAX_BODY
    for part in parts:
        if part.parent >= 0:
            inner = parts[part.parent].kind is Kind.MESSAGE
            (body if inner else mime).append(_lines(part.fields))
        if (
            room > 0
            and part.kind in (Kind.LEAF, Kind.OPAQUE)
            and part.content_type.value.startswith((b"text/", b"message/"))
        ):
            text = comparable(_text(octets, part))[:room]
            room -= len(text)
            body.append(text)
    return MailText(_lines(parts[0].fields), b"".join(mime), b"\n".join(body))


def header_text(header: bytes) -> bytes:
    """The `header` of MailText from a header alone."""
    return _lines(split_fields(header))


def _lines(fields: Fields) -> bytes:
    return b"".join(
        b"\n%b: %b" % (comparable(name.decode("latin-1")), comparable(decode_words(value)))
        for name, values in fields.items()
        for value in values
    )


def _text(octets: bytes, part: Part) -> str:
    decoded = decode_transfer(
        octets[part.body_start : min(part.end, part.body_start + MAX_PART)],
        single(part.fields, b"content-transfer-encoding") or b"",
    )
    charset = part.content_type.get(b"charset")
    text = decode_text(decoded, charset.decode("ascii", "replace") if charset else None, guess_charset)
    return html_text(text) if part.content_type.value == b"text/html" else text
