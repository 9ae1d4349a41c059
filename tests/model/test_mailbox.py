"""Mailbox names: one spelling, hostile ones refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.mailbox import MAX_LEVELS, MAX_NAME, MailboxName
from bustia.model.reason import Reason, Refused


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        "a\0b",
        "a\nb",
        "a\x7fb",
        "a%b",
        "a*",
        "../etc",
        "a/../b",
        "..",
        ".",
        "\ud800",
        "x" * (MAX_NAME + 1),
        "/".join("a" * (MAX_LEVELS + 1)),
    ],
)
def test_what_cannot_be_a_name_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        MailboxName.parse(text)
    assert refused.value.reason is Reason.BAD_NAME


@pytest.mark.parametrize(
    "text", ["x" * MAX_NAME, "/".join("a" * MAX_LEVELS), "a.b", "..a", "日本語", "~peter", "&", "C:\\mail"]
)
def test_names_up_to_the_limits_are_taken(text: str) -> None:
    assert MailboxName.parse(text).text == text


@pytest.mark.parametrize(
    ("spelled", "name"), [("inbox", "INBOX"), ("Inbox/Work", "INBOX/Work"), ("inboxes", "inboxes"), ("e\u0301", "é")]
)
def test_inbox_and_accents_have_one_spelling(spelled: str, name: str) -> None:
    assert MailboxName.parse(spelled) == MailboxName(name)


def test_a_name_is_not_built_in_another_form() -> None:
    with pytest.raises(ValueError, match="normal form"):
        MailboxName("inbox")


def test_descendants_follow_a_rename() -> None:
    old, new = MailboxName("a/b"), MailboxName("z")
    assert MailboxName("a/b/c/d").is_below(old)
    assert not MailboxName("a/bc").is_below(old)
    assert MailboxName("a/b/c/d").moved(old, new) == MailboxName("z/c/d")


def test_parent() -> None:
    assert MailboxName("a/b").parent == MailboxName("a")
    assert MailboxName("a").parent is None


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_refused_and_a_name_is_its_own_spelling(text: str) -> None:
    try:
        name = MailboxName.parse(text)
    except Refused:
        return
    assert MailboxName.parse(name.text) == name
