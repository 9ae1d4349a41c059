"""The server's end: limits, refused literals, lines that are no commands, and what STARTTLS forgets."""

from __future__ import annotations

import pytest

from bustia.protocol.imap.append import Append
from bustia.protocol.imap.auth import Login, StartTLS
from bustia.protocol.imap.general import Noop
from bustia.protocol.imap.idle import Idle
from bustia.protocol.imap.server import (
    AFTER_LOGIN,
    BEFORE_LOGIN,
    MAX_ARGUMENT,
    AppendStart,
    AuthenticateResponse,
    BadCommandEvent,
    CommandEvent,
    Event,
    IdleDone,
    LiteralWanted,
    ServerConnection,
    TooLong,
)
from protocol.imap.wires import CUTS, pieces, server_for


def all_events(server: ServerConnection, octets: bytes, cut: int = 1_000_000) -> list[Event]:
    return [event for piece in pieces(octets, cut) for event in server.receive(piece)]


def bad(found: list[Event]) -> BadCommandEvent:
    (event,) = found
    assert isinstance(event, BadCommandEvent)
    return event


@pytest.mark.parametrize(("authenticated", "limit"), [(False, BEFORE_LOGIN.line), (True, AFTER_LOGIN.line)])
def test_a_line_may_be_as_long_as_the_limit_and_no_longer(authenticated: bool, limit: int) -> None:
    server = server_for(authenticated=authenticated)
    line = b"a LOGIN x " + b"y" * (limit - 12)
    assert [type(event) for event in all_events(server, line + b"\r\n")] == [CommandEvent]
    assert bad(all_events(server, line + b"y\r\n")).tag == "a"
    assert all_events(server, b"b NOOP\r\n") == [CommandEvent("b", Noop())]


def test_an_endless_line_costs_no_memory() -> None:
    server = server_for()
    for _ in range(200):
        assert all_events(server, b"x" * 65_536) == []
        assert server.held < 2 * AFTER_LOGIN.line
    assert bad(all_events(server, b"\r\n")).tag is None


def test_a_synchronising_literal_is_refused_before_it_is_sent() -> None:
    server = server_for()
    refused = bad(all_events(server, b"a SELECT {%d}\r\n" % (MAX_ARGUMENT + 1)))
    assert refused.too_big
    assert refused.tag == "a"
    assert all_events(server, b"b NOOP\r\n") == [CommandEvent("b", Noop())]
    assert all_events(server, b"c SELECT {%d}\r\n" % MAX_ARGUMENT) == [LiteralWanted("c", MAX_ARGUMENT)]


