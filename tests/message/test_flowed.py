"""format=flowed (RFC 3676 §4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.flowed import flowed_to_paragraphs


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("", ""),
        ("one \r\ntwo\r\n\r\nthree", "one two\n\nthree"),
        ("one \n-- \nname", "one \n-- \nname"),
        ("> quoted \n> on\n>> deeper \n> less", "> quoted on\n>> deeper \n> less"),
        (" >not quoted", ">not quoted"),
        ("  stuffed", " stuffed"),
        ("ends \n", "ends "),
    ],
)
def test_soft_breaks_join_lines_of_one_depth(text: str, paragraphs: str) -> None:
    assert flowed_to_paragraphs(text) == paragraphs


def test_delsp_deletes_the_space_of_the_soft_break() -> None:
    assert flowed_to_paragraphs("日 \r\n本", delete_space=True) == "日本"


@given(st.text("a> -\n", max_size=40))
def test_no_letter_is_lost_or_made(text: str) -> None:
    assert flowed_to_paragraphs(text).count("a") == text.count("a")
