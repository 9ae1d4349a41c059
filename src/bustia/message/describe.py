"""All facts of one mail from its octets, computed once at delivery (design: ready octets).

Invariants: never raises, whatever the octets; linear; the same octets give the same facts under the same RENDERER.
"""

from __future__ import annotations

from collections.abc import Sequence

from bustia.message.addresses import Address
from bustia.message.attachments import is_attachment
from bustia.message.body_structure import body_structure_of, write_both
from bustia.message.dates import parse_date
from bustia.message.encoded_words import decode_words
from bustia.message.envelope import envelope_of, write_envelope
from bustia.message.facts import HEADER_CACHE_FIELDS, MailFacts
from bustia.message.fields import Octets, header_fields, single
from bustia.message.pop3_form import pop3_size
from bustia.message.preview import preview_of
from bustia.message.scanner import Part, scan
from bustia.message.section import pack_parts
from bustia.message.subject import MAX_SUBJECT, base_subject
from bustia.message.thread import message_id_of, references_of


def describe(octets: Octets) -> MailFacts:
    """Facts of a mail; `octets` is the whole message as stored."""
    parts = scan(octets)
    root = parts[0]
    fields = root.fields
    envelope = envelope_of(fields)
    body, body_structure = write_both(body_structure_of(octets, parts))
    header = bytes(octets[: root.body_start])
    subject = decode_words(single(fields, b"subject") or b"")[:MAX_SUBJECT]
    sent = parse_date(envelope.date or b"")
    return MailFacts(
        size=len(octets),
        pop3_size=pop3_size(octets),
        header_size=root.body_start,
        envelope=write_envelope(envelope),
        body=body,
        body_structure=body_structure,
        has_8bit=_differs_in_utf8(octets, parts),
        parts=pack_parts(parts),
        header_cache=header_fields(header, HEADER_CACHE_FIELDS, False)[:-2],
        preview=preview_of(octets, parts),
        subject=subject,
        base_subject=base_subject(subject),
        sent=sent.seconds if sent is not None else None,
        sent_day=sent.day if sent is not None else None,
        message_id=message_id_of(fields),
        references=references_of(fields),
        correspondents=(_person(envelope.from_), _person(envelope.to), _person(envelope.cc)),
        has_attachment=any(is_attachment(parts, part) for part in parts),
    )


def _differs_in_utf8(octets: Octets, parts: Sequence[Part]) -> bool:
    """Whether ENVELOPE or BODYSTRUCTURE may differ under UTF8=ACCEPT or IMAP4rev2: 8-bit or RFC 2231 values."""
    if any(b"*" in name for part in parts for name, _ in part.content_type.parameters):
        return True
    return any(
        not octets[part.header_start : part.body_start].isascii()
        or any(b"*" in value for value in part.fields.get(b"content-disposition", ()))
        for part in parts
    )


def _person(addresses: tuple[Address, ...]) -> str:
    """The first mailbox's display name, or else its address, for lists."""
    for address in addresses:
        if address.host is None:
            continue
        name = decode_words(address.name).strip() if address.name else ""
        return name or decode_words((address.mailbox or b"") + b"@" + address.host)
    return ""


def write_utf8(octets: bytes) -> tuple[bytes, bytes, bytes]:
    """ENVELOPE, BODY and BODYSTRUCTURE for a session with UTF8=ACCEPT or IMAP4rev2 (RFC 6855 §3, RFC 9051 §7.5.2).

    Wanted only for a mail whose facts say `has_8bit`; for others they equal the stored forms.
    """
    parts = scan(octets)
    body, body_structure = write_both(body_structure_of(octets, parts), utf8=True)
    return write_envelope(envelope_of(parts[0].fields), utf8=True), body, body_structure
