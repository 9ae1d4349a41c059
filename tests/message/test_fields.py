"""Header fields: where a header ends, what its fields are, the subset HEADER.FIELDS."""

from __future__ import annotations

import mmap

from hypothesis import given
from hypothesis import strategies as st

from bustia.message import fields as module
from bustia.message.fields import header_end, header_fields, single, split_fields, unfold

HEADER = b"From: a@example.org\r\nSUBJECT : one\r\n two\r\nno field\r\n goes on\r\nTo: b@example.org\r\nsubject: last\r\n\r\n"


def test_a_line_without_a_colon_is_no_field_nor_are_its_continuations() -> None:
    assert set(split_fields(HEADER)) == {b"from", b"subject", b"to"}


def test_white_space_before_the_colon_is_allowed() -> None:
    assert split_fields(HEADER)[b"subject"][0] == b" one\r\n two\r"


def test_of_a_doubled_field_the_last_counts() -> None:
    assert single(split_fields(HEADER), b"subject") == b"last"


def test_an_absent_field_is_none() -> None:
    assert single({}, b"subject") is None


def test_unfolding_keeps_the_white_space_of_the_fold() -> None:
    assert unfold(b" one\r\n\ttwo \r\n") == b"one\ttwo"


def test_a_field_is_cut_at_its_limit() -> None:
    body = b"x" * (module.MAX_FIELD + 1)
    assert len(split_fields(b"A:" + body + b"\r\n")[b"a"][0]) == module.MAX_FIELD
    assert len(split_fields(b"A:" + body[2:] + b"\n")[b"a"][0]) == module.MAX_FIELD - 1


def test_the_header_ends_with_its_first_empty_line_of_either_kind() -> None:
    assert header_end(b"A: b\r\n\r\nbody\n\n", 0, 14) == 8
    assert header_end(b"A: b\n\nbody\r\n\r\n", 0, 14) == 6
    assert header_end(b"\r\nbody", 0, 6) == 2
    assert header_end(b"\nbody", 0, 5) == 1
    assert header_end(b"A: b\r\n", 0, 6) == 6
    assert header_end(b"A: b\r\rbody", 0, 10) == 10


def test_header_end_reads_a_memory_map() -> None:
    with mmap.mmap(-1, 4096) as mapped:
        mapped[:8] = b"A: b\r\n\r\n"
        assert header_end(mapped, 0, 4096) == 8


def test_header_fields_are_sent_as_they_stand_with_the_empty_line() -> None:
    names = frozenset((b"subject", b"to"))
    assert header_fields(HEADER, names, False) == b"SUBJECT : one\r\n two\r\nTo: b@example.org\r\nsubject: last\r\n\r\n"


def test_header_fields_not_are_the_other_fields() -> None:
    names = frozenset((b"subject", b"to"))
    assert header_fields(HEADER, names, True) == b"From: a@example.org\r\nno field\r\n goes on\r\n\r\n"


def test_no_matching_field_gives_the_empty_line() -> None:
    assert header_fields(HEADER, frozenset((b"cc",)), False) == b"\r\n"


def test_a_header_without_a_last_line_end_gets_one_in_the_subset() -> None:
    assert header_fields(b"To: b", frozenset((b"to",)), False) == b"To: b\r\n\r\n"


@given(st.binary(max_size=200), st.frozensets(st.sampled_from([b"a", b"to", b"x-y", b""])))
def test_every_line_is_in_the_subset_or_in_its_opposite(header: bytes, names: frozenset[bytes]) -> None:
    chosen, others = header_fields(header, names, False), header_fields(header, names, True)
    assert chosen.endswith(b"\r\n")
    assert others.endswith(b"\r\n")
    kept = sorted((chosen[:-2] + others[:-2]).replace(b"\r\n", b"\n").split(b"\n"))
    assert [line for line in kept if line.strip()] == [
        line for line in sorted(header.replace(b"\r\n", b"\n").split(b"\n")) if line.strip()
    ]
