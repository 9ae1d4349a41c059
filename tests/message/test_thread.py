"""Message identifiers for threads (RFC 5256 §3)."""

from __future__ import annotations

import pytest

from bustia.message.fields import split_fields
from bustia.message.thread import MAX_ID, MAX_REFERENCES, message_id_of, message_ids, references_of


@pytest.mark.parametrize("body", [b"", b"<>", b"a@b", b"<a b>", b"<no at>", b"<<>>", b"<" + b"a" * MAX_ID + b"@x>"])
def test_what_is_no_identifier_is_left_out(body: bytes) -> None:
    assert message_ids(body) == ()


def test_equal_identifiers_are_normalised_to_the_same() -> None:
    assert (
        message_ids(b'<"01KF"@XXX>') == message_ids(b"< 01KF\r\n @XXX >") == message_ids(b"<01KF@XXX>") == ("01KF@XXX",)
    )


def test_repeats_and_text_between_are_left_out() -> None:
    assert message_ids(b"<a@x> said <b@x> <a@x>") == ("a@x", "b@x")


def test_of_too_many_the_root_and_the_newest_stay() -> None:
    ids = message_ids(b"".join(b"<%d@x>" % number for number in range(MAX_REFERENCES + 5)))
    assert len(ids) == MAX_REFERENCES
    assert (ids[0], ids[1], ids[-1]) == ("0@x", "6@x", f"{MAX_REFERENCES + 4}@x")


def test_in_reply_to_counts_only_without_references() -> None:
    both = split_fields(b"In-Reply-To: <c@x> <d@x>\r\nReferences: <a@x>\r\n <b@x>\r\n")
    assert references_of(both) == ("a@x", "b@x")
    assert references_of(split_fields(b"References: none\r\nIn-Reply-To: <c@x> <d@x>\r\n")) == ("c@x",)
    assert references_of({}) == ()


def test_the_message_id_is_the_first_valid_one_of_its_field() -> None:
    assert message_id_of(split_fields(b"Message-ID: <x> <1@x>\r\n")) == "1@x"
    assert message_id_of({}) == ""
