"""The ENVELOPE of a message: value and wire form (RFC 9051 §7.5.2).

Invariants: date, subject, In-Reply-To and Message-ID are the field's own octets on one line, encoded words left encoded;
absent Sender and Reply-To are From; no address list is empty (NIL stands for it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bustia.message.addresses import Address, parse_addresses
from bustia.message.fields import Fields, single
from bustia.message.imap_string import write_nstring

_WHITE_SPACE = re.compile(rb"[ \t\r]+")


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
        date=single(fields, b"date"),
        subject=_spaced(single(fields, b"subject")),
        from_=from_,
        sender=parse_addresses(fields.get(b"sender", ())) or from_,
        reply_to=parse_addresses(fields.get(b"reply-to", ())) or from_,
        to=parse_addresses(fields.get(b"to", ())),
        cc=parse_addresses(fields.get(b"cc", ())),
        bcc=parse_addresses(fields.get(b"bcc", ())),
        in_reply_to=single(fields, b"in-reply-to"),
        message_id=single(fields, b"message-id"),
    )


def _spaced(subject: bytes | None) -> bytes | None:
    """A subject with each run of white space as one space: folds leave tabs and doubled spaces (RFC 5322 §2.2.3)."""
    return None if subject is None else _WHITE_SPACE.sub(b" ", subject)


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
