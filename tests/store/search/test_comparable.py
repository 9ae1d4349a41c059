"""The one form in which texts are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.store.search.comparable import comparable


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Straße", "STRASSE"),
        ("É", "e"),
        ("É", "e\u0301"),
        ("ΟΔΟΣ", "οδος"),
        ("ﬁle", "FILE"),
        ("\uff26\uff55ll", "full"),
        ("a\r\n\t b", "a b"),
        ("a\u00a0b", "a b"),
        ("a\0b", "a b"),
        ("İ", "i"),
    ],
)
def test_folded_texts_are_one(text: str, other: str) -> None:
    assert comparable(text) == comparable(other)


@pytest.mark.parametrize(("text", "other"), [("a", "b"), ("ab", "a b"), ("\u043e", "o"), ("1", "l")])
def test_other_texts_stay_apart(text: str, other: str) -> None:
    assert comparable(text) != comparable(other)


@pytest.mark.parametrize("term", [" b", "a ", "\tb"])
def test_space_at_the_edge_of_a_term_counts(term: str) -> None:
    assert comparable(term) in comparable("a b")
    assert comparable(term) not in comparable("ab")


@given(st.text(), st.text(), st.text())
def test_substring_stays_substring(before: str, term: str, after: str) -> None:
    assert comparable(term) in comparable(before + term + after)


@given(st.text(st.characters()))
def test_form_holds_no_nul_and_no_line_end(text: str) -> None:
    form = comparable(text)
    assert b"\0" not in form
    assert b"\n" not in form
    form.decode()


def test_broken_surrogate_is_replaced() -> None:
    assert comparable("a\ud800b") == b"a?b"
