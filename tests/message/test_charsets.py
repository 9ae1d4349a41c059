"""Charsets, true and false."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.charsets import codec_name, decode_text


@pytest.mark.parametrize(
    "name", ["", "hex", "base64", "zlib", "rot13", "idna", "punycode", "undefined", "x" * 41, "a\0b", "é"]
)
def test_what_is_no_charset_has_no_codec(name: str) -> None:
    assert codec_name(name) is None


@pytest.mark.parametrize(
    ("octets", "charset", "text"),
    [
        (b"\xe9", "iso-8859-1", "é"),
        (b"\x93a\x94", "ISO-8859-1", "“a”"),
        (b"\xc3\xa9", "us-ascii", "é"),
        (b"\xc3\xa9", "iso-8859-2", "ĂŠ"),
        (b"\xe9", "utf-8", "é"),
        (b"\xe9", None, "é"),
        (b"\xe9", "x-unknown", "é"),
        (b"\x81", None, "\x81"),
        (b"\xb9\xfa", "gb2312", "国"),
        (b"\x83e", "shift_jis", "テ"),
        (b"a+AOk-", "utf-7", "aé"),
        (b"a+AOk-", None, "a+AOk-"),
        (b'\xe9"', '"iso-8859-15"', 'é"'),
        (b"a\0b\0", "utf-16le", "ab"),
    ],
)
def test_the_declared_charset_then_utf8_then_western(octets: bytes, charset: str | None, text: str) -> None:
    assert decode_text(octets, charset) == text


def test_a_guess_is_asked_only_when_the_declared_charset_and_utf8_fail() -> None:
    asked: list[bytes] = []

    def guess(octets: bytes) -> str | None:
        asked.append(octets)
        return "koi8-r"

    assert decode_text("да".encode("koi8-r"), "us-ascii", guess) == "да"
    assert decode_text("é".encode(), None, guess) == "é"
    assert asked == ["да".encode("koi8-r")]
    assert decode_text(b"\xff", None, lambda _: "no charset") == "ÿ"


def test_a_cut_character_is_left_out_when_the_text_is_not_complete() -> None:
    assert decode_text("aé".encode()[:2], "utf-8", complete=False) == "a"
    assert decode_text("aé".encode()[:2], "utf-8") == "aÃ"


@given(
    st.binary(max_size=40), st.sampled_from([None, "utf-8", "utf-7", "utf-16", "iso-2022-jp", "hz", "cp037", "mbcs"])
)
def test_any_octets_become_text(octets: bytes, charset: str | None) -> None:
    decode_text(octets, charset)
    decode_text(octets, charset, complete=False)


@given(st.text(), st.sampled_from(["utf-8", "utf-7", "utf-16", "utf-32", "gb18030"]))
def test_text_in_its_own_charset_comes_back(text: str, charset: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assert decode_text(text.encode(charset), charset) == text
