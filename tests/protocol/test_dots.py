"""Dot-stuffed text, both directions, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.dots import DotReader, DotWriter


def read(octets: bytes, cut: int) -> tuple[bytes, bytes | None]:
    """The text, and what follows it (None if it does not end)."""
    reader = DotReader()
    text = b""
    for at in range(0, len(octets), cut):
        text += reader.feed(octets[at : at + cut])
        if reader.rest is not None:
            return text, reader.rest + octets[at + cut :]
    return text, None


def write(text: bytes, cut: int) -> bytes:
    writer = DotWriter()
    return b"".join(writer.feed(text[at : at + cut]) for at in range(0, len(text), cut)) + writer.finish()


VECTORS = [
    (b"", b".\r\n"),
    (b".\r\n", b"..\r\n.\r\n"),
    (b"\r\n", b"\r\n.\r\n"),
    (b"one\r\n.two\r\n..\r\n", b"one\r\n..two\r\n...\r\n.\r\n"),
    (b"a.b\r\n\r\n.\r\n", b"a.b\r\n\r\n..\r\n.\r\n"),
]


@pytest.mark.parametrize(("text", "octets"), VECTORS)
@pytest.mark.parametrize("cut", [1, 2, 3, 100])
def test_vectors_both_directions(text: bytes, octets: bytes, cut: int) -> None:
    assert write(text, cut) == octets
    assert read(octets + b"QUIT\r\n", cut) == (text, b"QUIT\r\n")


@pytest.mark.parametrize(
    "end",
    [b"\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r.\r", b"\n.\r", b"\r\n.\n", b"\r\n.\r", b"\r\n.\0\r\n", b"\r\n\0.\r\n"],
)
@pytest.mark.parametrize("cut", [1, 2, 3, 100])
def test_only_crlf_dot_crlf_ends_the_text(end: bytes, cut: int) -> None:
    text, rest = read(b"text" + end + b"MAIL FROM:<x>\r\n", cut)
    assert rest is None
    assert b"MAIL FROM" in text


line = st.binary(max_size=12).map(lambda octets: octets.replace(b"\r", b".").replace(b"\n", b".."))


@given(st.lists(line | st.sampled_from([b".", b".."])), st.integers(1, 9), st.integers(1, 9))
def test_text_round_trip(lines: list[bytes], written: int, cut: int) -> None:
    text = b"".join(one + b"\r\n" for one in lines)
    assert read(write(text, written) + b"next", cut) == (text, b"next")
