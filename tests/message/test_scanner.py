"""The MIME scanner: parts, spans, limits."""

from __future__ import annotations

import mmap

from hypothesis import example, given

from bustia.message.scanner import MAX_DEPTH, MAX_PARTS, Kind, Part, scan
from generated_mail import messages

MIXED = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'


def bodies(octets: bytes) -> list[bytes]:
    return [octets[part.body_start : part.end] for part in scan(octets) if part.kind is Kind.LEAF]


def test_no_octets_are_one_empty_text_part() -> None:
    (part,) = scan(b"")
    assert (part.kind, part.header_start, part.body_start, part.end) == (Kind.LEAF, 0, 0, 0)
    assert part.content_type.value == b"text/plain"


def test_the_line_end_before_a_delimiter_belongs_to_the_delimiter() -> None:
    assert bodies(MIXED + b"pre\r\n--b\r\n\r\none\r\n\r\n--b\r\n\r\ntwo\r\n--b--\r\nepilogue") == [b"one\r\n", b"two"]
    assert bodies(MIXED.replace(b"\r", b"") + b"--b\n\none\n--b\n\ntwo\n--b--\n") == [b"one", b"two"]


def test_a_boundary_without_end_reaches_to_the_end() -> None:
    assert bodies(MIXED + b"--b\r\n\r\none\r\n") == [b"one\r\n"]


def test_a_delimiter_without_line_end_at_the_end_opens_no_part() -> None:
    assert bodies(MIXED + b"--b\r\n\r\none\r\n--b") == [b"one"]


def test_a_delimiter_after_the_closing_one_is_epilogue() -> None:
    assert bodies(MIXED + b"--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n") == [b"one"]


def test_an_empty_body_and_a_missing_empty_line_are_parts() -> None:
    assert bodies(MIXED + b"--b\r\n\r\n--b\r\nX: y\r\n--b\r\n--b--") == [b"", b"", b""]


def test_an_outer_delimiter_closes_inner_multiparts() -> None:
    inner = b"--b\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\ninner\r\n"
    parts = scan(MIXED + inner + b"--b\r\n\r\nouter\r\n--b--")
    assert [part.parent for part in parts] == [-1, 0, 1, 0]


def test_the_longest_of_two_matching_boundaries_counts() -> None:
    inner = b"--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\ninner\r\n--bb--\r\n"
    assert [part.parent for part in scan(MIXED + inner + b"--b--\r\n")] == [-1, 0, 1]


def test_of_equal_boundaries_the_innermost_counts() -> None:
    inner = b"--b\r\n" + MIXED + b"--b\r\n\r\ninner\r\n--b--\r\n"
    assert [part.parent for part in scan(MIXED + inner + b"--b\r\n\r\nouter\r\n")] == [-1, 0, 1, 0]


def test_a_multipart_without_boundary_is_text() -> None:
    (part,) = scan(b"Content-Type: multipart/mixed\r\n\r\nbody")
    assert (part.kind, part.content_type.value) == (Kind.LEAF, b"text/plain")


def test_a_boundary_in_rfc_2231_form_is_a_boundary() -> None:
    assert bodies(b"Content-Type: multipart/mixed; boundary*=us-ascii''%62\r\n\r\n--b\r\n\r\none\r\n--b--") == [b"one"]


def test_a_part_of_a_digest_is_a_message() -> None:
    digest = (
        MIXED.replace(b"mixed", b"digest") + b"--b\r\n\r\nSubject: x\r\n\r\nbody\r\n--b\r\nContent-Type: a/b\r\n\r\n"
    )
    parts = scan(digest + b"--b--")
    assert [part.kind for part in parts] == [Kind.MULTIPART, Kind.MESSAGE, Kind.LEAF, Kind.LEAF]
    assert parts[2].fields == {b"subject": [b" x\r"]}


def test_an_empty_line_before_a_delimiter_belongs_to_the_inner_header_and_its_message() -> None:
    octets = MIXED + b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n--b--"
    _, message, inner = scan(octets)
    assert message.end == inner.end == inner.body_start == octets.index(b"--b--")


def test_nesting_past_the_limit_is_an_opaque_leaf() -> None:
    def nested(depth: int) -> tuple[Part, ...]:
        return scan(b"Content-Type: message/rfc822\r\n\r\n" * depth + b"\r\nx")

    assert nested(MAX_DEPTH)[-1].kind is Kind.LEAF
    assert len(nested(MAX_DEPTH)) == MAX_DEPTH + 1
    deeper = nested(MAX_DEPTH + 1)
    assert len(deeper) == MAX_DEPTH + 1
    assert deeper[-1].kind is Kind.OPAQUE


def test_past_the_limit_of_parts_the_last_one_takes_the_rest() -> None:
    octets = MIXED + b"--b\r\n\r\nx\r\n" * MAX_PARTS
    parts = scan(octets)
    assert len(parts) == MAX_PARTS
    assert parts[-1].end == len(octets)
    assert len(scan(MIXED + b"--b\r\n\r\nx\r\n" * (MAX_PARTS - 1))) == MAX_PARTS


def test_a_memory_map_and_a_bytearray_scan_as_bytes_do() -> None:
    octets = MIXED + b"--b\r\n\r\none\r\n--b--"
    with mmap.mmap(-1, len(octets)) as mapped:
        mapped[:] = octets
        assert scan(mapped) == scan(bytearray(octets)) == scan(octets)


@given(messages())
@example(MIXED + b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nX: y\r\n\r\n--b--")
def test_spans_nest_and_follow_each_other(octets: bytes) -> None:
    parts = scan(octets)
    assert (parts[0].header_start, parts[0].end, parts[0].parent) == (0, len(octets), -1)
    reached = [0] * len(parts)
    for index, part in enumerate(parts):
        assert part.header_start <= part.body_start <= part.end
        reached[index] = part.body_start
        if index:
            around = parts[part.parent]
            assert part.parent < index
            assert reached[part.parent] <= part.header_start
            assert part.end <= around.end
            reached[part.parent] = part.end
