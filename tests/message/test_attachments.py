"""Attachments and their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.attachments import MAX_NAME, attachments, safe_name
from generated_mail import messages

MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\n"


def names(*header: bytes) -> list[str]:
    return [found.name for found in attachments(MIXED + b"\r\n".join(header) + b"\r\n\r\nAAAA\r\n--b--")]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("", ""),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a\0b\r\n.txt", "ab.txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("...", ""),
        (".profile", "profile"),
        ("CON", "_CON"),
        ("lpt1.txt", "_lpt1.txt"),
        ("console.txt", "console.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("a \u2028 b", "a b"),
    ],
)
def test_a_name_has_no_path_control_or_reserved_sign(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_is_cut_and_keeps_its_suffix() -> None:
    assert safe_name("x" * 300 + ".pdf") == "x" * (MAX_NAME - 4) + ".pdf"
    assert len(safe_name("x" * MAX_NAME)) == MAX_NAME
    assert len(safe_name("x." + "y" * 300)) == MAX_NAME


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b"Content-Disposition: attachment; filename=a.txt", "a.txt"),
        (b"Content-Disposition: attachment; filename*=utf-8''%E2%82%AC.txt; filename=EUR.txt", "€.txt"),
        (b"Content-Disposition: attachment; filename*0*=utf-8''%E2%82; filename*1*=%AC.txt", "€.txt"),
        (b'Content-Disposition: attachment; filename="=?utf-8?q?=E2=82=AC?="', "€"),
        (b"Content-Type: image/png; name=b.png\r\nContent-Disposition: inline", "b.png"),
        (b"Content-Type: text/csv; name=c.csv", "c.csv"),
        (b"Content-Disposition: attachment", "attachment-2"),
        (b"Content-Type: application/pdf", "attachment-2"),
        (b"Content-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?=C3=A9t=C3=A9?=", "été.eml"),
        (b"Content-Type: message/rfc822", "message.eml"),
    ],
)
def test_the_name_is_the_dispositions_or_the_types(header: bytes, name: str) -> None:
    assert names(header) == [name]


@pytest.mark.parametrize("header", [b"Content-Type: text/html", b"Content-Disposition: inline", b"X: y"])
def test_a_text_without_name_is_no_attachment(header: bytes) -> None:
    assert names(header) == []


def test_the_signature_of_a_signed_message_is_no_attachment() -> None:
    octets = MIXED.replace(b"mixed", b"signed") + b"Content-Type: application/pgp-signature\r\n\r\nx\r\n--b--"
    assert attachments(octets) == ()


def test_numbers_sizes_and_inline_images() -> None:
    octets = MIXED + b"Content-Type: image/png\r\nContent-ID: <1@x>\r\n\r\nAAAA\r\n--b--"
    (image,) = attachments(octets)
    assert (image.numbers, image.size, image.inline, image.content_id) == ((2,), 4, True, "1@x")


def test_a_forwarded_message_is_one_attachment() -> None:
    inner = MIXED + b"Content-Type: image/png\r\n\r\nAAAA\r\n--b--"
    assert len(attachments(b"Content-Type: message/rfc822\r\n\r\n" + inner)) == 1


@given(messages())
def test_any_message_gives_safe_names(octets: bytes) -> None:
    for found in attachments(octets):
        assert found.name
        assert safe_name(found.name) == found.name


@given(st.text(max_size=200))
def test_a_safe_name_is_safe_and_stable(name: str) -> None:
    safe = safe_name(name)
    assert safe_name(safe) == safe
    assert len(safe) <= MAX_NAME + 1
    assert not set(safe) & set('/\\<>:"|?*\0\r\n\u202e')
