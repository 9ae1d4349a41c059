"""Strings on the IMAP wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.imap_string import MAX_QUOTED, write_nstring, write_string
from imap_list import read_list


@pytest.mark.parametrize("value", [b"a\rb", b"a\nb", b"a\0b", b"caf\xc3\xa9"])
def test_cr_lf_nul_and_8bit_never_stand_in_a_quoted_string(value: bytes) -> None:
    assert write_string(value).startswith(b"{")


@pytest.mark.parametrize("value", [b"a\rb", b"a\nb", b"a\0b", b"caf\xe9"])
def test_with_utf8_only_utf8_may_be_quoted(value: bytes) -> None:
    assert write_string(value, utf8=True).startswith(b"{")
    assert write_string(b"caf\xc3\xa9", utf8=True) == b'"caf\xc3\xa9"'


def test_nul_is_sent_as_the_replacement_character() -> None:
    assert write_string(b"a\0b") == b"{5}\r\na\xef\xbf\xbdb"


def test_quoted_strings_are_escaped_and_bounded() -> None:
    assert write_string(b'a"\\') == b'"a\\"\\\\"'
    assert write_string(b"x" * MAX_QUOTED).startswith(b'"')
    assert write_string(b"x" * (MAX_QUOTED + 1)).startswith(b"{")
    assert write_string(b"\xc3\xa9" * MAX_QUOTED, utf8=True).startswith(b"{")


def test_nothing_is_nil_and_an_empty_string_is_not() -> None:
    assert write_nstring(None) == b"NIL"
    assert write_nstring(b"") == b'""'


@given(st.binary(max_size=60), st.booleans())
def test_a_reader_gets_the_value_back(value: bytes, utf8: bool) -> None:
    assert read_list(write_string(value, utf8)) == value.replace(b"\0", b"\xef\xbf\xbd")
