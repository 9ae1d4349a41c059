"""Every answer goes from the server's end to the client's and is the same value there; what is broken is told as such."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.imap.client import ClientConnection
from bustia.protocol.imap.general import Noop
from bustia.protocol.imap.list import ListData
from bustia.protocol.imap.mailbox import ExistsData, StatusData, StatusItem
from bustia.protocol.imap.response import AtomCode, Code, Condition, CopyUID, NamesCode, Status
from bustia.protocol.imap.responses import Answer, Unreadable, parse_response
from bustia.protocol.imap.search import ESearchData, SearchData
from protocol.imap.strategies import answers, codes, lines, tags, texts
from protocol.imap.wires import CUTS, client_for, server_for, told


@given(answers(), st.booleans(), st.sampled_from(CUTS))
def test_every_answer_arrives_as_it_was_said(answer: Answer, utf8: bool, cut: int) -> None:
    server, client = server_for(utf8), client_for(utf8)
    assert told(server, client, server.send(answer), cut) == [answer]


@given(st.none() | codes, lines, st.sampled_from([Condition.OK, Condition.NO, Condition.BAD]))
def test_a_tagged_status_arrives_as_it_was_said(code: Code | None, text: str, condition: Condition) -> None:
    server, client = server_for(), client_for()
    tag = client.send(Noop())
    status = Status(tag, condition, text, code)
    assert told(server, client, server.send(status), 7) == [status]
    assert not client.pending


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"*",
        b"* ",
        b"* 5",
        b"* 5 EXISTED",
        b"* 4294967296 EXISTS",
        b"* -1 EXISTS",
        b"* LIST",
        b"* LIST () / x y",
        b'* STATUS x (MESSAGES "1")',
        b"* FETCH (UID 1)",
        b"* 1 FETCH (UID 0)",
        b"* 1 FETCH (UID 1",
        b"* 1 FETCH (ENVELOPE (NIL NIL))",
        b"* 1 FETCH (BODY (" + b"(" * 100_000,
        b"* ESEARCH ALL 1:",
        b"* OK\0",
        b"A7 OK never sent",
        b"* NAMESPACE NIL NIL",
        b"* 1 FETCH (X " + b"(" * 100_000 + b")" * 100_000 + b")",
    ],
)
def test_a_broken_line_is_told_and_the_next_is_read(line: bytes) -> None:
    found = ClientConnection().receive(line + b"\r\n* 3 EXISTS\r\n")
    assert isinstance(found[0], Unreadable)
    assert found[1:] == [ExistsData(3)]


def test_a_line_without_carriage_return_is_not_obeyed() -> None:
    found = ClientConnection().receive(b"* 4 EXISTS\n* 3 EXISTS\r\n")
    assert [type(each) for each in found] == [Unreadable, ExistsData]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"* SEARCH ", SearchData(())),
        (b"* OK", Status(None, Condition.OK, "")),
        (b"* OK [UIDNEXT x] t", Status(None, Condition.OK, "t", AtomCode("UIDNEXT", "x"))),
        (b"* OK [X-NEW a (b)] t", Status(None, Condition.OK, "t", AtomCode("X-NEW", "a (b)"))),
        (b"* OK [CAPABILITY IMAP4rev1 ID] {3}", Status(None, Condition.OK, "{3}", NamesCode("CAPABILITY", ("IMAP4rev1", "ID")))),
        (b"* STATUS x (MESSAGES 1 X-NEW (a) SIZE 2) ", StatusData("x", ((StatusItem.MESSAGES, 1), (StatusItem.SIZE, 2)))),
        (b'* LIST (\\HasNoChildren) NIL x ("X-NEW" ("a" (b c)) "OLDNAME" ("y"))', ListData(("\\HasNoChildren",), None, "x", (), "y")),
        (b"* list () \"/\" {1}\r\nx", ListData((), "/", "x")),
        (b"* ESEARCH (TAG a) UID X-NEW (1 2) COUNT 5", ESearchData("a", True, count=5)),
    ],
)  # fmt: skip
def test_what_other_servers_say_is_read(line: bytes, value: object) -> None:
    assert ClientConnection().receive(line + b"\r\n") == [value]


@pytest.mark.parametrize("name", [b"&", b"a&b", b"&AGE-", b"caf\xc3\xa9", b"caf\xe9"])
def test_a_broken_mailbox_name_is_still_a_name(name: bytes) -> None:
    found = ClientConnection().receive(b'* LIST () "/" "' + name + b'"\r\n')
    assert isinstance(found[0], ListData)


def test_uids_of_a_copy_are_written_out_up_to_a_limit() -> None:
    def code(target: bytes) -> object:
        found = parse_response([b"* OK [COPYUID 1 1:3 " + target + b"] t"], utf8=False)
        assert isinstance(found, Status)
        return found.code

    assert code(b"7,9,8") == CopyUID(1, (1, 2, 3), (7, 9, 8))
    assert code(b"1:4294967295") == AtomCode("COPYUID", "1 1:3 1:4294967295")


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\0b"])
def test_a_text_never_ends_its_line(text: str) -> None:
    with pytest.raises(ValueError, match="line's end"):
        server_for().send(Status(None, Condition.OK, text))


def test_a_text_with_a_bracket_is_no_code() -> None:
    found = ClientConnection().receive(server_for().send(Status(None, Condition.NO, "[ALERT] boo")))
    assert found == [Status(None, Condition.NO, ". [ALERT] boo")]


@given(texts, tags)
def test_only_us_ascii_is_said_before_utf8_is_enabled(text: str, tag: str) -> None:
    said = server_for().send(Status(tag, Condition.NO, text.replace("\r", "").replace("\n", "")))
    assert said.isascii()
