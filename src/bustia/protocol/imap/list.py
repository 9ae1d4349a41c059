"""LIST with its options, LSUB, and their data."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.model.mailbox import SEPARATOR
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.extension import skip_extension
from bustia.protocol.imap.mailbox import StatusItem, parse_status_items, write_status_items
from bustia.protocol.imap.writer import Writer


@dataclass(frozen=True, slots=True)
class List:
    """LIST (RFC 9051 §6.3.9, RFC 5258).

    `select` holds SUBSCRIBED, REMOTE, RECURSIVEMATCH, SPECIAL-USE; `returns` SUBSCRIBED, CHILDREN, SPECIAL-USE; `status` the items of RETURN (STATUS …)
    (RFC 5819). `extended` tells the extended syntax from the plain one, which IMAP4rev1 answers differently for an empty pattern.
    """

    reference: str
    patterns: tuple[str, ...]
    select: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()
    status: tuple[StatusItem, ...] = ()
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Lsub:
    """LSUB, of IMAP4rev1 only (RFC 3501 §6.3.9)."""

    reference: str
    pattern: str


@dataclass(frozen=True, slots=True)
class ListData:
    """`* LIST (…) "/" name` (RFC 9051 §7.3.1); `separator` None is NIL; `child_info` the CHILDINFO names; `old_name` of OLDNAME."""

    attributes: tuple[str, ...]
    separator: str | None
    mailbox: str
    child_info: tuple[str, ...] = ()
    old_name: str | None = None


@dataclass(frozen=True, slots=True)
class LsubData:
    """`* LSUB (…) "/" name` (RFC 3501 §7.2.3)."""

    attributes: tuple[str, ...]
    separator: str | None
    mailbox: str


SELECT_OPTIONS = frozenset({"SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"})  # RFC 5258 §3, RFC 6154 §2
RETURN_OPTIONS = frozenset({"SUBSCRIBED", "CHILDREN", "SPECIAL-USE"})  # RFC 5258 §3, RFC 6154 §2; STATUS has arguments
MAX_PATTERNS = 100  # of one LIST: each is matched against each mailbox


def parse_list(cursor: Cursor) -> List:
    """Reads a LIST in its plain or extended form.

    list             = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
    list-select-opts = "(" [list-select-opt *(SP list-select-opt)] ")" ; RECURSIVEMATCH needs SUBSCRIBED
    mbox-or-pat      = list-mailbox / "(" list-mailbox *(SP list-mailbox) ")"
    list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")"
    return-option    = "SUBSCRIBED" / "CHILDREN" / "SPECIAL-USE" / "STATUS" SP "(" status-att *(SP status-att) ")"
    """
    cursor.space()
    extended = cursor.next_is(b"(")
    select: frozenset[str] = frozenset()
    if extended:
        select = frozenset(cursor.list(lambda: _parse_option(cursor, SELECT_OPTIONS)))
        if "RECURSIVEMATCH" in select and "SUBSCRIBED" not in select:
            cursor.fail("RECURSIVEMATCH needs SUBSCRIBED")
        cursor.space()
    reference = cursor.mailbox()
    cursor.space()
    if cursor.next_is(b"("):
        extended = True
        patterns = cursor.list(cursor.list_mailbox)
        if not 1 <= len(patterns) <= MAX_PATTERNS:
            cursor.fail(f"Not 1 to {MAX_PATTERNS} patterns")
    else:
        patterns = (cursor.list_mailbox(),)
    returns: frozenset[str] = frozenset()
    status: tuple[StatusItem, ...] = ()
    if cursor.skip(b" "):
        extended = True
        if cursor.keyword() != b"RETURN":
            cursor.fail("Expected RETURN")
        cursor.space()
        options = cursor.list(lambda: _parse_return(cursor))
        returns = frozenset(option for option in options if isinstance(option, str))
        status = next((option for option in options if not isinstance(option, str)), ())
    cursor.end()
    return List(reference, patterns, select, returns, status, extended)


def _parse_option(cursor: Cursor, known: frozenset[str]) -> str:
    option = cursor.keyword().decode("ascii")
    if option not in known:
        cursor.fail("Unknown option")
    return option


def _parse_return(cursor: Cursor) -> str | tuple[StatusItem, ...]:
    option = _parse_option(cursor, RETURN_OPTIONS | {"STATUS"})
    if option != "STATUS":
        return option
    cursor.space()
    return parse_status_items(cursor)


def write_list(command: List, writer: Writer) -> None:
    """The reverse of `parse_list`. The plain form cannot say options or several patterns: ValueError."""
    if not command.extended and (command.select or command.returns or command.status or len(command.patterns) != 1):
        raise ValueError("options and several patterns need the extended form")
    writer.raw(b"LIST ")
    if command.extended:
        writer.raw(b"(" + " ".join(sorted(command.select)).encode("ascii") + b") ")
    writer.mailbox(command.reference)
    writer.raw(b" ")
    if not command.extended:
        writer.list_mailbox(command.patterns[0])
        return
    before = b"("
    for pattern in command.patterns:
        writer.raw(before)
        before = b" "
        writer.list_mailbox(pattern)
    writer.raw(b")")
    if command.returns or command.status:
        writer.raw(b" RETURN (" + " ".join(sorted(command.returns)).encode("ascii"))
        if command.status:
            writer.raw(b" STATUS " if command.returns else b"STATUS ")
            write_status_items(command.status, writer)
        writer.raw(b")")


def parse_lsub(cursor: Cursor) -> Lsub:
    """lsub = "LSUB" SP mailbox SP list-mailbox (RFC 3501 §9)"""
    cursor.space()
    reference = cursor.mailbox()
    cursor.space()
    pattern = cursor.list_mailbox()
    cursor.end()
    return Lsub(reference, pattern)


def write_lsub(command: Lsub, writer: Writer) -> None:
    """The reverse of `parse_lsub`."""
    writer.raw(b"LSUB ")
    writer.mailbox(command.reference)
    writer.raw(b" ")
    writer.list_mailbox(command.pattern)


def write_list_data(data: ListData, writer: Writer) -> None:
    """The reverse of `parse_list_data`."""
    writer.raw(b"LIST ")
    _write_place(data.attributes, data.separator, data.mailbox, writer)
    if not data.child_info and data.old_name is None:
        return
    before = b" ("
    if data.child_info:
        writer.raw(before + b'"CHILDINFO" (')
        writer.raw(b" ".join(b'"%b"' % name.encode("ascii") for name in data.child_info) + b")")
        before = b" "
    if data.old_name is not None:
        writer.raw(before + b'"OLDNAME" (')
        writer.mailbox(data.old_name)
        writer.raw(b")")
    writer.raw(b")")


def _write_place(attributes: tuple[str, ...], separator: str | None, mailbox: str, writer: Writer) -> None:
    writer.flags(attributes)
    if separator == SEPARATOR:
        writer.raw(b' "/" ')
    else:
        writer.raw(b" ")
        writer.nstring(None if separator is None else separator.encode("ascii"))
        writer.raw(b" ")
    writer.mailbox(mailbox)


def parse_list_data(cursor: Cursor) -> ListData:
    """Reads a LIST response; extended items that we do not know are passed over.

    mailbox-data       = "LIST" SP mailbox-list
    mailbox-list       = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]
    mbox-list-extended = "(" [mbox-list-extended-item *(SP mbox-list-extended-item)] ")"
    mbox-list-extended-item = astring SP tagged-ext-val
    """
    attributes, separator, mailbox = _parse_place(cursor)
    child_info: tuple[str, ...] = ()
    old_name = None
    if cursor.skip(b" "):
        cursor.expect(b"(")
        first = True
        while not cursor.skip(b")"):
            if not first:
                cursor.space()
            first = False
            tag = cursor.astring().upper()
            cursor.space()
            if tag == b"CHILDINFO":
                child_info = tuple(name.decode("ascii", "replace") for name in cursor.list(cursor.astring))
            elif tag == b"OLDNAME":
                cursor.expect(b"(")
                old_name = cursor.mailbox()
                cursor.expect(b")")
            else:
                skip_extension(cursor)
    return ListData(attributes, separator, mailbox, child_info, old_name)


def _parse_place(cursor: Cursor) -> tuple[tuple[str, ...], str | None, str]:
    cursor.space()
    attributes = cursor.flags()
    cursor.space()
    separator = cursor.nstring()
    cursor.space()
    return attributes, None if separator is None else separator.decode("ascii", "replace"), cursor.mailbox()


def parse_lsub_data(cursor: Cursor) -> LsubData:
    """mailbox-data = "LSUB" SP mailbox-list (RFC 3501 §9)"""
    return LsubData(*_parse_place(cursor))


def write_lsub_data(data: LsubData, writer: Writer) -> None:
    """The reverse of `parse_lsub_data`."""
    writer.raw(b"LSUB ")
    _write_place(data.attributes, data.separator, data.mailbox, writer)
