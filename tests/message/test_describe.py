"""All facts of a mail."""

from __future__ import annotations

from hypothesis import given

from bustia.message.describe import describe, write_utf8
from bustia.message.fields import header_fields
from bustia.message.pop3_form import pop3_form
from generated_mail import messages
from imap_list import read_list

OCTETS = (
    b"Received: by x\r\nDate: Thu, 29 Feb 2024 23:00:00 -0200\r\nFrom: =?utf-8?q?An=C3=A9?= <a@x.example>\r\n"
    b"To: g: b@x.example;\r\nSubject: Re: =?utf-8?q?=C3=A9t=C3=A9?=\r\nMessage-ID: <2@x.example>\r\n"
    b"References: <0@x.example> <1@x.example>\r\n\r\nHello\n"
)


def test_the_facts_of_a_message() -> None:
    facts = describe(OCTETS)
    assert facts.size == len(OCTETS)
    assert facts.pop3_size == len(OCTETS) + 1
    assert facts.header_size == len(OCTETS) - len("Hello\n")
    assert (facts.subject, facts.base_subject, facts.preview) == ("Re: été", "été", "Hello")
    assert facts.sent == 1709254800
    assert facts.sent_day == 738945
    assert (facts.message_id, facts.references) == ("2@x.example", ("0@x.example", "1@x.example"))
    assert facts.correspondents == ("Ané", "b@x.example", "")
    assert not facts.has_attachment
    assert not facts.has_8bit


def test_the_header_cache_has_the_common_fields_as_they_stand() -> None:
    facts = describe(OCTETS)
    assert facts.header_cache == OCTETS[OCTETS.index(b"Date") : OCTETS.index(b"\r\n\r\n") + 2]
    names = frozenset((b"to", b"subject"))
    assert header_fields(facts.header_cache, names, False) == header_fields(OCTETS[: facts.header_size], names, False)


def test_8bit_and_extended_values_mark_a_mail_whose_utf8_form_differs() -> None:
    for header in (
        b"Subject: \xc3\xa9",
        b"Content-Disposition: x; filename*=utf-8''%C3%A9",
        b"Content-Type: a/b; c*=''d",
    ):
        octets = header + b"\r\n\r\n\xff"
        facts = describe(octets)
        assert facts.has_8bit
        assert write_utf8(octets) != (facts.envelope, facts.body, facts.body_structure)
    assert not describe(b"Subject: a\r\n\r\n\xff").has_8bit


def test_an_empty_message_has_facts() -> None:
    facts = describe(b"")
    assert (facts.size, facts.pop3_size, facts.header_size, facts.sent) == (0, 2, 0, None)


@given(messages())
def test_any_message_has_the_same_facts_again(octets: bytes) -> None:
    facts = describe(octets)
    assert describe(octets) == facts
    assert facts.pop3_size == len(pop3_form(octets))
    for item in (facts.envelope, facts.body, facts.body_structure):
        assert b"\0" not in item
        read_list(item)
    if not facts.has_8bit:
        assert write_utf8(octets) == (facts.envelope, facts.body, facts.body_structure)
    for item in write_utf8(octets):
        read_list(item)
