"""Encoded words (RFC 2047), those of the RFC and those of the wild."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.encoded_words import decode_words


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"=?ISO-8859-1?Q?a?=", "a"),
        (b"=?ISO-8859-1?Q?a?= b", "a b"),
        (b"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
        (b"=?ISO-8859-1?Q?a?=  \r\n =?ISO-8859-1?Q?b?=", "ab"),
        (b"=?ISO-8859-1?Q?a_b?=", "a b"),
        (b"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
        (b"=?utf-8*ca?q?=C3=A9?=", "é"),
        (b"=?utf-8?b?w6k?=", "é"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
        (b"=?iso-2022-jp?b?GyRCRnwbKEI=?= =?iso-2022-jp?b?GyRCS1wbKEI=?=", "日本"),
        (b"=?x-unknown?q?a=E9?=", "aé"),
        (b"a =?utf-8?x?a?= =?utf-8?q?a", "a =?utf-8?x?a?= =?utf-8?q?a"),
        (b"caf\xc3\xa9 caf\xe9", "cafÃ© café"),
        (b"caf\xc3\xa9", "café"),
        (b"=?utf-8?q?a=0D=0ABcc:_b?=", "a Bcc: b"),
    ],
)
def test_words_become_text_on_one_line(body: bytes, text: str) -> None:
    assert decode_words(body) == text


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30))
def test_base64_words_come_back(text: str) -> None:
    word = b"=?utf-8?b?" + base64.b64encode(text.encode()) + b"?="
    assert decode_words(word) == text


@given(
    st.one_of(
        st.binary(max_size=60),
        st.lists(st.sampled_from([b"=?", b"?=", b"?q?", b"utf-8", b"=", b"a", b" "])).map(b"".join),
    )
)
def test_any_octets_give_one_line(body: bytes) -> None:
    assert "\n" not in decode_words(body)
