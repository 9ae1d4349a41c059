"""CAPABILITY, NOOP, LOGOUT, ID, ENABLE and their data."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.writer import Writer

MAX_ID_FIELDS = 30  # field-value pairs (RFC 2971 §3.3)


@dataclass(frozen=True, slots=True)
class Capability:
    """CAPABILITY (RFC 9051 §6.1.1)."""


@dataclass(frozen=True, slots=True)
class Noop:
    """NOOP (RFC 9051 §6.1.2)."""


@dataclass(frozen=True, slots=True)
class Logout:
    """LOGOUT (RFC 9051 §6.1.3)."""


@dataclass(frozen=True, slots=True)
class Check:
    """CHECK, of IMAP4rev1 only (RFC 3501 §6.4.1)."""


@dataclass(frozen=True, slots=True)
class ID:
    """ID with the client's fields, or none for NIL (RFC 2971 §3.1)."""

    fields: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Enable:
    """ENABLE (RFC 9051 §6.3.1); names are upper case."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CapabilityData:
    """`* CAPABILITY …`, also as response code (RFC 9051 §7.2.2)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnabledData:
    """`* ENABLED …` (RFC 9051 §7.2.1)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IDData:
    """`* ID …` (RFC 2971 §3.2)."""

    fields: tuple[tuple[str, str | None], ...] = ()


def parse_capability(cursor: Cursor) -> Capability:
    """Reads nothing: "CAPABILITY" has no arguments."""
    cursor.end()
    return Capability()


def write_capability(command: Capability, writer: Writer) -> None:
    """The reverse of `parse_capability`."""
    writer.raw(b"CAPABILITY")


def parse_noop(cursor: Cursor) -> Noop:
    """Reads nothing: "NOOP" has no arguments."""
    cursor.end()
    return Noop()


def write_noop(command: Noop, writer: Writer) -> None:
    """The reverse of `parse_noop`."""
    writer.raw(b"NOOP")


def parse_logout(cursor: Cursor) -> Logout:
    """Reads nothing: "LOGOUT" has no arguments."""
    cursor.end()
    return Logout()


def write_logout(command: Logout, writer: Writer) -> None:
    """The reverse of `parse_logout`."""
    writer.raw(b"LOGOUT")


def parse_check(cursor: Cursor) -> Check:
    """Reads nothing: "CHECK" has no arguments."""
    cursor.end()
    return Check()


def write_check(command: Check, writer: Writer) -> None:
    """The reverse of `parse_check`."""
    writer.raw(b"CHECK")


def parse_id(cursor: Cursor) -> ID:
    """id = "ID" SP id-params-list (RFC 2971 §4)"""
    cursor.space()
    fields = parse_id_fields(cursor)
    cursor.end()
    return ID(fields)


def write_id(command: ID, writer: Writer) -> None:
    """The reverse of `parse_id`."""
    writer.raw(b"ID ")
    write_id_fields(command.fields, writer)


def parse_id_fields(cursor: Cursor) -> tuple[tuple[str, str | None], ...]:
    """Reads the fields of a command or a response; text that is not UTF-8 is read as ISO 8859-1.

    id-params-list = "(" *(string SP nstring) ")" / nil ; at most MAX_ID_FIELDS (RFC 2971 §3.3)
    """
    if cursor.nil():
        return ()
    fields: list[tuple[str, str | None]] = []
    cursor.expect(b"(")
    while not cursor.skip(b")"):
        if fields:
            cursor.space()
        if len(fields) >= MAX_ID_FIELDS:
            cursor.fail("Too many fields")
        name = cursor.string()
        cursor.space()
        value = cursor.nstring()
        fields.append((_decode(name), None if value is None else _decode(value)))
    return tuple(fields)


def _decode(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def write_id_fields(fields: tuple[tuple[str, str | None], ...], writer: Writer) -> None:
    """The reverse of `parse_id_fields`."""
    if not fields:
        writer.raw(b"NIL")
        return
    before = b"("
    for name, value in fields:
        writer.raw(before)
        before = b" "
        writer.string(name.encode("utf-8"))
        writer.raw(b" ")
        writer.nstring(None if value is None else value.encode("utf-8"))
    writer.raw(b")")


def parse_enable(cursor: Cursor) -> Enable:
    """enable = "ENABLE" 1*(SP capability)"""
    cursor.space()
    names = [cursor.keyword().decode("ascii")]
    while cursor.skip(b" "):
        names.append(cursor.keyword().decode("ascii"))
    cursor.end()
    return Enable(tuple(names))


def write_enable(command: Enable, writer: Writer) -> None:
    """The reverse of `parse_enable`. Raises ValueError where there is no name."""
    if not command.names:
        raise ValueError("ENABLE needs a name")
    writer.raw(b"ENABLE")
    for name in command.names:
        writer.raw(b" ")
        writer.atom(name)


def parse_capability_data(cursor: Cursor) -> CapabilityData:
    """capability-data = "CAPABILITY" *(SP capability)"""
    return CapabilityData(_parse_names(cursor))


def write_capability_data(data: CapabilityData, writer: Writer) -> None:
    """The reverse of `parse_capability_data`."""
    writer.raw(b"CAPABILITY")
    _write_names(data.names, writer)


def parse_enabled_data(cursor: Cursor) -> EnabledData:
    """enable-data = "ENABLED" *(SP capability)"""
    return EnabledData(_parse_names(cursor))


def write_enabled_data(data: EnabledData, writer: Writer) -> None:
    """The reverse of `parse_enabled_data`."""
    writer.raw(b"ENABLED")
    _write_names(data.names, writer)


def _parse_names(cursor: Cursor) -> tuple[str, ...]:
    """*(SP capability); some servers end the line with a space, which is passed over."""
    names: list[str] = []
    while cursor.skip(b" "):
        if cursor.done:
            break
        names.append(cursor.atom().decode("ascii"))
    return tuple(names)


def _write_names(names: tuple[str, ...], writer: Writer) -> None:
    for name in names:
        writer.raw(b" ")
        writer.atom(name)


def parse_id_data(cursor: Cursor) -> IDData:
    """id-response = "ID" SP id-params-list (RFC 2971 §4)"""
    cursor.space()
    return IDData(parse_id_fields(cursor))


def write_id_data(data: IDData, writer: Writer) -> None:
    """The reverse of `parse_id_data`."""
    writer.raw(b"ID ")
    write_id_fields(data.fields, writer)
