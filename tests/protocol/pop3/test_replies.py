"""Status lines of POP3, both directions, and the codes of refusals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.reason import Reason
from bustia.protocol.pop3.replies import BadReply, Reply, parse_reply, pop3_code, printable, write_reply

VECTORS = [
    (Reply(True), b"+OK\r\n"),
    (Reply(False), b"-ERR\r\n"),
    (Reply(True, "2 320"), b"+OK 2 320\r\n"),
    (Reply(False, "Do you have another session?", "IN-USE"), b"-ERR [IN-USE] Do you have another session?\r\n"),
    (Reply(False, "", "SYS/TEMP"), b"-ERR [SYS/TEMP]\r\n"),
]


@pytest.mark.parametrize("line", [b"", b"+ok", b"OK", b"+OKAY", b"-ERR \xff", b"+OK " + b"x" * 600, b"* OK"])
def test_line_that_is_no_status_is_a_bad_reply(line: bytes) -> None:
    with pytest.raises(BadReply):
        parse_reply(line)


@pytest.mark.parametrize(("reply", "octets"), VECTORS)
def test_vectors_both_directions(reply: Reply, octets: bytes) -> None:
    assert write_reply(reply) == octets
    assert parse_reply(octets.removesuffix(b"\r\n")) == reply


def test_codes_of_others_are_read_in_any_case() -> None:
    assert parse_reply(b"-ERR [sys/temp]later") == Reply(False, "later", "SYS/TEMP")


def test_text_that_would_break_the_line_cannot_be_made() -> None:
    for text in ("two\r\nlines", "[FAKE] code", "·", "x" * 600):
        with pytest.raises(ValueError):
            Reply(False, text)


@given(st.booleans(), st.text(), st.sampled_from(["", "AUTH", "SYS/PERM"]))
def test_any_text_made_printable_makes_a_reply_that_round_trips(ok: bool, text: str, code: str) -> None:
    reply = Reply(ok, printable(text), code)
    assert parse_reply(write_reply(reply).removesuffix(b"\r\n")) == reply


def test_refusals_of_the_store_are_told_apart() -> None:
    assert pop3_code(Reason.AUTHENTICATION_FAILED) == "AUTH"
    assert pop3_code(Reason.IN_USE) == "IN-USE"
    assert pop3_code(Reason.BUSY) == "SYS/TEMP"
    assert pop3_code(Reason.DAMAGED) == "SYS/PERM"
    assert pop3_code(Reason.NOT_FOUND) == ""
