"""HTML to text with the standard library."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.html_text import html_to_text


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("", ""),
        ("<p>one</p><p>two<br>three", "one\ntwo\nthree"),
        ("a<b>b</b>c &amp; d&nbsp;e &eacute; &#233; &#xe9;", "abc & d e é é é"),
        ("<style>p {}</style>a<SCRIPT>x<y</ScRiPt >b<!-- no <p> -->c<title>t</title>", "abc"),
        ("1 < 2 and <3", "1 < 2 and <3"),
        ("a<!-- no end", "a"),
        ("a<script>no end", "a"),
        ("a<p class='x'", "a"),
        ("&#" + "9" * 5_000 + ";", "\N{REPLACEMENT CHARACTER}"),
        ("<!DOCTYPE html><?xml?>a", "a"),
        ("a  \n\n b", "a\nb"),
    ],
)
def test_tags_fall_away_and_blocks_break_lines(document: str, text: str) -> None:
    assert html_to_text(document) == text


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from(["<", ">", "<!--", "-->", "<script", "&#", "9", "a", '"'])).map("".join)
    )
)
def test_any_document_gives_text(document: str) -> None:
    html_to_text(document)
