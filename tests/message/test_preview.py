"""The preview (RFC 8970 §3)."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given

from bustia.message.preview import PREVIEW_CHARACTERS, preview_of
from bustia.message.scanner import scan
from generated_mail import messages


def preview(octets: bytes) -> str:
    return preview_of(octets, scan(octets))


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", ""),
        (b"Content-Type: image/png\r\n\r\nxx", ""),
        (b"\r\n a\r\n\r\n\tb \0 c\xe2\x80\x8b", "a b c"),
        (b"\r\nShe wrote:\r\n> old\r\n>> older\r\nnew", "She wrote: new"),
        (b"\r\n> only quoted", "> only quoted"),
        (b"Content-Type: text/html\r\n\r\n<style>x</style><p>a</p>b", "a b"),
        (b"Content-Disposition: attachment\r\n\r\nfile", ""),
    ],
)
def test_the_first_words_a_reader_sees(octets: bytes, text: str) -> None:
    assert preview(octets) == text


def test_plain_text_is_preferred_to_html_wherever_it_stands() -> None:
    octets = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html\r\n"
        b"--b\r\n\r\nplain\r\n--b--"
    )
    assert preview(octets) == "plain"
    assert preview(octets.replace(b"plain", b" ")) == "html"


def test_a_long_text_in_base64_is_cut_between_characters() -> None:
    body = base64.encodebytes("日本".encode() * 5_000)
    text = preview(b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body)
    assert text == "日本" * (PREVIEW_CHARACTERS // 2)


def test_a_long_line_is_cut_at_the_limit() -> None:
    assert preview(b"\r\n" + b"x" * 100_000) == "x" * PREVIEW_CHARACTERS


@given(messages())
def test_a_preview_is_short_and_on_one_line(octets: bytes) -> None:
    text = preview(octets)
    assert len(text) <= PREVIEW_CHARACTERS
    assert text == " ".join(text.split())
