"""PLAIN and LOGIN, and the base64 that carries them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.sasl import base64
from bustia.protocol.sasl.exchange import MECHANISMS, Credentials, parse_plain, write_plain


@pytest.mark.parametrize(
    "line", [b"A", b"AAA", b"=AAA", b"AAA=BBB=", b"AA==AAAA", b"AAAA ", b"AA\r\n", b"A-_A", b"AAAA\n", b"===="]
)
def test_line_that_is_not_base64(line: bytes) -> None:
    with pytest.raises(ValueError):
        base64.decode(line)


@given(st.binary(max_size=60))
def test_base64_round_trip(octets: bytes) -> None:
    assert base64.decode(base64.encode(octets)) == octets


@pytest.mark.parametrize(
    "message", [b"", b"ann", b"\0ann", b"\0ann\0", b"\0\0secret", b"\0ann\0se\0cret", b"\0\xff\0secret"]
)
def test_message_that_is_not_plain(message: bytes) -> None:
    with pytest.raises(ValueError):
        parse_plain(message)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@given(st.builds(Credentials, texts, texts, texts | st.just("")))
def test_plain_round_trip(credentials: Credentials) -> None:
    assert parse_plain(write_plain(credentials)) == credentials


def test_login_asks_twice() -> None:
    exchange = MECHANISMS[b"LOGIN"]()
    assert exchange.first() == b"Username:"
    assert exchange.step(b"ann") == b"Password:"
    assert exchange.step("contrasenya·ñ".encode()) == Credentials("ann", "contrasenya·ñ")


def test_login_without_name_is_refused() -> None:
    exchange = MECHANISMS[b"LOGIN"]()
    exchange.step(b"")
    with pytest.raises(ValueError):
        exchange.step(b"secret")


def test_acting_for_another_is_noticed() -> None:
    assert Credentials("ann", "secret", "bob").acts_for_another
    assert not Credentials("ann", "secret", "ann").acts_for_another
