"""Which handler answers which command; a test holds that every row of the command table has one.

APPEND is not here: it has two moments, the announcement of its message and the end of it, which the session knows apart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bustia.protocol.imap import auth, copy, fetch, flags, general, idle, list, mailbox, quota, search
from bustia.server.imap import auth as auth_handlers
from bustia.server.imap import copy as copy_handlers
from bustia.server.imap import fetch as fetch_handlers
from bustia.server.imap import flags as flags_handlers
from bustia.server.imap import general as general_handlers
from bustia.server.imap import idle as idle_handlers
from bustia.server.imap import list as list_handlers
from bustia.server.imap import mailbox as mailbox_handlers
from bustia.server.imap import quota as quota_handlers
from bustia.server.imap import search as search_handlers
from bustia.server.imap import status as status_handlers
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done

Handler = Callable[[Context, Any], Awaitable[Done]]  # of a context and a value of the key's type

HANDLERS: dict[type, Handler] = {
    general.Capability: general_handlers.capability,
    general.Noop: general_handlers.noop,
    general.Check: general_handlers.noop,
    general.Logout: general_handlers.logout,
    general.ID: general_handlers.identify,
    general.Enable: general_handlers.enable,
    auth.StartTLS: auth_handlers.start_tls,
    auth.Login: auth_handlers.login,
    auth.Authenticate: auth_handlers.authenticate,
    mailbox.Select: mailbox_handlers.select,
    mailbox.Create: mailbox_handlers.create,
    mailbox.Delete: mailbox_handlers.delete,
    mailbox.Rename: mailbox_handlers.rename,
    mailbox.Subscribe: mailbox_handlers.subscribe,
    mailbox.Unsubscribe: mailbox_handlers.unsubscribe,
    mailbox.Namespace: mailbox_handlers.namespace,
    mailbox.Close: mailbox_handlers.close,
    mailbox.Unselect: mailbox_handlers.unselect,
    mailbox.Status: status_handlers.status,
    list.List: list_handlers.list_mailboxes,
    list.Lsub: list_handlers.lsub,
    idle.Idle: idle_handlers.idle,
    copy.Copy: copy_handlers.copy,
    copy.Move: copy_handlers.move,
    copy.Expunge: copy_handlers.expunge,
    fetch.Fetch: fetch_handlers.fetch,
    flags.Store: flags_handlers.store,
    search.Search: search_handlers.search,
    quota.GetQuota: quota_handlers.get_quota,
    quota.GetQuotaRoot: quota_handlers.get_quota_root,
}
