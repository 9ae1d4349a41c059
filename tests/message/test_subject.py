"""The base subject (RFC 5256 §2.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.subject import MAX_SUBJECT, base_subject


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("", ""),
        ("Re:", ""),
        ("re: [list] Re[2]: Hello  there (fwd) (FWD) ", "Hello there"),
        ("Fwd: FW: fwd [x]: Hello", "Hello"),
        ("[fwd: [list] Hello]", "Hello"),
        ("[fwd: re: [fwd: Hello (fwd)]]", "Hello"),
        ("[list]", "[list]"),
        ("[a] [b]", "[b]"),
        ("[a] re: [b] Hello", "Hello"),
        ("re: [a", "[a"),
        ("Regarding: Hello", "Regarding: Hello"),
        ("re : Hello", "Hello"),
        ("Hello\r\n\tthere", "Hello there"),
        ("Aw: Hello", "Aw: Hello"),
    ],
)
def test_reply_and_forward_marks_fall_away(subject: str, base: str) -> None:
    assert base_subject(subject) == base


def test_a_subject_is_cut_at_its_limit() -> None:
    assert len(base_subject("x" * (MAX_SUBJECT + 1))) == len(base_subject("x" * MAX_SUBJECT)) == MAX_SUBJECT


@given(
    st.lists(st.sampled_from(["re:", "Fwd: ", "[x]", " ", "[fwd:", "]", "(fwd)", "a", "["]), max_size=20).map("".join)
)
def test_the_base_of_a_base_is_itself(subject: str) -> None:
    base = base_subject(subject)
    assert base_subject(base) == base
    assert base_subject("Re: " + subject) == base
