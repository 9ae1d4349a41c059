"""FETCH rows as the server writes them are what the client reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.message.addresses import Address
from bustia.message.body_structure import BodyStructure, write_body_structure
from bustia.message.envelope import Envelope, write_envelope
from bustia.message.parameters import ParameterizedValue
from bustia.message.section import Partial, Section, SectionKind, SectionText
from bustia.protocol.imap.client import ClientConnection
from bustia.protocol.imap.fetch import BodySection, FetchData, FetchItem, FetchRows, Item
from bustia.protocol.imap.fetch_rows import write_fetch_rows, write_streamed_row
from bustia.protocol.imap.responses import Unreadable
from protocol.imap.strategies import body_sections, flag_lists, modseqs, numbers64, nz_numbers, seconds
from protocol.imap.wires import CUTS, client_for, server_for, told

strings = st.binary(max_size=12).map(lambda value: value.replace(b"\0", b"."))
nstrings = st.none() | strings
address_lists = st.lists(st.builds(Address, nstrings, nstrings, nstrings, nstrings), max_size=2).map(tuple)
envelopes = st.builds(Envelope, nstrings, nstrings, *[address_lists] * 6, nstrings, nstrings)
lower = st.text("abcxyz-", min_size=1, max_size=6).map(str.encode)
parameters = st.lists(st.tuples(lower, strings), max_size=2).map(tuple)
dispositions = st.none() | st.builds(ParameterizedValue, lower, parameters)
languages = st.lists(strings, max_size=2).map(tuple)
media = st.sampled_from([b"text", b"image", b"application"])
single = {
    "parameters": parameters,
    "id": nstrings,
    "description": nstrings,
    "encoding": lower,
    "size": numbers64,
    "md5": nstrings,
    "disposition": dispositions,
    "language": languages,
    "location": nstrings,
}
leaves = st.builds(BodyStructure, media, lower, lines=st.none() | numbers64, **single)
bodies = st.recursive(
    leaves,
    lambda inner: (
        st.builds(
            BodyStructure,
            st.just(b"multipart"),
            lower,
            parameters,
            disposition=dispositions,
            language=languages,
            location=nstrings,
            children=st.lists(inner, min_size=1, max_size=3).map(tuple),
        )
        | st.builds(
            BodyStructure,
            st.just(b"message"),
            st.just(b"rfc822"),
            lines=numbers64,
            envelope=envelopes,
            children=st.tuples(inner),
            **single,
        )
    ),
    max_leaves=5,
)

VALUES: dict[Item, st.SearchStrategy[Any]] = {
    Item.UID: nz_numbers,
    Item.FLAGS: flag_lists,
    Item.INTERNALDATE: seconds,
    Item.RFC822_SIZE: numbers64,
    Item.ENVELOPE: envelopes,
    Item.BODYSTRUCTURE: bodies,
    Item.MODSEQ: modseqs,
    Item.RFC822: nstrings,
    Item.RFC822_HEADER: nstrings,
    Item.RFC822_TEXT: nstrings,
}


def ready(item: FetchItem, value: Any) -> object:
    """A read value as the server has it."""
    match item:
        case Item.FLAGS:
            return " ".join(value).encode("ascii")
        case Item.ENVELOPE:
            return write_envelope(value)
        case Item.BODYSTRUCTURE:
            return write_body_structure(value)
        case Item.BODY:
            return write_body_structure(value, extended=False)
        case _:
            return value


def as_read(item: FetchItem, value: object) -> FetchItem:
    """A section as the response names it: never peeking, with the origin of its partial and the count that came."""
    if isinstance(item, Item):
        return item
    got = value if isinstance(value, bytes) else b""
    partial = None if item.partial is None else Partial(item.partial.first, max(1, len(got)))
    return BodySection(item.section, partial)


values = st.one_of(
    *[st.tuples(st.just(item), strategy) for item, strategy in VALUES.items()],
    st.tuples(body_sections, nstrings),
)


@given(nz_numbers, st.lists(values, min_size=1, max_size=5), st.sampled_from(CUTS))
def test_every_row_arrives_as_it_was_said(number: int, pairs: list[tuple[FetchItem, object]], cut: int) -> None:
    items = tuple(item for item, _ in pairs)
    row = (number, *(ready(item, value) for item, value in pairs))
    octets = server_for().send(FetchRows(items, [row, row]))
    data = FetchData(number, tuple((as_read(item, value), value) for item, value in pairs))
    assert told(server_for(), client_for(), octets, cut) == [data, data]


@given(bodies)
def test_body_without_extension_data_is_the_same_tree(body: BodyStructure) -> None:
    (found,) = ClientConnection().receive(
        write_fetch_rows(FetchRows((Item.BODY,), [(1, write_body_structure(body, extended=False))]))
    )
    assert isinstance(found, FetchData)
    ((_, read),) = found.values
    assert isinstance(read, BodyStructure)
    assert write_body_structure(read, extended=False) == write_body_structure(body, extended=False)


@given(st.lists(values, min_size=1, max_size=4), st.integers(0, 4), strings)
def test_a_streamed_row_has_the_same_octets(pairs: list[tuple[FetchItem, object]], place: int, octets: bytes) -> None:
    pairs.insert(min(place, len(pairs)), (BodySection(Section()), octets))
    place = min(place, len(pairs) - 1)
    items = tuple(item for item, _ in pairs)
    row = (7, *(ready(item, value) for item, value in pairs))
    whole = write_fetch_rows(FetchRows(items, [row]))
    hole = (*row[: place + 1], None, *row[place + 2 :])
    before, after = write_streamed_row(items, hole, place, len(octets))
    assert before + octets + after == whole


def test_a_percent_sign_in_a_field_name_is_no_mark() -> None:
    item = BodySection(Section((), SectionText(SectionKind.HEADER_FIELDS, (b"%d", b"%(x)s"))))
    assert (
        write_fetch_rows(FetchRows((item,), [(1, b"x")]))
        == b'* 1 FETCH (BODY[HEADER.FIELDS ("%d" "%(x)s")] {1}\r\nx)\r\n'
    )


def test_a_part_that_is_not_there_is_nil() -> None:
    item = BodySection(Section((9,)), Partial(5, 10), peek=True)
    assert write_fetch_rows(FetchRows((item,), [(3, None)])) == b"* 3 FETCH (BODY[9]<5> NIL)\r\n"


def test_a_body_nested_as_deep_as_our_own_scanner_goes_is_read() -> None:
    body = BodyStructure(b"text", b"plain", lines=1)
    for _ in range(100):
        body = BodyStructure(b"message", b"rfc822", lines=1, envelope=Envelope(), children=(body,))
        body = BodyStructure(b"multipart", b"mixed", children=(body,))
    (found,) = ClientConnection().receive(
        write_fetch_rows(FetchRows((Item.BODYSTRUCTURE,), [(1, write_body_structure(body))]))
    )
    assert isinstance(found, FetchData)


@pytest.mark.parametrize("depth", [251, 100_000])
def test_a_body_nested_deeper_is_unreadable(depth: int) -> None:
    (found,) = ClientConnection().receive(b"* 1 FETCH (BODY " + b"(" * depth + b")" * depth + b")\r\n")
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize(
    "structure",
    [
        b'("TEXT" "PLAIN" NIL NIL NIL NIL 5 1)',
        b'("text" "plain" ("name" NIL) NIL NIL "7BIT" 5 1 NIL NIL "en" NIL "future" (1 ("x")))',
        b'(("text" "plain" NIL NIL NIL "7bit" 5 1) "mixed")',
        b'("message" "rfc822" NIL NIL NIL "7bit" 5)',
    ],
)
def test_structures_of_other_servers_are_read(structure: bytes) -> None:
    (found,) = ClientConnection().receive(b"* 1 FETCH (BODYSTRUCTURE " + structure + b")\r\n")
    assert isinstance(found, FetchData)


def test_unknown_items_and_8bit_in_a_quoted_string_of_a_reply_are_passed() -> None:
    (found,) = ClientConnection().receive(
        b'* 1 FETCH (ENVELOPE (NIL "caf\xe9" NIL NIL NIL NIL NIL NIL NIL NIL) X (y {3}\r\n)"( "z") Y () BINARY[1]<0> "b" UID 4)\r\n'
    )
    assert isinstance(found, FetchData)
    assert found.values == ((Item.ENVELOPE, Envelope(subject=b"caf\xe9")), (Item.UID, 4))


def test_only_a_section_can_be_streamed() -> None:
    with pytest.raises(ValueError, match="not a section"):
        write_streamed_row((Item.UID,), (1, None), 0, 3)
