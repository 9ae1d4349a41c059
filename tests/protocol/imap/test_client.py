"""The client's end: order behind literals, tags, limits, and what STARTTLS forgets."""

from __future__ import annotations

import pytest

from bustia.protocol.imap.append import Append
from bustia.protocol.imap.auth import Authenticate, Login
from bustia.protocol.imap.client import MAX_REPLY_LINE, MAX_REPLY_LITERAL, MAX_REPLY_LITERALS, ClientConnection
from bustia.protocol.imap.errors import BadReply
from bustia.protocol.imap.general import Noop
from bustia.protocol.imap.idle import Idle
from bustia.protocol.imap.mailbox import ExistsData, Select
from bustia.protocol.imap.response import Condition, Continuation, Status
from bustia.protocol.imap.responses import Unreadable

AWKWARD = "line\nend"


def test_behind_a_literal_everything_waits_for_the_continuation() -> None:
    client = ClientConnection()
    client.send(Login(AWKWARD, AWKWARD))
    client.send(Noop())
    assert client.take() == b"A1 LOGIN {8}\r\n"
    assert client.take() == b""
    assert client.receive(b"+ go\r\n") == []
    assert client.take() == b"line\nend {8}\r\n"
    assert client.receive(b"* 3 EXISTS\r\n+\r\n") == [ExistsData(3)]
    assert client.take() == b"line\nend\r\nA2 NOOP\r\n"


def test_a_refused_literal_is_dropped_and_the_next_command_goes() -> None:
    client = ClientConnection()
    client.send(Append("x", (), None, 3), b"abc")
    client.send(Noop())
    client.send(Login(AWKWARD, "x"))
    client.send(Noop())
    client.take()
    (refused,) = client.receive(b"A1 NO [TOOBIG] no\r\n")
    assert isinstance(refused, Status)
    assert client.take() == b"A2 NOOP\r\nA3 LOGIN {8}\r\n"
    client.receive(b"+ \r\n")
    assert client.take() == b"line\nend x\r\nA4 NOOP\r\n"


@pytest.mark.parametrize(
    ("line", "octets"),
    [
        (b"* CAPABILITY IMAP4rev1 LITERAL+\r\n", b"A1 APPEND x {5000+}\r\n" + b"y" * 5_000 + b"\r\n"),
        (b"* OK [CAPABILITY IMAP4rev1 literal+] hi\r\n", b"A1 APPEND x {5000+}\r\n" + b"y" * 5_000 + b"\r\n"),
        (b"* CAPABILITY IMAP4rev1 LITERAL-\r\n", b"A1 APPEND x {5000}\r\n"),
        (b"* CAPABILITY IMAP4rev1\r\n", b"A1 APPEND x {5000}\r\n"),
    ],
)
def test_literals_wait_only_where_they_must(line: bytes, octets: bytes) -> None:
    client = ClientConnection()
    client.receive(line)
    client.send(Append("x", (), None, 5_000), b"y" * 5_000)
    assert client.take() == octets


def test_small_literals_need_not_wait_with_literal_minus() -> None:
    client = ClientConnection()
    client.receive(b"* CAPABILITY IMAP4rev1 LITERAL-\r\n")
    client.send(Login(AWKWARD, "x"))
    assert client.take() == b"A1 LOGIN {8+}\r\nline\nend x\r\n"


def test_starttls_forgets_what_was_said_in_the_clear() -> None:
    client = ClientConnection()
    client.receive(b"* CAPABILITY IMAP4rev1 LITERAL+\r\n* 3 EXI")
    client.start_tls()
    assert client.receive(b"* 4 EXISTS\r\n") == [ExistsData(4)]
    client.send(Login(AWKWARD, "x"))
    assert client.take() == b"A1 LOGIN {8}\r\n"


def test_a_continuation_without_a_literal_is_for_the_owner() -> None:
    client = ClientConnection()
    client.send(Authenticate("PLAIN"))
    assert client.take() == b"A1 AUTHENTICATE PLAIN\r\n"
    assert client.receive(b"+ \r\n") == [Continuation("")]
    client.respond(b"\0a\0b")
    assert client.take() == b"AGEAYg==\r\n"
    client.respond(None)
    assert client.take() == b"*\r\n"
    client.send(Idle())
    client.take()
    client.done()
    assert client.take() == b"DONE\r\n"


def test_an_answer_to_what_was_never_asked_is_not_believed() -> None:
    client = ClientConnection()
    tag = client.send(Noop())
    found = client.receive(b"A9 OK x\r\n%b OK x\r\n%b OK again\r\n" % (tag.encode(), tag.encode()))
    assert [type(each) for each in found] == [Unreadable, Status, Unreadable]


def test_a_message_of_another_size_is_not_sent() -> None:
    with pytest.raises(ValueError, match="APPEND of 4 octets with 3"):
        ClientConnection().send(Append("x", (), None, 4), b"abc")


def test_nul_goes_only_as_literal8() -> None:
    with pytest.raises(ValueError, match="NUL"):
        ClientConnection().send(Login("a\0b", "x"))
    client = ClientConnection()
    client.send(Append("x", (), None, 3, binary=True), b"a\0b")
    assert client.take() == b"A1 APPEND x ~{3}\r\n"


def test_a_command_that_cannot_be_written_is_not_pending() -> None:
    client = ClientConnection()
    with pytest.raises(ValueError, match="not a text"):
        client.send(Select("\ud800"))
    assert not client.pending
    assert client.take() == b""


@pytest.mark.parametrize("size", [MAX_REPLY_LITERAL + 1, 10**19])
def test_a_literal_beyond_the_limit_ends_the_connection(size: int) -> None:
    with pytest.raises(BadReply):
        ClientConnection().receive(b"* 1 FETCH (BODY[] {%d}\r\n" % size)


def test_too_many_literals_end_the_connection() -> None:
    with pytest.raises(BadReply):
        ClientConnection().receive(b"* X" + b" {1}\r\nx" * (MAX_REPLY_LITERALS + 1))


def test_a_line_beyond_the_limit_ends_the_connection() -> None:
    client = ClientConnection()
    for _ in range(MAX_REPLY_LINE // 65_536):
        assert client.receive(b"x" * 65_536) == []
    with pytest.raises(BadReply):
        client.receive(b"\r\n")


def test_a_status_line_announces_no_literal() -> None:
    assert ClientConnection().receive(b"* OK what {3}\r\n* 3 EXISTS\r\n") == [
        Status(None, Condition.OK, "what {3}"),
        ExistsData(3),
    ]
