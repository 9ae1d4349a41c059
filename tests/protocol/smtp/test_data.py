"""The message behind DATA, cut anywhere, on both sides of each limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.smtp.data import DataReader, Fault


def read(octets: bytes, cut: int, size: int = 1000, line: int = 20) -> tuple[bytes, Fault | None, bytes | None]:
    """What was given out, the fault, and the rest."""
    reader = DataReader(size, line)
    text = b""
    for at in range(0, len(octets), cut):
        text += reader.feed(octets[at : at + cut])
        if reader.rest is not None:
            return text, reader.fault, reader.rest + octets[at + cut :]
    return text, reader.fault, None


@pytest.mark.parametrize("cut", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        (b"a\0b\r\n.\r\n", Fault.NUL),
        (b"a\nb\r\n.\r\n", Fault.BARE_LINE_END),
        (b"a\rb\r\n.\r\n", Fault.BARE_LINE_END),
        (b"a\r\r\n.\r\n", Fault.BARE_LINE_END),
        (b"\n\r\n.\r\n", Fault.BARE_LINE_END),
        (b"\r\n.\rx\r\n.\r\n", Fault.BARE_LINE_END),
        (b"\r\n.\n.\r\n\r\n.\r\n", Fault.BARE_LINE_END),
        (b"x" * 18 + b"\r\n.\r\n", None),
        (b"x" * 19 + b"\r\n.\r\n", Fault.LONG_LINE),
        (b"a\r\n" + b"x" * 19 + b"\r\nb\r\n.\r\n", Fault.LONG_LINE),
        (b"." + b"." * 18 + b"\r\n.\r\n", None),
    ],
)
def test_faults_are_found_wherever_the_octets_are_cut(octets: bytes, fault: Fault | None, cut: int) -> None:
    _, found, rest = read(octets + b"QUIT\r\n", cut)
    assert found is fault
    assert rest == b"QUIT\r\n"


@pytest.mark.parametrize("cut", [1, 7, 100])
def test_size_limit(cut: int) -> None:
    assert read(b"12345678\r\n" * 10 + b".\r\n", cut, size=100)[1] is None
    text, fault, rest = read(b"12345678\r\n" * 10 + b"\r\n.\r\n", cut, size=100)
    assert fault is Fault.TOO_BIG
    assert len(text) <= 100
    assert rest == b""


@given(
    st.lists(st.sampled_from([b"a", b".", b"\r\n", b"\r", b"\n", b"\0", b"x" * 18]), max_size=25).map(b"".join),
    st.integers(1, 9),
)
def test_outcome_does_not_depend_on_the_cut(octets: bytes, cut: int) -> None:
    whole, split = read(octets, max(1, len(octets))), read(octets, cut)
    assert split[2] == whole[2]
    if whole[2] is not None:
        assert (split[1] is None) == (whole[1] is None)
        if whole[1] is None:
            assert split[0] == whole[0]


@given(
    st.lists(st.binary(max_size=15).map(lambda one: bytes(octet for octet in one if octet not in b"\r\n\0"))),
    st.integers(1, 9),
)
def test_message_comes_out_as_it_went_in(lines: list[bytes], cut: int) -> None:
    message = b"".join(one + b"\r\n" for one in lines)
    wire = b"".join((b"." if one.startswith(b".") else b"") + one + b"\r\n" for one in lines) + b".\r\n"
    assert read(wire, cut, size=10_000) == (message, None, b"")
