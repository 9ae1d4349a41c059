"""The form and size in which POP3 sends a message (RFC 1939 §3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message import pop3_form as module
from bustia.message.pop3_form import pop3_form, pop3_size


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        (b"", b"\r\n"),
        (b"a", b"a\r\n"),
        (b"a\r", b"a\r\n"),
        (b"a\n.\nb\n", b"a\r\n.\r\nb\r\n"),
        (b"a\r\r\nb", b"a\r\n\r\nb\r\n"),
        (b"\n\r", b"\r\n\r\n"),
    ],
)
def test_bare_cr_and_lf_become_crlf(stored: bytes, sent: bytes) -> None:
    assert pop3_form(stored) == sent


def test_what_is_in_form_is_not_copied() -> None:
    octets = b"a\r\n" * 3
    assert pop3_form(octets) is octets


@given(st.lists(st.sampled_from([b"\r", b"\n", b"a", b"."])).map(b"".join))
def test_the_size_is_that_of_the_form_which_is_stable(octets: bytes) -> None:
    sent = pop3_form(octets)
    assert pop3_size(octets) == len(sent)
    assert pop3_form(sent) is sent
    assert sent.endswith(b"\r\n")
    assert b"\n" not in sent.replace(b"\r\n", b"")
    assert b"\r" not in sent.replace(b"\r\n", b"")


def test_pieces_of_a_large_message_count_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    octets = b"\r\n\r\r\na\n\n\r\nb\r"
    expected = len(pop3_form(octets))
    for piece in range(1, len(octets) + 1):
        monkeypatch.setattr(module, "PIECE", piece)
        assert pop3_size(octets) == expected
