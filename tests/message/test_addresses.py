"""Address lists, from right to hopeless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.addresses import (
    GROUP_END,
    MAX_ADDRESSES,
    MISSING_DOMAIN,
    MISSING_MAILBOX,
    Address,
    parse_addresses,
)


def one(name: bytes | None, mailbox: bytes, host: bytes = b"x.example", route: bytes | None = None) -> list[Address]:
    return [Address(name, route, mailbox, host)]


@pytest.mark.parametrize(
    ("body", "addresses"),
    [
        (b"", []),
        (b" , ,\r\n ,", []),
        (b"(only a comment)", []),
        (b"word", one(None, b"word", MISSING_DOMAIN)),
        (b"two words", one(b"two words", MISSING_MAILBOX, MISSING_DOMAIN)),
        (b"<>", one(None, MISSING_MAILBOX, MISSING_DOMAIN)),
        (b"a@", one(None, b"a", MISSING_DOMAIN)),
        (b"@x.example", one(None, MISSING_MAILBOX)),
        (b"<two words>", one(None, b"two words", MISSING_DOMAIN)),
        (b"a@x.example@y.example", one(None, b"a")),
        (b"a@x.example b@y.example", one(None, b"a")),
        (b"b@y.example <a@x.example>", one(b"b@y.example", b"a")),
        (b"J <a@x.example", one(b"J", b"a")),
        (b'"unclosed <a@x.example>', one(None, b"unclosed <a@x.example>", MISSING_DOMAIN)),
    ],
)
def test_addresses_that_break_the_grammar_keep_what_stands_there(body: bytes, addresses: list[Address]) -> None:
    if body.startswith(b'"unclosed'):
        addresses = one(b"unclosed <a@x.example>", MISSING_MAILBOX, MISSING_DOMAIN)
    assert list(parse_addresses([body])) == addresses


@pytest.mark.parametrize(
    ("body", "addresses"),
    [
        (b"a@x.example", one(None, b"a")),
        (b"J Doe <a@x.example>", one(b"J Doe", b"a")),
        (b'"Doe, \\"J\\"" <a@x.example>', one(b'Doe, "J"', b"a")),
        (b'""<a@x.example>', one(b"", b"a")),
        (b"J. Q.\r\n  Public<a@x.example>", one(b"J. Q. Public", b"a")),
        (b"a@x.example (J (the) Doe)", one(b"J (the) Doe", b"a")),
        (b"<a@x.example> (J)", one(b"J", b"a")),
        (b"<a (not me)@ (x) x.example>", one(None, b"a")),
        (b"a . b @ x . example", one(None, b"a.b")),
        (b'"a b"@x.example', one(None, b"a b")),
        (b"a@[192.0.2.1]", one(None, b"a", b"[192.0.2.1]")),
        (b"<@r.example,@s.example:a@x.example>", one(None, b"a", route=b"@r.example,@s.example")),
        (b"=?utf-8?q?a,b:?= <a@x.example>", one(b"=?utf-8?q?a,b:?=", b"a")),
        (b"\xc3\xa9@x.example", one(None, b"\xc3\xa9")),
    ],
)
def test_one_address(body: bytes, addresses: list[Address]) -> None:
    assert list(parse_addresses([body])) == addresses


def test_a_group_is_marked_at_both_ends() -> None:
    start = Address(None, None, b"The team", None)
    assert parse_addresses([b"The team: a@x.example, b@x.example; , c@x.example"]) == (
        start,
        *one(None, b"a"),
        *one(None, b"b"),
        GROUP_END,
        *one(None, b"c"),
    )
    assert parse_addresses([b"undisclosed-recipients:;"]) == (
        Address(None, None, b"undisclosed-recipients", None),
        GROUP_END,
    )


def test_a_group_without_end_ends_with_the_field_and_a_nameless_one_has_a_name() -> None:
    assert parse_addresses([b"g: a@x.example"])[-1] == GROUP_END
    assert parse_addresses([b":;"])[0].mailbox is not None


def test_fields_of_one_name_are_joined() -> None:
    assert len(parse_addresses([b"a@x.example", b"b@x.example"])) == 2


def test_addresses_end_at_their_limit() -> None:
    assert len(parse_addresses([b"a@b," * MAX_ADDRESSES])) == MAX_ADDRESSES
    assert len(parse_addresses([b"a@b," * (MAX_ADDRESSES + 1)])) == MAX_ADDRESSES


text = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20).map(str.strip).filter(bool)
atoms = st.text("abcXYZ019!#$%&'*+-/^_`{|}~", min_size=1, max_size=12)


@given(text, atoms, atoms)
def test_a_quoted_name_and_an_address_come_back(name: str, mailbox: str, host: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    expected = " ".join(name.split())
    (address,) = parse_addresses([f'"{quoted}" <{mailbox}@{host}.example>'.encode()])
    assert address == Address(expected.encode(), None, mailbox.encode(), f"{host}.example".encode())


@given(st.binary(max_size=100), st.lists(st.sampled_from(list('<>()@,:;" \\"ab.')), max_size=30))
def test_any_octets_are_read_and_groups_are_closed(octets: bytes, signs: list[str]) -> None:
    for body in (octets, "".join(signs).encode()):
        depth = 0
        for address in parse_addresses([body]):
            assert address.host is not None or address.name is None
            if address.host is None:
                depth += -1 if address.mailbox is None else 1
                assert depth in (0, 1)
        assert depth == 0
