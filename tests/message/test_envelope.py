"""ENVELOPE by the rules of RFC 9051 §7.5.2."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bustia.message.addresses import Address
from bustia.message.envelope import Envelope, envelope_of, write_envelope
from bustia.message.fields import split_fields
from imap_list import Value, read_list


def written(header: bytes) -> Value:
    return read_list(write_envelope(envelope_of(split_fields(header))))


def test_a_header_without_fields_is_all_nil() -> None:
    assert written(b"") == [None] * 10


def test_present_but_empty_strings_are_empty_and_lists_nil() -> None:
    assert written(b"Subject:\r\nTo: \r\nFrom:\r\n") == [None, b"", None, None, None, None, None, None, None, None]


def test_sender_and_reply_to_are_from_unless_they_say_something() -> None:
    header = b"From: a@x.example\r\nSender:\r\nReply-To: b@x.example\r\n"
    value = written(header)
    assert isinstance(value, list)
    from_, sender, reply_to = value[2:5]
    assert from_ == sender == [[None, None, b"a", b"x.example"]]
    assert reply_to == [[None, None, b"b", b"x.example"]]


def test_a_group_has_nil_hosts() -> None:
    value = written(b"To: g: a@x.example;\r\n")
    assert isinstance(value, list)
    assert value[5] == [[None, None, b"g", None], [None, None, b"a", b"x.example"], [None, None, None, None]]


def test_white_space_of_folds_is_one_space_in_the_subject() -> None:
    envelope = envelope_of(split_fields(b"Subject: a\r\n\t b\r\nMessage-ID:\r\n <1@x>\r\n"))
    assert (envelope.subject, envelope.message_id) == (b"a b", b"<1@x>")


def test_without_utf8_a_word_of_utf8_goes_as_a_literal() -> None:
    envelope = Envelope(subject="é".encode())
    assert b"{2}\r\n\xc3\xa9" in write_envelope(envelope)
    assert b'"\xc3\xa9"' in write_envelope(envelope, utf8=True)


octets = st.one_of(st.none(), st.binary(max_size=20).map(lambda value: value.replace(b"\0", b"")))
addresses = st.lists(st.builds(Address, octets, octets, octets, octets), max_size=3).map(tuple)


@given(
    st.builds(
        Envelope, octets, octets, addresses, addresses, addresses, addresses, addresses, addresses, octets, octets
    ),
    st.booleans(),
)
def test_a_reader_gets_the_envelope_back(envelope: Envelope, utf8: bool) -> None:
    def plain(value: object) -> object:
        if not isinstance(value, tuple):
            return value
        return [[a.name, a.route, a.mailbox, a.host] for a in value] or None

    expected = [plain(getattr(envelope, name)) for name in Envelope.__slots__]
    assert read_list(write_envelope(envelope, utf8)) == expected
