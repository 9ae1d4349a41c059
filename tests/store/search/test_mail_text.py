"""What of a mail is searched: decoded, whatever its charset says, and as a reader sees it."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.store.search.charset import ENOUGH, guess_charset
from bustia.store.search.mail_text import header_text, mail_text

RUSSIAN = "Привет, дорогой друг! Как твои дела, что нового? Встреча завтра в десять часов."


def body(content_type: str, octets: bytes, encoding: str = "8bit") -> str:
    mail = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + octets
    return mail_text(mail).body.decode()


@pytest.mark.parametrize(
    ("content_type", "octets"),
    [
        ("text/plain; charset=us-ascii", "café".encode()),  # says ASCII, is UTF-8
        ("text/plain; charset=utf-8", "café".encode("latin-1")),  # says UTF-8, is Latin-1
        ("text/plain; charset=no-such", "café".encode()),
        ("text/plain", "café".encode()),  # 8-bit without a charset
        ("text/plain; charset=iso-8859-1", "café".encode("cp1252")),
    ],
)
def test_charset_that_lies_is_seen_through(content_type: str, octets: bytes) -> None:
    assert "cafe" in body(content_type, octets)


def test_undeclared_legacy_charset_is_guessed() -> None:
    assert "встреча" in body("text/plain", RUSSIAN.encode("koi8-r"))
    assert "встреча" in body("text/plain", RUSSIAN.encode("cp1251"))
    assert "明日" in body("text/plain", ("明日の会議は午前十時から事務所で行われます。" * 2).encode("shift_jis"))


def test_a_few_octets_are_no_ground_for_a_guess() -> None:
    assert guess_charset(b"\xe9" * (ENOUGH - 1)) is None
    assert guess_charset(RUSSIAN.encode("cp1251")[: 2 * ENOUGH]) == "cp1251"


@pytest.mark.parametrize(
    ("encoding", "encode"), [("base64", base64.encodebytes), ("quoted-printable", quopri.encodestring)]
)
def test_transfer_encodings_are_undone(encoding: str, encode: object) -> None:
    assert callable(encode)
    assert "strasse" in body("text/plain; charset=utf-8", encode("Straße".encode()), encoding)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("<p>one</p><p>two</p>", "one two"),
        ("<b>b</b>old", "bold"),
        ("a<br>b", "a b"),
        ("<td>1</td><td>2</td>", "1 2"),
        ("&eacute;&#x74;&eacute;", "ete"),
        ("<style>p{}</style><script>hidden()</script>seen<!-- hidden -->", "seen"),
        ("", ""),
    ],
)
def test_html_is_read_as_a_person_does(document: str, text: str) -> None:
    assert body("text/html; charset=utf-8", document.encode()) == text


def test_attachment_names_are_fields_and_not_body() -> None:
    mail = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf; name*=utf-8''na%C3%AFve.pdf\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''na%C3%AFve.pdf\r\n\r\n%PDF secret\r\n--b--\r\n"
    )
    text = mail_text(mail)
    assert b"naive.pdf" in text.mime
    assert b"secret" not in text.body
    assert b"naive" not in text.body


@given(st.binary(max_size=300))
def test_header_alone_gives_the_same_fields(octets: bytes) -> None:
    whole = mail_text(octets).header
    header = octets.split(b"\n\n")[0] if b"\n\n" in octets else octets
    if b"\r" not in octets and not octets.startswith(b"\n"):
        assert header_text(header) == whole


@given(st.binary(max_size=400))
def test_any_octets_give_texts_without_nul(octets: bytes) -> None:
    text = mail_text(octets)
    assert b"\0" not in text.header + text.mime + text.body
    assert b"\n" not in text.body
