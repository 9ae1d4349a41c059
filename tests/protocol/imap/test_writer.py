"""A value never becomes grammar: which form each string takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.writer import MAX_QUOTED, Literals, Writer


def written(value: bytes, method: str = "astring", *, utf8: bool = False) -> bytes:
    writer = Writer(Literals.REPLY, utf8=utf8)
    getattr(writer, method)(value)
    return writer.octets()


@pytest.mark.parametrize("value", ["", "a b", "a]", "é", "a\r\nb", '"', "a*"])
def test_what_is_no_atom_is_not_written_as_one(value: str) -> None:
    with pytest.raises(ValueError, match="not an atom"):
        Writer(Literals.REPLY).atom(value)


@pytest.mark.parametrize("value", ["", "\\", "a b", "\\a b", "é", "x\r\n", "\\**"])
def test_what_is_no_flag_is_not_written_as_one(value: str) -> None:
    with pytest.raises(ValueError, match="not a flag"):
        Writer(Literals.REPLY).flags([value])


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (b"abc", b"abc"),
        (b"", b'""'),
        (b"NIL", b'"NIL"'),
        (b"a b", b'"a b"'),
        (b'\\"', b'"\\\\\\""'),
        (b"a\nb", b"{3}\r\na\nb"),
        ("é".encode(), b"{2}\r\n\xc3\xa9"),
        (b"x" * (MAX_QUOTED + 1), b"{1001}\r\n" + b"x" * 1001),
    ],
)
def test_each_string_takes_the_lightest_form(value: bytes, octets: bytes) -> None:
    assert written(value) == octets


def test_utf8_is_quoted_only_in_a_session_that_has_it() -> None:
    assert written("é".encode(), utf8=True) == b'"\xc3\xa9"'
    assert written(b"\xe9", utf8=True) == b"{1}\r\n\xe9"


@given(st.binary().map(lambda value: value.replace(b"\0", b"")), st.booleans())
def test_a_quoted_string_reads_back(value: bytes, utf8: bool) -> None:
    octets = written(value, "string", utf8=utf8)
    if octets.startswith(b'"'):
        assert Cursor([octets], utf8=utf8).string() == value
    else:
        assert octets == b"{%d}\r\n%b" % (len(value), value)
