"""STARTTLS, LOGIN, AUTHENTICATE."""

from __future__ import annotations

import binascii
from dataclasses import dataclass

from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.writer import Writer


@dataclass(frozen=True, slots=True)
class StartTLS:
    """STARTTLS (RFC 9051 §6.2.1)."""


@dataclass(frozen=True, slots=True)
class Login:
    """LOGIN (RFC 9051 §6.2.3)."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """AUTHENTICATE, with the initial response decoded from base64, if there was one (RFC 9051 §6.2.2, RFC 4959 §3)."""

    mechanism: str
    initial: bytes | None = None


def parse_starttls(cursor: Cursor) -> StartTLS:
    """Reads nothing: "STARTTLS" has no arguments."""
    cursor.end()
    return StartTLS()


def write_starttls(command: StartTLS, writer: Writer) -> None:
    """The reverse of `parse_starttls`."""
    writer.raw(b"STARTTLS")


def parse_login(cursor: Cursor) -> Login:
    """login = "LOGIN" SP userid SP password ; both astring (RFC 9051 §9)"""
    cursor.space()
    user = cursor.text()
    cursor.space()
    password = cursor.text()
    cursor.end()
    return Login(user, password)


def write_login(command: Login, writer: Writer) -> None:
    """The reverse of `parse_login`."""
    writer.raw(b"LOGIN ")
    writer.text(command.user)
    writer.raw(b" ")
    writer.text(command.password)


def parse_authenticate(cursor: Cursor) -> Authenticate:
    """authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] ; initial-resp = base64 / "=" (RFC 9051 §9)"""
    cursor.space()
    mechanism = cursor.keyword().decode("ascii")
    initial = None
    if not cursor.done:
        cursor.space()
        text = cursor.line[cursor.at :]
        initial = b"" if text == b"=" else decode_base64(text) if text else None
        if initial is None:
            cursor.fail("Not base64")
        cursor.at = len(cursor.line)
    cursor.end()
    return Authenticate(mechanism, initial)


def write_authenticate(command: Authenticate, writer: Writer) -> None:
    """The reverse of `parse_authenticate`; an empty initial response is "=" (RFC 4959 §3)."""
    writer.raw(b"AUTHENTICATE ")
    writer.atom(command.mechanism)
    if command.initial is not None:
        writer.raw(b" " + (binascii.b2a_base64(command.initial, newline=False) or b"="))


def decode_base64(text: bytes) -> bytes | None:
    """The octets of a line of base64, or None if it is not base64 = *(4base64-char) [base64-terminal] (RFC 9051 §9)."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return None
