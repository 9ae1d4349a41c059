"""The charsets of SEARCH: IANA's names only, and never another codec of Python."""

from __future__ import annotations

import codecs

import pytest

from bustia.protocol.imap.charsets import CODECS, decode


@pytest.mark.parametrize(
    "name", ["idna", "punycode", "base64", "utf-16", "utf-7", "unicode_escape", "", "KLINGON", "é"]
)
def test_what_is_no_charset_of_ours_is_not_looked_up(name: str) -> None:
    assert decode(b"abc", name) is None


@pytest.mark.parametrize("name", CODECS)
def test_every_charset_has_its_codec_and_holds_us_ascii(name: str) -> None:
    assert codecs.lookup(CODECS[name])
    assert decode(b"Subject", name) == "Subject"


@pytest.mark.parametrize(
    ("octets", "charset"), [(b"\xff", None), (b"\xff", "UTF-8"), (b"\xe9", "US-ASCII"), (b"\x81", "windows-1252")]
)
def test_octets_that_are_not_of_the_charset_have_no_text(octets: bytes, charset: str | None) -> None:
    assert decode(octets, charset) is None


def test_names_are_compared_without_case() -> None:
    assert decode(b"\xe9", "Iso-8859-1") == "é"
