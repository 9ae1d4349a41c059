"""Modified UTF-7: one spelling for each name, both ways (RFC 3501 §5.1.3)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bustia.protocol.imap.utf7 import decode_lenient, decode_utf7, encode_utf7

names = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    "octets",
    [b"&", b"a&", b"&Jjo", b"&Jjo!", b"&Jjo-&Jjo-", b"&AGE-", b"&JjoA-", b"&Jjp-", b"&2AA-", b"&=-", b"\x01", b"\x7f", b"\xe9", b"&A-", b"&Jj/o-", b"&AAA=-"],
)  # fmt: skip
def test_another_spelling_is_refused_in_commands_and_read_in_replies(octets: bytes) -> None:
    with pytest.raises(ValueError):
        decode_utf7(octets)
    decode_lenient(octets)


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("☺!", b"&Jjo-!"),
        ("A&B", b"A&-B"),
        ("&&", b"&-&-"),
        ("é&", b"&AOk-&-"),
        ("\U0001f600", b"&2D3eAA-"),
        ("", b""),
    ],
)
def test_names_of_the_rfc(name: str, octets: bytes) -> None:
    assert encode_utf7(name) == octets
    assert decode_utf7(octets) == name


@given(names)
@example("\0\x7f\r\n")
def test_round_trip(name: str) -> None:
    octets = encode_utf7(name)
    assert decode_utf7(octets) == name
    assert octets.isascii()
    assert octets.decode("ascii").isprintable()


@given(st.binary(max_size=20) | st.text("&-,/+AJjo=é", max_size=12).map(str.encode))
def test_what_is_read_is_the_one_spelling(octets: bytes) -> None:
    try:
        name = decode_utf7(octets)
    except ValueError:
        return
    assert encode_utf7(name) == octets


def test_a_lone_surrogate_has_no_spelling() -> None:
    with pytest.raises(ValueError, match="not a text"):
        encode_utf7("\ud800")


@pytest.mark.parametrize(("octets", "name"), [(b"caf\xc3\xa9", "café"), (b"caf\xe9", "café"), (b"a&b", "a&b")])
def test_broken_names_of_servers_are_read_as_they_look(octets: bytes, name: str) -> None:
    assert decode_lenient(octets) == name
