"""The texts of one mail as search compares them (RFC 9051 §6.4.4).

Invariant: the same octets give the same texts, whether they are indexed or read at the moment of a search; nothing raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bustia.message.fields import split_fields
from bustia.message.search_text import body_text, decoded_fields, search_texts
from bustia.store.search.charset import guess_charset
from bustia.store.search.comparable import comparable
from bustia.store.search.source import MailText

FIELD_NAMES = 1024  # whose comparable form is remembered; mails have a few dozen between them


def mail_text(octets: bytes) -> MailText:
    """The texts of a whole mail."""
    texts = search_texts(octets, guess=guess_charset)
    return MailText(_lines(texts.fields), _lines(texts.part_fields), comparable(texts.body))


def mail_body(octets: bytes) -> MailText:
    """As `mail_text`, with the `body` alone."""
    return MailText(b"", b"", comparable(body_text(octets, guess=guess_charset)))


def header_text(header: bytes) -> bytes:
    """The `header` of MailText from a header alone."""
    return _lines(decoded_fields(split_fields(header)))


def _lines(fields: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(b"\n%b: %b" % (_field_name(name), comparable(text)) for name, text in fields)


@lru_cache(maxsize=FIELD_NAMES)
def _field_name(name: str) -> bytes:
    return comparable(name)
