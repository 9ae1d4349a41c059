"""The folding of text for search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.fold import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Über", "uber"),
        ("STRASSE", "straße"),
        ("café", "cafe\u0301"),
        ("ﬁn", "FIN"),
        ("ΣΑΣ", "σας"),
        ("İstanbul", "istanbul"),
        ("\uff34\uff45st", "test"),
        ("a\r\n  b", "A B"),
    ],
)
def test_texts_that_mean_the_same_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_white_space_at_the_ends_stays_one_space() -> None:
    assert (fold(" \n a\t"), fold(" "), fold("")) == (" a ", " ", "")


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=20), st.text(min_size=1, max_size=10), st.text(max_size=20))
def test_a_folded_word_is_found_in_the_folded_text(before: str, word: str, after: str) -> None:
    assert fold(word).strip(" ") in fold(f"{before} {word} {after}")