@pytest.mark.parametrize("cut", [4_096, 1_000_000])
def test_a_non_synchronising_literal_beyond_the_limit_is_never_parsed(cut: int) -> None:
    server = server_for()
    evil = b"x NOOP\r\n" * (MAX_ARGUMENT // 8 + 1)
    found = all_events(server, b"a SELECT {%d+}\r\n%b (x {3+}\r\n\r\n)\r\nb NOOP\r\n" % (len(evil), evil), cut)
    assert [event.tag for event in found if isinstance(event, BadCommandEvent | CommandEvent)] == ["a", "b"]


def test_a_literal_beyond_what_is_drained_ends_the_connection() -> None:
    server = server_for()
    found = all_events(server, b"a SELECT {%d+}\r\nb NOOP\r\n" % (AFTER_LOGIN.drained + 1))
    assert [type(event) for event in found] == [TooLong]
    assert all_events(server, b"c NOOP\r\n") == []


@pytest.mark.parametrize("size", [2**32, 2**63, 10**40])
def test_a_size_of_any_number_of_digits_is_refused(size: int) -> None:
    assert bad(all_events(server_for(authenticated=False), b"a LOGIN {%d}\r\n" % size)).too_big


def test_many_small_literals_are_refused() -> None:
    server = server_for()
    found = all_events(server, b"a SEARCH" + b" TEXT {1+}\r\nx" * 1_001 + b"\r\nb NOOP\r\n")
    assert [type(event) for event in found] == [BadCommandEvent, CommandEvent]


def test_before_login_little_is_held() -> None:
    server = server_for(authenticated=False)
    found = all_events(
        server, b"a LOGIN {20000+}\r\n" + b"x" * 20_000 + b" {20000+}\r\n" + b"x" * 20_000 + b"\r\nb NOOP\r\n"
    )
    assert [type(event) for event in found] == [BadCommandEvent, CommandEvent]


def test_a_message_before_login_is_a_literal_like_any_other() -> None:
    found = bad(all_events(server_for(authenticated=False), b"a APPEND INBOX {200000}\r\n"))
    assert found.too_big


@pytest.mark.parametrize("cut", CUTS)
def test_a_refused_message_is_drained_without_another_word(cut: int) -> None:
    server = server_for()
    found: list[Event] = []
    for piece in pieces(b"a APPEND INBOX {20+}\r\nx NOOP\r\nyyyyyyyyyyyy\r\nb NOOP\r\n", cut):
        for event in server.receive(piece):
            found.append(event)
            if isinstance(event, AppendStart):
                server.refuse_message()
    assert found == [AppendStart("a", Append("INBOX", (), None, 20), waits=False), CommandEvent("b", Noop())]


def test_a_refused_message_that_waits_is_never_sent() -> None:
    server = server_for()
    for event in server.receive(b"a APPEND INBOX {9999999999}\r\n"):
        assert isinstance(event, AppendStart)
        assert event.waits
        server.refuse_message()
    assert all_events(server, b"b NOOP\r\n") == [CommandEvent("b", Noop())]


def test_a_refused_message_beyond_what_is_drained_ends_the_connection() -> None:
    server = server_for()
    found: list[Event] = []
    for event in server.receive(b"a APPEND INBOX {%d+}\r\n" % (AFTER_LOGIN.drained + 1)):
        found.append(event)
        if isinstance(event, AppendStart):
            server.refuse_message()
    assert isinstance(found[-1], TooLong)


def test_a_second_message_voids_the_append() -> None:
    server = server_for()
    found: list[Event] = []
    for event in server.receive(b"a APPEND x {1+}\r\ny {1+}\r\nz\r\n"):
        found.append(event)
        if isinstance(event, AppendStart):
            server.accept_message(len)
    assert [type(event) for event in found] == [AppendStart, BadCommandEvent]
    assert found[1] == BadCommandEvent("a", "Unexpected literal")


@pytest.mark.parametrize("cut", CUTS)
def test_a_mailbox_name_of_append_may_be_a_literal(cut: int) -> None:
    server = server_for()
    found: list[Event] = []
    for piece in pieces(b"a APPEND {1+}\r\nx {1+}\r\ny\r\n", cut):
        for event in server.receive(piece):
            found.append(event)
            if isinstance(event, AppendStart):
                server.accept_message(len)
    append = Append("x", (), None, 1)
    assert found == [AppendStart("a", append, waits=False), CommandEvent("a", append)]


def test_each_refusal_has_its_own_text() -> None:
    server = server_for()
    assert bad(all_events(server, b"a SELECT {%d}\r\n" % (MAX_ARGUMENT + 1))).text == "Literal too long"
    assert bad(all_events(server, b"x" * 70_000 + b"\r\n")) == BadCommandEvent(None, "Line too long")


def test_a_utf8_session_has_no_charset() -> None:
    server = server_for(utf8=True)
    assert "CHARSET" in bad(all_events(server, b"a SEARCH CHARSET UTF-8 ALL\r\n")).text


def test_an_unanswered_message_stops_the_reading() -> None:
    server = server_for()
    with pytest.raises(RuntimeError):
        all_events(server, b"a APPEND x {1+}\r\ny\r\n")


@pytest.mark.parametrize("at", range(40))
def test_what_comes_behind_starttls_in_the_clear_is_forgotten(at: int) -> None:
    octets = b"a STARTTLS\r\nb LOGIN x {3+}\r\nfoo\r\nc NOOP\r\n"
    server = ServerConnection()
    found: list[Event] = []
    for part in (octets[:at], octets[at:]):
        for event in server.receive(part):
            found.append(event)
            if event == CommandEvent("a", StartTLS()):
                server.start_tls()
    secure = all_events(server, b"d NOOP\r\n")
    if at < 12:
        assert found == [CommandEvent("a", StartTLS())]
        assert secure == [CommandEvent("d", Noop())]
    assert found[0] == CommandEvent("a", StartTLS())


def test_starttls_forgets_half_a_literal() -> None:
    server = ServerConnection()
    all_events(server, b"b LOGIN {9+}\r\nfoo")
    server.start_tls()
    assert all_events(server, b"d NOOP\r\n") == [CommandEvent("d", Noop())]


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (b"DONE", IdleDone()),
        (b"done", IdleDone()),
        (b"DONE ", BadCommandEvent("a", "Expected DONE")),
        (b"b NOOP", BadCommandEvent("a", "Expected DONE")),
        (b"", BadCommandEvent("a", "Expected DONE")),
        (b"b SELECT {3+}\r\nfoo", BadCommandEvent("a", "Unexpected literal")),
        (b"x" * 70_000, BadCommandEvent("a", "Line too long")),
    ],
)
@pytest.mark.parametrize("cut", CUTS)
def test_idle_ends_with_its_next_line(line: bytes, event: Event, cut: int) -> None:
    server = server_for()
    found: list[Event] = []
    for piece in pieces(b"a IDLE\r\n" + line + b"\r\nc NOOP\r\n", cut):
        for each in server.receive(piece):
            found.append(each)
            if each == CommandEvent("a", Idle()):
                server.expect_done("a")
    assert found == [CommandEvent("a", Idle()), event, CommandEvent("c", Noop())]


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (b"AHRlc3QAdGVzdA==", AuthenticateResponse(b"\0test\0test")),
        (b"", AuthenticateResponse(b"")),
        (b"*", AuthenticateResponse(None)),
        (b"AHR", BadCommandEvent("a", "Not base64")),
        (b"AHRl!", BadCommandEvent("a", "Not base64")),
        (b"b LOGIN x y", BadCommandEvent("a", "Not base64")),
    ],
)
def test_a_challenge_is_answered_by_the_next_line(line: bytes, event: Event) -> None:
    server = server_for(authenticated=False)
    server.expect_authenticate_response("a")
    assert all_events(server, line + b"\r\nc NOOP\r\n") == [event, CommandEvent("c", Noop())]


def test_a_new_dialect_holds_from_the_very_next_command() -> None:
    server = server_for()
    found: list[Event] = []
    for event in server.receive(b'a NOOP\r\nb LOGIN "\xc3\xa9" x\r\n'):
        found.append(event)
        server.utf8 = True
    assert found[1] == CommandEvent("b", Login("é", "x"))


@pytest.mark.parametrize("line", [b"", b"*", b"+ NOOP", b"(", b"a+ NOOP", b'"a" NOOP', b"\0"])
def test_what_has_no_tag_is_answered_without(line: bytes) -> None:
    assert bad(all_events(server_for(), line + b"\r\n")).tag is None


def test_a_bare_line_feed_ends_no_command() -> None:
    found = all_events(server_for(), b"a NOOP\nb NOOP\r\n")
    assert [type(event) for event in found] == [BadCommandEvent, CommandEvent]
