"""POP3 as a listener needs it."""

from __future__ import annotations

import ssl
from functools import partial

from bustia.protocol.pop3.replies import Reply, write_reply
from bustia.server.auth import Authenticator
from bustia.server.listener import Service
from bustia.server.pop3.context import Pop3Services
from bustia.server.pop3.session import serve
from bustia.server.pop3.settings import Pop3Settings
from bustia.store.api import Store


def pop3_service(
    store: Store,
    authenticator: Authenticator,
    *,
    name: str,
    tls: ssl.SSLContext | None = None,
    settings: Pop3Settings | None = None,
) -> Service:
    """Serves `store` by POP3; `name` is this host's in the greeting; without `tls` there is no STLS."""
    services = Pop3Services(store, authenticator, settings or Pop3Settings(), name, tls)
    return Service(
        "pop3",
        partial(serve, services),
        too_many=write_reply(Reply(False, "Too many connections", "SYS/TEMP")),
        bug=write_reply(Reply(False, "Internal error", "SYS/PERM")),
    )
