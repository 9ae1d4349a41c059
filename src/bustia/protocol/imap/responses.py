"""All responses, both ways: whatever a server says is one of these values.

Invariant: a line that the client cannot read is told as `Unreadable`, never guessed at and never an exception: servers may say new things
(RFC 9051 §7), and one odd line does not take the others' meaning away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from bustia.protocol.imap import copy, general, mailbox, mailbox_data, quota, response, search
from bustia.protocol.imap import list as list_
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.errors import BadReply
from bustia.protocol.imap.fetch import FetchData, FetchRows
from bustia.protocol.imap.fetch_data import parse_fetch_data
from bustia.protocol.imap.fetch_rows import write_fetch_rows
from bustia.protocol.imap.writer import Literals, Writer
from bustia.protocol.wire import Piece


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no response we know: its first octets (80 at most) and what was wrong."""

    head: bytes
    problem: str


Data: TypeAlias = (
    general.CapabilityData
    | general.EnabledData
    | general.IDData
    | mailbox.FlagsData
    | mailbox.ExistsData
    | mailbox.RecentData
    | mailbox.StatusData
    | mailbox.NamespaceData
    | list_.ListData
    | list_.LsubData
    | search.SearchData
    | search.ESearchData
    | copy.ExpungeData
    | quota.QuotaData
    | quota.QuotaRootData
)

Response: TypeAlias = Data | FetchData | response.Status | response.Continuation | Unreadable  # what a client reads
Answer: TypeAlias = Data | FetchRows | response.Status | response.Continuation  # what a server says

_DATA_WRITERS: dict[type, Callable[[Any, Writer], None]] = {
    general.CapabilityData: general.write_capability_data,
    general.EnabledData: general.write_enabled_data,
    general.IDData: general.write_id_data,
    mailbox.FlagsData: mailbox_data.write_flags_data,
    mailbox.ExistsData: mailbox_data.write_exists_data,
    mailbox.RecentData: mailbox_data.write_recent_data,
    mailbox.StatusData: mailbox_data.write_status_data,
    mailbox.NamespaceData: mailbox_data.write_namespace_data,
    list_.ListData: list_.write_list_data,
    list_.LsubData: list_.write_lsub_data,
    search.SearchData: search.write_search_data,
    search.ESearchData: search.write_esearch_data,
    copy.ExpungeData: copy.write_expunge_data,
    quota.QuotaData: quota.write_quota_data,
    quota.QuotaRootData: quota.write_quota_root_data,
}


def write_answer(answer: Answer, *, utf8: bool) -> bytes:
    """The octets of one answer with its line's end, of FetchRows all its lines.

    response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / message-data / capability-data / …) CRLF
    Raises ValueError for a value that the wire cannot carry.
    """
    if isinstance(answer, FetchRows):
        return write_fetch_rows(answer)
    writer = Writer(Literals.REPLY, utf8=utf8)
    if isinstance(answer, response.Status):
        response.write_status(answer, writer)
    elif isinstance(answer, response.Continuation):
        response.write_continuation(answer, writer)
    else:
        writer.raw(b"* ")
        _DATA_WRITERS[type(answer)](answer, writer)
    writer.raw(b"\r\n")
    return writer.octets()


_DATA_PARSERS: dict[bytes, Callable[[Cursor], Response]] = {
    b"CAPABILITY": general.parse_capability_data,
    b"ENABLED": general.parse_enabled_data,
    b"ID": general.parse_id_data,
    b"FLAGS": mailbox_data.parse_flags_data,
    b"STATUS": mailbox_data.parse_status_data,
    b"NAMESPACE": mailbox_data.parse_namespace_data,
    b"LIST": list_.parse_list_data,
    b"LSUB": list_.parse_lsub_data,
    b"SEARCH": search.parse_search_data,
    b"ESEARCH": search.parse_esearch_data,
    b"QUOTA": quota.parse_quota_data,
    b"QUOTAROOT": quota.parse_quota_root_data,
}
_NUMBERED: dict[bytes, Callable[[int], Response]] = {
    b"EXISTS": mailbox.ExistsData,
    b"RECENT": mailbox.RecentData,
    b"EXPUNGE": copy.ExpungeData,
}
HEAD = 80  # octets of an unreadable line that are kept


def parse_response(pieces: Sequence[Piece], *, utf8: bool) -> Response:
    """Reads one whole response; never raises.

    response = *(continue-req / response-data) response-done    ; RFC 9051 §9
    """
    cursor = Cursor(pieces, utf8=utf8, error=BadReply)
    try:
        found = _parse(cursor)
        cursor.skip(b" ")  # some servers end lines with a space
        cursor.end()
    except BadReply as problem:
        first = pieces[0]
        return Unreadable(first[:HEAD] if isinstance(first, bytes) else b"", str(problem))
    return found


def _parse(cursor: Cursor) -> Response:
    if cursor.skip(b"+"):
        return response.parse_continuation(cursor)
    if not cursor.skip(b"* "):
        tag = cursor.tag()
        cursor.space()
        return response.parse_status(cursor, tag)
    start = cursor.at
    if cursor.line[start : start + 1].isdigit():
        number = cursor.number()
        cursor.space()
        word = cursor.keyword()
        if word == b"FETCH":
            return parse_fetch_data(cursor, number)
        if word not in _NUMBERED:
            cursor.fail("Unknown response")
        return _NUMBERED[word](number)
    parse = _DATA_PARSERS.get(cursor.keyword())
    if parse is not None:
        return parse(cursor)
    cursor.at = start
    return response.parse_status(cursor, None)
