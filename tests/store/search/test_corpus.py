"""What narrows a search must hold all that decides it, on real and hostile mail."""

from __future__ import annotations

from bustia.message.describe import describe
from bustia.store.search.comparable import comparable
from bustia.store.search.mail_text import header_text, mail_text
from bustia.store.search.needle import has_field
from corpus import corpus


def test_kept_subjects_and_fields_are_those_of_the_indexed_header() -> None:
    for name, octets in corpus():
        facts = describe(octets)
        header = mail_text(octets).header
        subject = comparable(" " + facts.subject).rstrip()
        assert not subject or has_field(header, b"subject", subject), name
        assert set(header_text(facts.header_cache).split(b"\n")) <= {*header.split(b"\n"), b""}, name
