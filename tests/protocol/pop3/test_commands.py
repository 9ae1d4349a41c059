"""The command table of POP3, both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.pop3.commands import (
    COMMANDS,
    MAX_NUMBER,
    Auth,
    BadCommand,
    Capa,
    Command,
    Dele,
    List,
    Noop,
    Pass,
    Quit,
    Retr,
    Rset,
    Stat,
    Stls,
    Top,
    Uidl,
    User,
    parse_command,
    write_command,
)

VECTORS: list[tuple[Command, bytes]] = [
    (Capa(), b"CAPA\r\n"),
    (Stls(), b"STLS\r\n"),
    (Quit(), b"QUIT\r\n"),
    (User("ann@example.org"), b"USER ann@example.org\r\n"),
    (Pass(" two words "), b"PASS  two words \r\n"),
    (Pass("contrasenya·ñ"), "PASS contrasenya·ñ\r\n".encode()),
    (Auth(), b"AUTH\r\n"),
    (Auth(b"PLAIN"), b"AUTH PLAIN\r\n"),
    (Auth(b"PLAIN", b"="), b"AUTH PLAIN =\r\n"),
    (Auth(b"PLAIN", b"AGEAYg=="), b"AUTH PLAIN AGEAYg==\r\n"),
    (Stat(), b"STAT\r\n"),
    (Noop(), b"NOOP\r\n"),
    (Rset(), b"RSET\r\n"),
    (List(), b"LIST\r\n"),
    (List(3), b"LIST 3\r\n"),
    (Uidl(), b"UIDL\r\n"),
    (Uidl(10_000), b"UIDL 10000\r\n"),
    (Retr(1), b"RETR 1\r\n"),
    (Dele(MAX_NUMBER), b"DELE 2147483647\r\n"),
    (Top(1, 0), b"TOP 1 0\r\n"),
]

BAD = [
    b"",
    b" STAT",
    b"STAT 1",
    b"XYZZY",
    b"APOP ann c4c9334bac560ecc979e58001b3e22fb",
    b"RETR",
    b"RETR 0",
    b"RETR -1",
    b"RETR +1",
    b"RETR 1 2",
    b"RETR  1",
    b"RETR 2147483648",
    b"RETR 99999999999999999999",
    b"RETR \xb2",
    b"LIST x",
    b"TOP 1",
    b"TOP 1 -1",
    b"TOP 1 1 1",
    b"TOP  1",
    b"USER",
    b"USER ",
    b"USER a\0b",
    b"USER \xff",
    b"PASS",
    b"AUTH PLAIN a b",
    b"AUTH pl@in",
    b"AUTH  PLAIN",
]


@pytest.mark.parametrize("line", BAD)
def test_line_out_of_grammar_is_a_bad_command(line: bytes) -> None:
    with pytest.raises(BadCommand):
        parse_command(line)


@pytest.mark.parametrize(("command", "octets"), VECTORS)
def test_vectors_both_directions(command: Command, octets: bytes) -> None:
    assert write_command(command) == octets
    assert parse_command(octets.removesuffix(b"\r\n")) == command


def test_every_row_has_a_vector() -> None:
    assert {type(command) for command, _ in VECTORS} == {spec.type for spec in COMMANDS}


def test_keywords_have_no_case_and_a_space_at_the_end_is_no_argument() -> None:
    assert parse_command(b"sTaT ") == Stat()
    assert parse_command(b"list ") == List()
    assert parse_command(b"auth plain") == Auth(b"PLAIN")


def test_values_out_of_range_cannot_be_made() -> None:
    for make in (
        lambda: Retr(0),
        lambda: Top(1, -1),
        lambda: User("a\r\nDELE 1"),
        lambda: Pass(""),
        lambda: Auth(b"plain"),
    ):
        with pytest.raises(ValueError):
            make()


numbers = st.integers(1, MAX_NUMBER)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), min_size=1, max_size=40)
tokens = st.from_regex(rb"[\x21-\x7e]{1,40}", fullmatch=True)
commands = st.one_of(
    st.sampled_from([command for command, _ in VECTORS]),
    st.builds(User, texts),
    st.builds(Pass, texts),
    st.builds(Auth, st.from_regex(rb"[A-Z0-9_-]{1,20}", fullmatch=True), st.none() | tokens),
    st.builds(List, st.none() | numbers),
    st.builds(Uidl, st.none() | numbers),
    st.builds(Retr, numbers),
    st.builds(Dele, numbers),
    st.builds(Top, numbers, st.integers(0, MAX_NUMBER)),
)


@given(commands)
def test_command_round_trip(command: Command) -> None:
    assert parse_command(write_command(command).removesuffix(b"\r\n")) == command
