"""SELECT, EXAMINE, CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, STATUS, NAMESPACE, CLOSE, UNSELECT and their data.

Mailbox names are the decoded text of the wire; whether it is a name at all is the domain's to say (`MailboxName.parse`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.writer import Writer


@dataclass(frozen=True, slots=True)
class Select:
    """SELECT or, when `read_only`, EXAMINE (RFC 9051 §6.3.2, §6.3.3); `condstore` is RFC 7162 §3.1.8."""

    mailbox: str
    read_only: bool = False
    condstore: bool = False


@dataclass(frozen=True, slots=True)
class Create:
    """CREATE, with USE attributes such as `\\Sent` (RFC 9051 §6.3.4, RFC 6154 §3)."""

    mailbox: str
    special_use: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE (RFC 9051 §6.3.5)."""

    mailbox: str


@dataclass(frozen=True, slots=True)
class Rename:
    """RENAME (RFC 9051 §6.3.6)."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """SUBSCRIBE (RFC 9051 §6.3.7)."""

    mailbox: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """UNSUBSCRIBE (RFC 9051 §6.3.8)."""

    mailbox: str


class StatusItem(Enum):
    """What STATUS can tell (RFC 9051 §6.3.11; RECENT of RFC 3501; HIGHESTMODSEQ of RFC 7162 §3.1.7; DELETED-STORAGE of RFC 9208 §4.1.4)."""

    MESSAGES = "MESSAGES"
    RECENT = "RECENT"
    UIDNEXT = "UIDNEXT"
    UIDVALIDITY = "UIDVALIDITY"
    UNSEEN = "UNSEEN"
    DELETED = "DELETED"
    DELETED_STORAGE = "DELETED-STORAGE"
    SIZE = "SIZE"
    HIGHESTMODSEQ = "HIGHESTMODSEQ"


@dataclass(frozen=True, slots=True)
class Status:
    """STATUS (RFC 9051 §6.3.11)."""

    mailbox: str
    items: tuple[StatusItem, ...]


@dataclass(frozen=True, slots=True)
class Namespace:
    """NAMESPACE (RFC 9051 §6.3.10)."""


@dataclass(frozen=True, slots=True)
class Close:
    """CLOSE (RFC 9051 §6.4.1)."""


@dataclass(frozen=True, slots=True)
class Unselect:
    """UNSELECT (RFC 9051 §6.4.2)."""


@dataclass(frozen=True, slots=True)
class FlagsData:
    """`* FLAGS (…)` (RFC 9051 §7.3.5)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExistsData:
    """`* n EXISTS` (RFC 9051 §7.4.1)."""

    count: int


@dataclass(frozen=True, slots=True)
class RecentData:
    """`* n RECENT`, to IMAP4rev1 clients only (RFC 3501 §7.3.2)."""

    count: int


@dataclass(frozen=True, slots=True)
class StatusData:
    """`* STATUS mailbox (…)` (RFC 9051 §7.3.4)."""

    mailbox: str
    values: tuple[tuple[StatusItem, int], ...]


@dataclass(frozen=True, slots=True)
class NamespaceData:
    """`* NAMESPACE …`: (prefix, separator) pairs; an empty tuple is NIL (RFC 9051 §7.3.2)."""

    personal: tuple[tuple[str, str], ...]
    other_users: tuple[tuple[str, str], ...] = ()
    shared: tuple[tuple[str, str], ...] = ()


_STATUS_ITEMS = {item.value.encode("ascii"): item for item in StatusItem}


def _only_mailbox(cursor: Cursor) -> str:
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.end()
    return mailbox


def parse_select(cursor: Cursor) -> Select:
    """select = "SELECT" SP mailbox [SP "(" "CONDSTORE" ")"] ; RFC 9051 §9, RFC 7162 §7"""
    return _parse_select(cursor, read_only=False)


def parse_examine(cursor: Cursor) -> Select:
    """examine = "EXAMINE" SP mailbox [SP "(" "CONDSTORE" ")"] ; RFC 9051 §9, RFC 7162 §7"""
    return _parse_select(cursor, read_only=True)


def _parse_select(cursor: Cursor, *, read_only: bool) -> Select:
    cursor.space()
    mailbox = cursor.mailbox()
    condstore = cursor.skip(b" ")
    if condstore and cursor.list(cursor.keyword) != (b"CONDSTORE",):
        cursor.fail("Unknown parameter")
    cursor.end()
    return Select(mailbox, read_only, condstore)


def write_select(command: Select, writer: Writer) -> None:
    """The reverse of `parse_select` and `parse_examine`."""
    writer.raw(b"EXAMINE " if command.read_only else b"SELECT ")
    writer.mailbox(command.mailbox)
    if command.condstore:
        writer.raw(b" (CONDSTORE)")


