"""Tokens: what they are and where they end."""

from __future__ import annotations

import pytest

from bustia.protocol.imap.cursor import MAX_DEPTH, Cursor
from bustia.protocol.imap.errors import BadCommand, BadReply
from bustia.protocol.wire import Literal


def test_an_error_knows_its_offset_behind_literals() -> None:
    cursor = Cursor([b"ab ", Literal(3, b"xyz", binary=False), b" (c"])
    cursor.atom()
    cursor.space()
    assert cursor.string() == b"xyz"
    cursor.space()
    with pytest.raises(BadCommand) as caught:
        cursor.atom()
    assert caught.value.offset == len(b"ab xyz ")


def test_literal_octets_are_never_grammar() -> None:
    cursor = Cursor([b"", Literal(7, b") x (y ", binary=False), b""])
    with pytest.raises(BadCommand):
        cursor.atom()
    assert cursor.astring() == b") x (y "
    assert cursor.done


@pytest.mark.parametrize("octets", [b'"a', b'"\\a"', b'"a\r"', b'"a\0"', b'"\\"', b'"\xc3\xa9"'])
def test_what_is_no_quoted_string_is_refused(octets: bytes) -> None:
    with pytest.raises(BadCommand):
        Cursor([octets]).quoted()


def test_utf8_in_quoted_strings_only_in_a_session_that_has_it() -> None:
    assert Cursor([b'"\xc3\xa9"'], utf8=True).quoted() == "é".encode()
    with pytest.raises(BadCommand):
        Cursor([b'"\xe9"'], utf8=True).quoted()
    assert Cursor([b'"\xe9"'], error=BadReply).quoted() == b"\xe9"


def test_parentheses_go_as_deep_as_the_limit_and_no_deeper() -> None:
    def nested(depth: int) -> object:
        cursor = Cursor([b"(" * depth + b")" * depth])

        def inner() -> object:
            return cursor.list(inner)

        return inner()

    nested(MAX_DEPTH)
    with pytest.raises(BadCommand, match="Nested too deep"):
        nested(MAX_DEPTH + 1)


@pytest.mark.parametrize(
    ("text", "method"),
    [(b"4294967296", "number"), (b"0", "nz_number"), (b"9223372036854775808", "number64"), (b"9" * 100, "modseq"), (b"", "number"), (b"x", "number")],
)  # fmt: skip
def test_a_number_out_of_range_is_refused(text: bytes, method: str) -> None:
    with pytest.raises(BadCommand):
        getattr(Cursor([text]), method)()


def test_nil_is_no_string_and_a_string_may_be_nil() -> None:
    assert Cursor([b"nil"]).nstring() is None
    assert Cursor([b'"NIL"']).nstring() == b"NIL"
