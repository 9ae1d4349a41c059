"""IMAP as a listener needs it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import partial

from bustia.server.auth import Authenticator
from bustia.server.imap.context import ImapServices
from bustia.server.imap.session import serve
from bustia.server.imap.settings import ImapSettings
from bustia.server.listener import Service
from bustia.store.api import Store


def imap_service(
    store: Store,
    authenticator: Authenticator,
    *,
    clock: Callable[[], float],
    tls: ssl.SSLContext | None = None,
    settings: ImapSettings | None = None,
) -> Service:
    """Serves `store` by IMAP; `clock` gives seconds since 1970 UTC; without `tls` there is no STARTTLS."""
    services = ImapServices(store, authenticator, settings or ImapSettings(), clock, tls)
    return Service(
        "imap",
        partial(serve, services),
        too_many=b"* BYE [UNAVAILABLE] Too many connections\r\n",
        bug=b"* BYE [SERVERBUG] Internal error\r\n",
    )
