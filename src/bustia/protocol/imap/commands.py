"""THE table of commands, read by both ends: wire name, value, grammar both ways, states, needed capability, held-back expunges.

Invariant: a command exists if and only if it has a row here. The server's handlers are keyed by the same value types, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any, TypeAlias

from bustia.protocol.imap import append, auth, copy, fetch, flags, general, idle, mailbox, quota, search
from bustia.protocol.imap import list as list_
from bustia.protocol.imap.cursor import Cursor
from bustia.protocol.imap.writer import Writer


class State(Flag):
    """The states of a connection (RFC 9051 §3)."""

    NOT_AUTHENTICATED = auto()
    AUTHENTICATED = auto()
    SELECTED = auto()
    LOGOUT = auto()


Command: TypeAlias = (
    general.Capability
    | general.Noop
    | general.Logout
    | general.Check
    | general.ID
    | general.Enable
    | auth.StartTLS
    | auth.Login
    | auth.Authenticate
    | mailbox.Select
    | mailbox.Create
    | mailbox.Delete
    | mailbox.Rename
    | mailbox.Subscribe
    | mailbox.Unsubscribe
    | mailbox.Status
    | mailbox.Namespace
    | mailbox.Close
    | mailbox.Unselect
    | list_.List
    | list_.Lsub
    | append.Append
    | idle.Idle
    | copy.Copy
    | copy.Move
    | copy.Expunge
    | fetch.Fetch
    | flags.Store
    | search.Search
    | quota.GetQuota
    | quota.GetQuotaRoot
)


@dataclass(frozen=True, slots=True)
class Spec:
    """One row: how a command is called, read, written, and when it is allowed.

    `parse` reads behind the name to the end of the command, `write` writes the name too. `needs` is the capability that announces the
    command where IMAP4rev1 alone does not. `holds_expunge`: no EXPUNGE response may be sent while it runs (RFC 9051 §7.5.1).
    """

    name: bytes
    type: type
    parse: Callable[[Cursor], Command]
    write: Callable[
        [Any, Writer], None
    ]  # of a value of `type`; Callable has no way to say so for a table of many types
    states: State
    needs: str | None = None
    holds_expunge: bool = False


_NOT_YET = State.NOT_AUTHENTICATED
_AUTH = State.AUTHENTICATED | State.SELECTED
_SELECTED = State.SELECTED
_ANY = State.NOT_AUTHENTICATED | State.AUTHENTICATED | State.SELECTED

# fmt: off
COMMANDS: tuple[Spec, ...] = (
    Spec(b"CAPABILITY", general.Capability, general.parse_capability, general.write_capability, _ANY),  # RFC 9051 §6.1.1
    Spec(b"NOOP", general.Noop, general.parse_noop, general.write_noop, _ANY),  # RFC 9051 §6.1.2
    Spec(b"LOGOUT", general.Logout, general.parse_logout, general.write_logout, _ANY),  # RFC 9051 §6.1.3
    Spec(b"ID", general.ID, general.parse_id, general.write_id, _ANY, needs="ID"),  # RFC 2971 §3.1
    Spec(b"STARTTLS", auth.StartTLS, auth.parse_starttls, auth.write_starttls, _NOT_YET, needs="STARTTLS"),  # RFC 9051 §6.2.1
    Spec(b"AUTHENTICATE", auth.Authenticate, auth.parse_authenticate, auth.write_authenticate, _NOT_YET),  # RFC 9051 §6.2.2
    Spec(b"LOGIN", auth.Login, auth.parse_login, auth.write_login, _NOT_YET),  # RFC 9051 §6.2.3
    Spec(b"ENABLE", general.Enable, general.parse_enable, general.write_enable, _AUTH, needs="ENABLE"),  # RFC 9051 §6.3.1
    Spec(b"SELECT", mailbox.Select, mailbox.parse_select, mailbox.write_select, _AUTH),  # RFC 9051 §6.3.2
    Spec(b"EXAMINE", mailbox.Select, mailbox.parse_examine, mailbox.write_select, _AUTH),  # RFC 9051 §6.3.3
    Spec(b"CREATE", mailbox.Create, mailbox.parse_create, mailbox.write_create, _AUTH),  # RFC 9051 §6.3.4
    Spec(b"DELETE", mailbox.Delete, mailbox.parse_delete, mailbox.write_delete, _AUTH),  # RFC 9051 §6.3.5
    Spec(b"RENAME", mailbox.Rename, mailbox.parse_rename, mailbox.write_rename, _AUTH),  # RFC 9051 §6.3.6
    Spec(b"SUBSCRIBE", mailbox.Subscribe, mailbox.parse_subscribe, mailbox.write_subscribe, _AUTH),  # RFC 9051 §6.3.7
    Spec(b"UNSUBSCRIBE", mailbox.Unsubscribe, mailbox.parse_unsubscribe, mailbox.write_unsubscribe, _AUTH),  # RFC 9051 §6.3.8
    Spec(b"LIST", list_.List, list_.parse_list, list_.write_list, _AUTH),  # RFC 9051 §6.3.9
    Spec(b"LSUB", list_.Lsub, list_.parse_lsub, list_.write_lsub, _AUTH),  # RFC 3501 §6.3.9
    Spec(b"NAMESPACE", mailbox.Namespace, mailbox.parse_namespace, mailbox.write_namespace, _AUTH, needs="NAMESPACE"),  # RFC 9051 §6.3.10
    Spec(b"STATUS", mailbox.Status, mailbox.parse_status, mailbox.write_status, _AUTH),  # RFC 9051 §6.3.11
    Spec(b"APPEND", append.Append, append.parse_append_without_message, append.write_append, _AUTH),  # RFC 9051 §6.3.12
    Spec(b"IDLE", idle.Idle, idle.parse_idle, idle.write_idle, _AUTH, needs="IDLE"),  # RFC 9051 §6.3.13
    Spec(b"GETQUOTA", quota.GetQuota, quota.parse_getquota, quota.write_getquota, _AUTH, needs="QUOTA"),  # RFC 9208 §4.1.1
    Spec(b"GETQUOTAROOT", quota.GetQuotaRoot, quota.parse_getquotaroot, quota.write_getquotaroot, _AUTH, needs="QUOTA"),  # RFC 9208 §4.1.2
    Spec(b"CHECK", general.Check, general.parse_check, general.write_check, _SELECTED),  # RFC 3501 §6.4.1
    Spec(b"CLOSE", mailbox.Close, mailbox.parse_close, mailbox.write_close, _SELECTED),  # RFC 9051 §6.4.1
    Spec(b"UNSELECT", mailbox.Unselect, mailbox.parse_unselect, mailbox.write_unselect, _SELECTED, needs="UNSELECT"),  # RFC 9051 §6.4.2
    Spec(b"EXPUNGE", copy.Expunge, copy.parse_expunge, copy.write_expunge, _SELECTED),  # RFC 9051 §6.4.3
    Spec(b"SEARCH", search.Search, search.parse_search, search.write_search, _SELECTED, holds_expunge=True),  # RFC 9051 §6.4.4
    Spec(b"FETCH", fetch.Fetch, fetch.parse_fetch, fetch.write_fetch, _SELECTED, holds_expunge=True),  # RFC 9051 §6.4.5
    Spec(b"STORE", flags.Store, flags.parse_store, flags.write_store, _SELECTED, holds_expunge=True),  # RFC 9051 §6.4.6
    Spec(b"COPY", copy.Copy, copy.parse_copy, copy.write_copy, _SELECTED),  # RFC 9051 §6.4.7
    Spec(b"MOVE", copy.Move, copy.parse_move, copy.write_move, _SELECTED, needs="MOVE"),  # RFC 9051 §6.4.8
    Spec(b"UID SEARCH", search.Search, search.parse_uid_search, search.write_search, _SELECTED),  # RFC 9051 §6.4.9
    Spec(b"UID FETCH", fetch.Fetch, fetch.parse_uid_fetch, fetch.write_fetch, _SELECTED),  # RFC 9051 §6.4.9
    Spec(b"UID STORE", flags.Store, flags.parse_uid_store, flags.write_store, _SELECTED),  # RFC 9051 §6.4.9
    Spec(b"UID COPY", copy.Copy, copy.parse_uid_copy, copy.write_copy, _SELECTED),  # RFC 9051 §6.4.9
    Spec(b"UID MOVE", copy.Move, copy.parse_uid_move, copy.write_move, _SELECTED, needs="MOVE"),  # RFC 9051 §6.4.9
    Spec(b"UID EXPUNGE", copy.Expunge, copy.parse_uid_expunge, copy.write_expunge, _SELECTED, needs="UIDPLUS"),  # RFC 9051 §6.4.9
)
# fmt: on

BY_NAME: dict[bytes, Spec] = {spec.name: spec for spec in COMMANDS}
BY_TYPE: dict[type, Spec] = {
    spec.type: spec for spec in reversed(COMMANDS)
}  # the first row of a type: the form without UID


def parse_name(cursor: Cursor) -> Spec:
    """Reads a command's name, behind the tag and its space; UID takes the following word with it."""
    start = cursor.at
    name = cursor.keyword()
    if name == b"UID":
        cursor.space()
        name = b"UID " + cursor.keyword()
    spec = BY_NAME.get(name)
    if spec is None:
        cursor.at = start
        cursor.fail("Unknown command")
    return spec


def write_command(command: Command, writer: Writer) -> None:
    """Writes name and arguments, without tag and line end. Raises ValueError for a value that the wire cannot carry."""
    BY_TYPE[type(command)].write(command, writer)


def holds_expunge(command: Command) -> bool:
    """True while no EXPUNGE response may be sent: FETCH, STORE and SEARCH by sequence number (RFC 9051 §7.5.1)."""
    return BY_TYPE[type(command)].holds_expunge and not getattr(command, "by_uid", False)