def parse_create(cursor: Cursor) -> Create:
    """create = "CREATE" SP mailbox [SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"] ; RFC 9051 §9, RFC 6154 §6"""
    cursor.space()
    mailbox = cursor.mailbox()
    special_use: tuple[str, ...] = ()
    if cursor.skip(b" "):
        cursor.expect(b"(")
        if cursor.keyword() != b"USE":
            cursor.fail("Unknown parameter")
        cursor.space()
        special_use = cursor.flags()
        cursor.expect(b")")
    cursor.end()
    return Create(mailbox, special_use)


def write_create(command: Create, writer: Writer) -> None:
    """The reverse of `parse_create`."""
    writer.raw(b"CREATE ")
    writer.mailbox(command.mailbox)
    if command.special_use:
        writer.raw(b" (USE ")
        writer.flags(command.special_use)
        writer.raw(b")")


def parse_delete(cursor: Cursor) -> Delete:
    """delete = "DELETE" SP mailbox"""
    return Delete(_only_mailbox(cursor))


def write_delete(command: Delete, writer: Writer) -> None:
    """The reverse of `parse_delete`."""
    writer.raw(b"DELETE ")
    writer.mailbox(command.mailbox)


def parse_rename(cursor: Cursor) -> Rename:
    """rename = "RENAME" SP mailbox SP mailbox ; the existing name, then the new one"""
    cursor.space()
    old = cursor.mailbox()
    return Rename(old, _only_mailbox(cursor))


def write_rename(command: Rename, writer: Writer) -> None:
    """The reverse of `parse_rename`."""
    writer.raw(b"RENAME ")
    writer.mailbox(command.old)
    writer.raw(b" ")
    writer.mailbox(command.new)


def parse_subscribe(cursor: Cursor) -> Subscribe:
    """subscribe = "SUBSCRIBE" SP mailbox"""
    return Subscribe(_only_mailbox(cursor))


def write_subscribe(command: Subscribe, writer: Writer) -> None:
    """The reverse of `parse_subscribe`."""
    writer.raw(b"SUBSCRIBE ")
    writer.mailbox(command.mailbox)


def parse_unsubscribe(cursor: Cursor) -> Unsubscribe:
    """unsubscribe = "UNSUBSCRIBE" SP mailbox"""
    return Unsubscribe(_only_mailbox(cursor))


def write_unsubscribe(command: Unsubscribe, writer: Writer) -> None:
    """The reverse of `parse_unsubscribe`."""
    writer.raw(b"UNSUBSCRIBE ")
    writer.mailbox(command.mailbox)


def parse_status(cursor: Cursor) -> Status:
    """status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")\""""
    cursor.space()
    mailbox = cursor.mailbox()
    cursor.space()
    items = parse_status_items(cursor)
    cursor.end()
    return Status(mailbox, items)


def parse_status_items(cursor: Cursor) -> tuple[StatusItem, ...]:
    """ "(" status-att *(SP status-att) ")\""""
    items = cursor.list(lambda: parse_status_item(cursor))
    if not items:
        cursor.fail("No items")
    return items


def parse_status_item(cursor: Cursor) -> StatusItem:
    """Reads one item.

    status-att = "MESSAGES" / "UIDNEXT" / "UIDVALIDITY" / "UNSEEN" / "DELETED" / "DELETED-STORAGE" / "SIZE" / "HIGHESTMODSEQ" / "RECENT"
    """
    item = _STATUS_ITEMS.get(cursor.keyword())
    if item is None:
        cursor.fail("Unknown item")
    return item


def write_status(command: Status, writer: Writer) -> None:
    """The reverse of `parse_status`."""
    writer.raw(b"STATUS ")
    writer.mailbox(command.mailbox)
    writer.raw(b" ")
    write_status_items(command.items, writer)


def write_status_items(items: tuple[StatusItem, ...], writer: Writer) -> None:
    """The reverse of `parse_status_items`."""
    writer.raw(b"(" + " ".join(item.value for item in items).encode("ascii") + b")")


def parse_namespace(cursor: Cursor) -> Namespace:
    """Reads nothing: "NAMESPACE" has no arguments."""
    cursor.end()
    return Namespace()


def write_namespace(command: Namespace, writer: Writer) -> None:
    """The reverse of `parse_namespace`."""
    writer.raw(b"NAMESPACE")


def parse_close(cursor: Cursor) -> Close:
    """Reads nothing: "CLOSE" has no arguments."""
    cursor.end()
    return Close()


def write_close(command: Close, writer: Writer) -> None:
    """The reverse of `parse_close`."""
    writer.raw(b"CLOSE")


def parse_unselect(cursor: Cursor) -> Unselect:
    """Reads nothing: "UNSELECT" has no arguments."""
    cursor.end()
    return Unselect()


def write_unselect(command: Unselect, writer: Writer) -> None:
    """The reverse of `parse_unselect`."""
    writer.raw(b"UNSELECT")
