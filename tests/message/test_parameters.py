"""Content-Type, Content-Disposition and parameters, with RFC 2231."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.parameters import (
    MAX_PARAMETERS,
    parse_content_type,
    parse_disposition,
    split_extended,
    strip_comments,
)


@pytest.mark.parametrize("body", [b"", b"text", b"/plain", b"text/", b"; charset=x", b'"text/plain"', b"(text/plain)"])
def test_a_content_type_without_type_and_subtype_is_none(body: bytes) -> None:
    assert parse_content_type(body) is None


@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        (b"Text/Plain", ()),
        (b"text/plain; CharSet=UTF-8", ((b"charset", b"UTF-8"),)),
        (b'text/plain;\r\n\tname="a \\"b\\" c"', ((b"name", b'a "b" c'),)),
        (b"text/plain (c (n) ;x=y); a=b", ((b"a", b"b"),)),
        (b'text/plain; a="(kept)"', ((b"a", b"(kept)"),)),
        (b"text/plain;; a=b;", ((b"a", b"b"),)),
        (b"text/plain; a=b/c; d=e", ((b"a", b"b/c"), (b"d", b"e"))),
        (b'text/plain; a="no end', ((b"a", b"no end"),)),
        (b'text/plain; charset=\\"us-ascii\\"', ((b"charset", b"us-ascii"),)),
    ],
)
def test_parameters_are_read_leniently(body: bytes, parameters: tuple[tuple[bytes, bytes], ...]) -> None:
    parsed = parse_content_type(body)
    assert parsed is not None
    assert parsed.value == b"text/plain"
    assert parsed.parameters == parameters


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        (b"; n*0=a; n*1=b", (b"n", b"ab")),
        (b"; n*1=b; n*0=a", (b"n", b"ab")),
        (b"; n*0*=utf-8''a%20; n*1=b%", (b"n*", b"utf-8''a%20b%25")),
        (b"; n*0=a; n*1*=%20", (b"n*", b"''a%20")),
        (b"; n*0=a; n*2=c", (b"n", b"a")),
        (b"; n*=utf-8'ca'%E2%82%AC", (b"n*", b"utf-8'ca'%E2%82%AC")),
    ],
)
def test_continuations_are_joined_up_to_the_first_gap(pieces: bytes, joined: tuple[bytes, bytes]) -> None:
    parsed = parse_content_type(b"a/b" + pieces)
    assert parsed is not None
    assert parsed.parameters == (joined,)


def test_an_extended_value_gives_charset_and_octets() -> None:
    assert split_extended(b"utf-8'ca'%E2%82%AC") == (b"utf-8", b"\xe2\x82\xac")
    assert split_extended(b"%41") == (b"", b"A")


def test_parameters_end_at_their_limit() -> None:
    def count(number: int) -> int:
        parsed = parse_content_type(b"a/b" + b"".join(b";p%d=x" % index for index in range(number)))
        assert parsed is not None
        return len(parsed.parameters)

    assert count(MAX_PARAMETERS) == count(MAX_PARAMETERS + 1) == MAX_PARAMETERS


def test_a_disposition_is_a_token_with_parameters() -> None:
    parsed = parse_disposition(b" Attachment; FileName=x")
    assert parsed is not None
    assert (parsed.value, parsed.get(b"filename"), parsed.get(b"name")) == (b"attachment", b"x", None)
    assert parse_disposition(b" ;a=b") is None


def test_a_comment_without_end_reaches_to_the_end() -> None:
    assert strip_comments(b"a (b (c) d").strip() == b"a"


@given(st.binary(max_size=200))
def test_any_octets_are_read_without_an_error(body: bytes) -> None:
    parse_content_type(b"a/b;" + body)
    parse_disposition(body)
    split_extended(body)
