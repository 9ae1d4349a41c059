"""Decoded text for search."""

from __future__ import annotations

import pytest
from hypothesis import given

from bustia.message import search_text as module
from bustia.message.search_text import body_text, search_texts
from generated_mail import messages


def body(header: bytes, octets: bytes) -> str:
    return search_texts(header + b"\r\n\r\n" + octets).body


@pytest.mark.parametrize(
    ("header", "octets", "text"),
    [
        (b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", b"w6k=", "é"),
        (b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable", b"<b>=C3=A9</b>", "é"),
        (b"Content-Type: text/plain; format=flowed", b"one \r\ntwo", "one two"),
        (b"Content-Type: text/plain; format=Flowed; delsp=YES", b"one \r\ntwo", "onetwo"),
        (b"Content-Type: message/delivery-status", b"Status: 5.1.1", "Status: 5.1.1"),
        (b"Content-Type: image/png; name=holiday.png", b"text", ""),
    ],
)
def test_text_parts_are_decoded(header: bytes, octets: bytes, text: str) -> None:
    assert body(header, octets) == text


def test_the_body_has_the_header_of_an_inner_message() -> None:
    texts = search_texts(b"Subject: outer\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntext")
    assert texts.body == "subject: inner\ntext"
    assert texts.fields[0] == ("subject", "outer")


def test_fields_and_names_of_parts_are_not_of_the_body() -> None:
    part = b"Content-Type: image/png; name*=utf-8''%C3%A9.png\r\n\r\nx\r\n"
    texts = search_texts(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + part + b"--b--")
    assert texts.body == ""
    assert texts.part_fields[-1] == ("name", "é.png")


def test_the_functions_handed_in_are_used() -> None:
    texts = search_texts(
        b"Content-Type: text/html; charset=x\r\n\r\n\xc4\xc1", lambda text: text * 2, lambda _: "koi8-r"
    )
    assert texts.body == "дада"


def test_texts_end_at_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PART_OCTETS", 4)
    assert body(b"A: b", b"12345") == "1234"
    assert body(b"A: b", b"1234") == "1234"
    monkeypatch.setattr(module, "MAX_TEXT", 3)
    assert body(b"A: b", b"1234") == "123"
    monkeypatch.setattr(module, "MAX_FIELDS_TEXT", 4)
    assert search_texts(b"A: 12345\r\nB: c\r\n").fields == (("a", "123"),)


@given(messages())
def test_any_message_gives_texts(octets: bytes) -> None:
    search_texts(octets)


@given(messages())
def test_the_body_alone_is_the_same(octets: bytes) -> None:
    assert body_text(octets) == search_texts(octets).body
