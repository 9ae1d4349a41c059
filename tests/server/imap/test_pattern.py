"""LIST patterns: against a regular expression that says the same, and against patterns that blow others up."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.server.imap.pattern import Pattern


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("", "a", False),
        ("*", "a/b/c", True),
        ("%", "a/b", False),
        ("%/%", "a/b", True),
        ("a%c", "abc", True),
        ("a%c", "a/c", False),
        ("a*c", "a/b/c", True),
        ("*b", "ab/b", True),
        ("%%*%", "a/b", True),
        ("inbox", "INBOX", True),
        ("inb%", "INBOX", True),
        ("InBoX/%", "INBOX/a", True),
        ("inb*", "Inboxes", False),
        ("sent", "Sent", False),
        ("e\u0301t\u00e9", "\u00e9t\u00e9", True),
    ],
)
def test_pattern(pattern: str, name: str, matches: bool) -> None:
    assert Pattern(pattern).matches(name) is matches


@given(st.text("ab/%*", max_size=12), st.text("ab/", min_size=1, max_size=12))
def test_pattern_says_what_a_regular_expression_says(pattern: str, name: str) -> None:
    expression = "".join({"*": ".*", "%": "[^/]*"}.get(character, re.escape(character)) for character in pattern)
    assert Pattern(pattern).matches(name) is (re.fullmatch(expression, name) is not None)


@pytest.mark.parametrize("wildcard", ["*a", "%a", "*a%"])
def test_fifty_wildcards_take_time_in_proportion_to_the_name(wildcard: str) -> None:
    pattern = Pattern(wildcard * 50 + "b")

    def seconds(length: int) -> float:
        name = "a" * length
        best = 9.0
        for _ in range(7):
            start = time.thread_time()
            assert not pattern.matches(name)
            best = min(best, time.thread_time() - start)
        return best

    assert seconds(32_000) < 10 * seconds(8_000)  # four times the name; a backtracking matcher would not return
