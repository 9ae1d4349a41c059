"""The command table of the receiving side and its addresses, both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.smtp.address import Address, parse_path, write_path
from bustia.protocol.smtp.commands import (
    COMMANDS,
    MAX_SIZE,
    BadCommand,
    Body,
    Command,
    Data,
    Help,
    Lhlo,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Vrfy,
    parse_command,
    write_command,
)

ANN = Address("ann", "example.com")
VECTORS: list[tuple[Command, bytes]] = [
    (Lhlo("[192.0.2.1]"), b"LHLO [192.0.2.1]\r\n"),
    (Mail(None), b"MAIL FROM:<>\r\n"),
    (Mail(ANN, 100, Body.EIGHT_BIT), b"MAIL FROM:<ann@example.com> SIZE=100 BODY=8BITMIME\r\n"),
    (Mail(Address("àngel", "exàmple.com"), utf8=True), "MAIL FROM:<àngel@exàmple.com> SMTPUTF8\r\n".encode()),
    (Rcpt(Address("two words", "example.com")), b'RCPT TO:<"two words"@example.com>\r\n'),
    (Rcpt(Address('a"b\\c@>', "[IPv6:2001:db8::1]")), b'RCPT TO:<"a\\"b\\\\c@>"@[IPv6:2001:db8::1]>\r\n'),
    (Rcpt(Address("Postmaster", "")), b"RCPT TO:<Postmaster>\r\n"),
    (Data(), b"DATA\r\n"),
    (Rset(), b"RSET\r\n"),
    (Noop(), b"NOOP\r\n"),
    (Vrfy("ann"), b"VRFY ann\r\n"),
    (Help(), b"HELP\r\n"),
    (Quit(), b"QUIT\r\n"),
    (StartTLS(), b"STARTTLS\r\n"),
]


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"ann@example.com",
        b"<ann@example.com",
        b"<ann@example.com>>",
        b"<ann@@example.com>",
        b"<.ann@example.com>",
        b"<ann.@example.com>",
        b"<a n@example.com>",
        b"<ann>",
        b"<ann@>",
        b"<@example.com>",
        b"<ann@-example.com>",
        b"<ann@exam ple.com>",
        b'<"ann@example.com>',
        b'<"a\r\nb"@example.com>',
        b'<"a\\"@example.com>',
        b"<ann\0@example.com>",
        b"<ann@example.com\r\nRCPT TO:<x>",
        b"<\xff@example.com>",
        b"<" + b"x" * 257 + b"@example.com>",
        b"<ann@" + b"x." * 128 + b"com>",
        b"<" + b'"' * 3000,
        b"<@" + b"a," * 3000 + b":x@y>",
    ],
)
def test_path_out_of_grammar(path: bytes) -> None:
    with pytest.raises(ValueError):
        parse_path(path)


def test_source_route_is_ignored_and_quotes_are_only_as_written() -> None:
    assert parse_path(b"<@a.example,@b.example:ann@example.com>") == ANN
    assert parse_path(b'<"ann"@example.com>') == ANN
    assert write_path(ANN) == b"<ann@example.com>"


@pytest.mark.parametrize(("command", "octets"), VECTORS)
def test_vectors_both_directions(command: Command, octets: bytes) -> None:
    assert write_command(command) == octets
    assert parse_command(octets.removesuffix(b"\r\n")) == command


def test_every_row_has_a_vector() -> None:
    assert {type(command) for command, _ in VECTORS} == {spec.type for spec in COMMANDS}


def test_words_have_no_case() -> None:
    assert parse_command(b"mail from: <ann@example.com> size=1 body=8bitmime ") == Mail(ANN, 1, Body.EIGHT_BIT)
    assert parse_command(b"NOOP whatever") == Noop()


def test_sender_that_needs_utf8_cannot_be_made_without() -> None:
    with pytest.raises(ValueError):
        Mail(Address("àngel", "example.com"))


labels = st.from_regex(r"[a-z0-9à](?:[a-z0-9-]{0,5}[a-z0-9])?", fullmatch=True)
domains = st.lists(labels, min_size=1, max_size=4).map(".".join)
locals_ = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="".join(map(chr, range(127, 160)))),
    min_size=1,
    max_size=30,
)
addresses = st.builds(Address, locals_, domains)
commands = st.one_of(
    st.sampled_from([command for command, _ in VECTORS]),
    st.builds(
        Mail,
        st.none() | addresses,
        st.none() | st.integers(0, MAX_SIZE),
        st.none() | st.sampled_from(Body),
        st.just(True),
    ),
    st.builds(Rcpt, addresses),
    st.builds(Lhlo, domains),
)


@given(commands)
def test_command_round_trip(command: Command) -> None:
    assert parse_command(write_command(command).removesuffix(b"\r\n")) == command


@given(st.binary(max_size=80) | st.from_regex(rb"(MAIL FROM|RCPT TO):<[^\r\n]{0,40}>[^\r\n]{0,20}", fullmatch=True))
def test_any_line_is_a_command_or_a_bad_command(line: bytes) -> None:
    try:
        command = parse_command(line)
    except BadCommand:
        return
    assert b"\r" not in write_command(command)[:-2]
