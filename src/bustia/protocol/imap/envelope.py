"""Reads an ENVELOPE into the value that `message/envelope.py` writes (RFC 9051 §7.5.2)."""

from __future__ import annotations

import re

from bustia.message.addresses import Address
from bustia.message.envelope import Envelope
from bustia.protocol.imap.cursor import Cursor

_PLAIN = rb'(?:"([^"\\\x00\r\n]*+)"|[Nn][Ii][Ll])'  # an nstring without escapes or literal
_PLAIN_ADDRESS = re.compile(rb"\(" + b" ".join([_PLAIN] * 4) + rb"\)")  # nearly all: read at once, four times as fast


def parse_envelope(cursor: Cursor) -> Envelope:
    """Reads an envelope.

    envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc SP
               env-in-reply-to SP env-message-id ")"
    """
    cursor.expect(b"(")
    date = cursor.nstring()
    cursor.space()
    subject = cursor.nstring()
    from_, sender, reply_to, to, cc, bcc = (_next_addresses(cursor) for _ in range(6))
    cursor.space()
    in_reply_to = cursor.nstring()
    cursor.space()
    message_id = cursor.nstring()
    cursor.expect(b")")
    return Envelope(date, subject, from_, sender, reply_to, to, cc, bcc, in_reply_to, message_id)


def _next_addresses(cursor: Cursor) -> tuple[Address, ...]:
    cursor.space()
    return _parse_addresses(cursor)


def _parse_addresses(cursor: Cursor) -> tuple[Address, ...]:
    """env-from = "(" 1*address ")" / nil ; a space between addresses, which some servers write, is passed over"""
    if cursor.nil():
        return ()
    cursor.expect(b"(")
    addresses = [_parse_address(cursor)]
    while not cursor.skip(b")"):
        cursor.skip(b" ")
        addresses.append(_parse_address(cursor))
    return tuple(addresses)


def _parse_address(cursor: Cursor) -> Address:
    """address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")\""""
    plain = _PLAIN_ADDRESS.match(cursor.line, cursor.at)
    if plain is not None:
        cursor.at = plain.end()
        return Address(*plain.groups())
    cursor.expect(b"(")
    name = cursor.nstring()
    cursor.space()
    route = cursor.nstring()
    cursor.space()
    mailbox = cursor.nstring()
    cursor.space()
    host = cursor.nstring()
    cursor.expect(b")")
    return Address(name, route, mailbox, host)
