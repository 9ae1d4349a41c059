"""All responses, both ways: whatever a server says is one of these values.

Invariant: a line that the client does not understand is told as `Unknown`, never guessed at: servers may say new things (RFC 9051 §7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from bustia.protocol.imap import copy, general, list, mailbox, mailbox_data, quota, response, search
from bustia.protocol.imap.fetch import FetchData, FetchRows
from bustia.protocol.imap.fetch_rows import write_fetch_rows
from bustia.protocol.imap.writer import Literals, Writer

Data: TypeAlias = (
    general.CapabilityData
    | general.EnabledData
    | general.IDData
    | mailbox.FlagsData
    | mailbox.ExistsData
    | mailbox.RecentData
    | mailbox.StatusData
    | mailbox.NamespaceData
    | list.ListData
    | list.LsubData
    | search.SearchData
    | search.ESearchData
    | copy.ExpungeData
    | quota.QuotaData
    | quota.QuotaRootData
)

Response: TypeAlias = Data | FetchData | response.Status | response.Continuation  # what a client reads
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
    list.ListData: list.write_list_data,
    list.LsubData: list.write_lsub_data,
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
