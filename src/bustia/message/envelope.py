"""The ENVELOPE of a message: value and wire form (RFC 9051 §7.5.2).

Invariants: date, subject, In-Reply-To and Message-ID are the field's own octets, unfolded, encoded words left encoded;
absent Sender and Reply-To are From; no address list is empty (NIL stands for it).
"""

from __future__ import annotations

from dataclasses import dataclass

from bustia.message.addresses import Address, parse_addresses
from bustia.message.fields import Fields, first
from bustia.message.imap_string import write_nstring

ENVELOPE_FIELDS: frozenset[bytes] = frozenset(
    b"date subject from sender reply-to to cc bcc in-reply-to message-id".split()
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """RFC 9051 §9, envelope; None means the field is absent, an empty tuple NIL."""

    date: bytes | None = None
    subject: bytes | None = None
    from_: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    in_reply_to: bytes | None = None
    message_id: bytes | None = None


def envelope_of(fields: Fields) -> Envelope:
    """Envelope of a message by its header fields; Sender and Reply-To default to From (RFC 9051 §7.5.2)."""
    from_ = parse_addresses(fields.get(b"from", ()))
    return Envelope(
        date=first(fields, b"date"),
        subject=first(fields, b"subject"),
        from_=from_,
        sender=parse_addresses(fields.get(b"sender", ())) or from_,
        reply_to=parse_addresses(fields.get(b"reply-to", ())) or from_,
        to=parse_addresses(fields.get(b"to", ())),
        cc=parse_addresses(fields.get(b"cc", ())),
        bcc=parse_addresses(fields.get(b"bcc", ())),
        in_reply_to=first(fields, b"in-reply-to"),
        message_id=first(fields, b"message-id"),
    )


def write_envelope(envelope: Envelope, utf8: bool = False) -> bytes:
    """Wire form of an envelope.

    envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc SP
               env-in-reply-to SP env-message-id ")"                                      ; RFC 9051 §9
    """
    from_ = _write_addresses(envelope.from_, utf8)
    return b"(%b %b %b %b %b %b %b %b %b %b)" % (
        write_nstring(envelope.date, utf8),
        write_nstring(envelope.subject, utf8),
        from_,
        from_ if envelope.sender is envelope.from_ else _write_addresses(envelope.sender, utf8),
        from_ if envelope.reply_to is envelope.from_ else _write_addresses(envelope.reply_to, utf8),
        _write_addresses(envelope.to, utf8),
        _write_addresses(envelope.cc, utf8),
        _write_addresses(envelope.bcc, utf8),
        write_nstring(envelope.in_reply_to, utf8),
        write_nstring(envelope.message_id, utf8),
    )


def _write_addresses(addresses: tuple[Address, ...], utf8: bool) -> bytes:
    """`NIL` or a list of (addr-name SP addr-adl SP addr-mailbox SP addr-host), without spaces between (RFC 9051 §9)."""
    if not addresses:
        return b"NIL"
    return (
        b"("
        + b"".join(
            b"(%b %b %b %b)"
            % (
                write_nstring(address.name, utf8),
                write_nstring(address.route, utf8),
                write_nstring(address.mailbox, utf8),
                write_nstring(address.host, utf8),
            )
            for address in addresses
        )
        + b")"
    )
