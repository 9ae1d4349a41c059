"""Every message of the corpus: described without an error, every part addressable with the size that it is said to have."""

from __future__ import annotations

import re

from addressable import check_addressable
from bustia.message.attachments import attachments, safe_name
from bustia.message.describe import describe, write_utf8
from bustia.message.pop3_form import pop3_form
from bustia.message.search_text import search_texts
from corpus import corpus


def test_every_message_is_described_and_every_part_has_its_stated_size() -> None:
    count = 0
    for name, octets in corpus():
        for form in (octets, re.sub(rb"\r?\n", b"\r\n", octets)):
            facts = describe(form)
            assert facts.size == len(form), name
            assert facts.pop3_size == len(pop3_form(form)), name
            check_addressable(form)
        count += 1
    assert count > 1_000


def test_every_message_gives_texts_safe_names_and_utf8_forms() -> None:
    for name, octets in corpus():
        search_texts(octets)
        write_utf8(octets)
        for found in attachments(octets):
            assert safe_name(found.name) == found.name, name
