"""GETQUOTA, GETQUOTAROOT and their data."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.writer import Writer


@dataclass(frozen=True, slots=True)
class GetQuota:
    """GETQUOTA (RFC 9208 §4.1.1)."""

    root: str


@dataclass(frozen=True, slots=True)
class GetQuotaRoot:
    """GETQUOTAROOT (RFC 9208 §4.1.2)."""

    mailbox: str


@dataclass(frozen=True, slots=True)
class QuotaData:
    """`* QUOTA root (STORAGE used limit MESSAGE used limit)`; STORAGE in units of 1,024 octets (RFC 9208 §5.1)."""

    root: str
    resources: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class QuotaRootData:
    """`* QUOTAROOT mailbox root …` (RFC 9208 §4.2.2)."""

    mailbox: str
    roots: tuple[str, ...]


def parse_getquota(cursor: Cursor) -> GetQuota:
    """getquota = "GETQUOTA" SP quota-root-name ; astring (RFC 9208 §7)"""
    cursor.space()
    root = cursor.text()
    cursor.end()
    return GetQuota(root)


def write_getquota(command: GetQuota, writer: Writer) -> None:
    """The reverse of `parse_getquota`."""
    writer.raw(b"GETQUOTA ")
    writer.text(command.root)


def parse_getquotaroot(cursor: Cursor) -> GetQuotaRoot:
    """getquotaroot = "GETQUOTAROOT" SP mailbox (RFC 9208 §7)"""
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.end()
    return GetQuotaRoot(mailbox)


def write_getquotaroot(command: GetQuotaRoot, writer: Writer) -> None:
    """The reverse of `parse_getquotaroot`."""
    writer.raw(b"GETQUOTAROOT ")
    writer.mailbox(command.mailbox)


def parse_quota_data(cursor: Cursor) -> QuotaData:
    """Reads what stands behind `* QUOTA`.

    quota-response = "QUOTA" SP quota-root-name SP "(" quota-resource *(SP quota-resource) ")"    ; RFC 9208 §7
    quota-resource = resource-name SP resource-usage SP resource-limit
    An empty list is read too: RFC 2087 §5.1 had it.
    """
    cursor.space()
    root = cursor.text()
    cursor.space()
    resources = cursor.list(lambda: _parse_resource(cursor))
    return QuotaData(root, resources)


def _parse_resource(cursor: Cursor) -> tuple[str, int, int]:
    name = cursor.keyword().decode("ascii")
    cursor.space()
    used = cursor.number64()
    cursor.space()
    return name, used, cursor.number64()


def write_quota_data(data: QuotaData, writer: Writer) -> None:
    """The reverse of `parse_quota_data`."""
    writer.raw(b"QUOTA ")
    writer.text(data.root)
    writer.raw(
        b" (" + b" ".join(b"%b %d %d" % (n.encode("ascii"), used, most) for n, used, most in data.resources) + b")"
    )


def parse_quota_root_data(cursor: Cursor) -> QuotaRootData:
    """quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name) (RFC 9208 §7)"""
    cursor.space()
    mailbox = cursor.mailbox()
    roots: list[str] = []
    while cursor.skip(b" "):
        roots.append(cursor.text())
    return QuotaRootData(mailbox, tuple(roots))


def write_quota_root_data(data: QuotaRootData, writer: Writer) -> None:
    """The reverse of `parse_quota_root_data`."""
    writer.raw(b"QUOTAROOT ")
    writer.mailbox(data.mailbox)
    for root in data.roots:
        writer.raw(b" ")
        writer.text(root)
