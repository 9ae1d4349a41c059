"""Replies of the receiving side, and the codes of refusals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.reason import Reason, Refused
from bustia.protocol.smtp.replies import MAX_LINE, Reply, printable, refusal, smtp_code, write_reply


def test_lines_of_a_reply() -> None:
    assert write_reply(Reply(354, "", ("Go on",))) == b"354 Go on\r\n"
    assert write_reply(Reply(250, "2.1.0", ("a", "b"))) == b"250-2.1.0 a\r\n250 2.1.0 b\r\n"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Reply(250, "5.1.1", ("no",)),
        lambda: Reply(250, "", ()),
        lambda: Reply(99, "", ("x",)),
        lambda: Reply(250, "", ("two\r\nlines",)),
        lambda: Reply(250, "", ("à",)),
    ],
)
def test_what_is_no_reply_cannot_be_made(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError):
        make()


def test_status_agrees_with_the_code_for_every_reason() -> None:
    for reason in Reason:
        code, status = smtp_code(reason)
        assert str(code)[0] == status[0]


def test_what_may_pass_by_itself_is_temporary() -> None:
    for reason in (Reason.OVER_QUOTA, Reason.DISK_FULL, Reason.BUSY, Reason.DAMAGED):
        assert smtp_code(reason)[0] < 500


@given(st.text())
def test_any_text_makes_one_line(text: str) -> None:
    octets = write_reply(refusal(Refused(Reason.NOT_FOUND, text or "x"), f"<{text}>"))
    assert octets.count(b"\r\n") == 1
    assert octets.endswith(b"\r\n")
    assert len(octets) <= MAX_LINE
    assert printable(text).isascii()
