"""The lines that final delivery puts before a message (RFC 5321 §4.4); nothing else of it is changed.

Invariant: every value here came through a parser that lets no CR, LF or NUL pass, so no line can be added by a sender.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from bustia.protocol.smtp.address import write_path
from bustia.server.smtp.context import Context


def trace_lines(context: Context) -> bytes:
    """Return-Path and Received.

    Return-path-line = "Return-Path:" FWS Reverse-path CRLF
    Time-stamp-line  = "Received:" FWS Stamp CRLF
    FOR is said of a single recipient only: the others of a message shall not be told (RFC 5321 §7.6).
    """
    transaction = context.transaction
    peer = context.connection.stream.peer
    origin = f"[{'IPv6:' if ':' in peer.host else ''}{peer.host}]" if peer.host else "local"  # RFC 5321 §4.1.3
    stamp = [
        f"Received: from {context.client} ({origin})",
        f"\tby {context.services.name} (Bustia) with {_protocol(context)} id {context.message_id}",
    ]
    if len(transaction.recipients) == 1:
        stamp.append(f"\tfor <{transaction.recipients[0].address.text}>")
    now = datetime.fromtimestamp(int(context.services.clock()), UTC)
    stamp[-1] += ";"
    stamp.append(f"\t{format_datetime(now)}")
    return b"Return-Path: " + write_path(transaction.mail.sender) + b"\r\n" + "\r\n".join(stamp).encode() + b"\r\n"


def _protocol(context: Context) -> str:
    """The name that was used, from the registry of RFC 3848 and RFC 6531 §4.3."""
    return f"{'UTF8' if context.transaction.mail.utf8 else ''}LMTP{'S' if context.connection.stream.is_tls else ''}"
