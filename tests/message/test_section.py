"""Sections: which octets BODY[…] names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given

from addressable import check_addressable
from bustia.message.scanner import scan
from bustia.message.section import (
    Partial,
    Section,
    SectionKind,
    SectionText,
    extract,
    pack_parts,
)
from generated_mail import messages

INNER = b"Subject: inner\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\nplain\r\n--i--"
OCTETS = (
    b"Subject: outer\r\nX: y\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n"
    b"--b\r\nX-Part: 1\r\n\r\none\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + INNER + b"\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: simple\r\n\r\nsimple body\r\n"
    b"--b\r\nContent-Type: multipart/mixed; boundary=e\r\n\r\n\r\n--b--\r\n"
)
SIMPLE = b"Subject: s\r\n\r\nbody"
HEADER, TEXT, MIME = (SectionText(kind) for kind in (SectionKind.HEADER, SectionKind.TEXT, SectionKind.MIME))


def get(octets: bytes, *numbers: int, text: SectionText | None = None, partial: Partial | None = None) -> bytes | None:
    parts = scan(octets)
    return extract(
        lambda start, end: octets[start:end],
        pack_parts(parts),
        parts[0].body_start,
        len(octets),
        Section(numbers, text),
        partial,
    )


@pytest.mark.parametrize("numbers", [(5,), (1, 1), (1, 2), (2, 2), (3, 2), (2, 1, 1), (4, 2), (4, 1, 1), (99,)])
def test_a_part_that_is_not_there_is_none(numbers: tuple[int, ...]) -> None:
    assert get(OCTETS, *numbers) is None


@pytest.mark.parametrize(("numbers", "text"), [((1,), HEADER), ((1,), TEXT), ((4,), HEADER), ((2, 1), TEXT)])
def test_header_and_text_belong_to_messages_only(numbers: tuple[int, ...], text: SectionText) -> None:
    assert get(OCTETS, *numbers, text=text) is None


def test_sections_of_a_simple_message() -> None:
    assert get(SIMPLE) == SIMPLE
    assert get(SIMPLE, text=HEADER) == b"Subject: s\r\n\r\n"
    assert get(SIMPLE, text=TEXT) == get(SIMPLE, 1) == b"body"
    assert get(SIMPLE, 1, text=MIME) == b"Subject: s\r\n\r\n"
    assert get(SIMPLE, 2) is None
    assert get(SIMPLE, 1, 1) is None


def test_sections_of_a_multipart() -> None:
    assert get(OCTETS, 1) == b"one"
    assert get(OCTETS, 1, text=MIME) == b"X-Part: 1\r\n\r\n"
    assert get(OCTETS, text=TEXT) == OCTETS[OCTETS.index(b"preamble") :]


def test_sections_of_an_inner_message() -> None:
    assert get(OCTETS, 2) == INNER
    assert get(OCTETS, 2, text=HEADER) == INNER[: INNER.index(b"--i\r\n")]
    assert get(OCTETS, 2, text=TEXT) == INNER[INNER.index(b"--i\r\n") :]
    assert get(OCTETS, 2, 1) == b"plain"
    assert get(OCTETS, 2, text=MIME) == b"Content-Type: message/rfc822\r\n\r\n"
    assert get(OCTETS, 3, 1) == b"simple body"
    assert get(OCTETS, 3, 1, text=MIME) == b"Subject: simple\r\n\r\n"


def test_a_message_that_is_a_message_part_has_it_as_part_1() -> None:
    octets = b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nbody"
    assert get(octets, text=HEADER) == b"Content-Type: message/rfc822\r\n\r\n"
    assert get(octets, 1, text=HEADER) == b"Subject: inner\r\n\r\n"
    assert get(octets, 1, 1) == b"body"


def test_a_multipart_without_parts_has_one_empty_part() -> None:
    assert get(OCTETS, 4, 1) == b""
    assert get(OCTETS, 4, 1, text=MIME) == b""
    assert get(OCTETS, 4, 1, text=TEXT) is None


def test_header_fields_of_the_message_and_of_an_inner_one() -> None:
    fields = SectionText(SectionKind.HEADER_FIELDS, (b"SUBJECT", b"To"))
    assert get(OCTETS, text=fields) == b"Subject: outer\r\n\r\n"
    assert get(OCTETS, 3, text=fields) == b"Subject: simple\r\n\r\n"
    assert get(OCTETS, 3, text=SectionText(SectionKind.HEADER_FIELDS_NOT, (b"subject",))) == b"\r\n"


def test_a_partial_reads_only_its_range() -> None:
    asked: list[tuple[int, int]] = []

    def read(start: int, end: int) -> bytes:
        asked.append((start, end))
        return SIMPLE[start:end]

    table = pack_parts(scan(SIMPLE))
    assert extract(read, table, 14, len(SIMPLE), Section((1,)), Partial(1, 2)) == b"od"
    assert asked == [(15, 17)]
    assert extract(read, table, 14, len(SIMPLE), Section(), Partial(99, 2)) == b""
    assert asked == [(15, 17)]


def test_a_partial_of_header_fields_is_of_the_subset() -> None:
    fields = SectionText(SectionKind.HEADER_FIELDS, (b"x",))
    assert get(OCTETS, text=fields, partial=Partial(1, 3)) == b": y"


def test_a_message_without_a_table_still_gives_its_header_and_text() -> None:
    def read(start: int, end: int) -> bytes:
        return SIMPLE[start:end]

    assert extract(read, b"", 14, len(SIMPLE), Section((), HEADER), None) == SIMPLE[:14]
    assert extract(read, b"", 14, len(SIMPLE), Section((), TEXT), None) == b"body"
    assert extract(read, b"", 14, len(SIMPLE), Section(), None) == SIMPLE
    assert extract(read, b"", 14, len(SIMPLE), Section((1,)), None) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: Section((0,)),
        lambda: Section((), MIME),
        lambda: SectionText(SectionKind.HEADER, (b"x",)),
        lambda: SectionText(SectionKind.HEADER_FIELDS),
        lambda: Partial(-1, 1),
        lambda: Partial(0, 0),
    ],
)
def test_values_that_the_grammar_does_not_have_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        make()


@given(messages())
def test_every_part_of_the_body_structure_is_fetchable_with_its_size(octets: bytes) -> None:
    check_addressable(octets)
