"""LMTP as a listener needs it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import partial

from bustia.protocol.smtp.replies import Reply, write_reply
from bustia.server.listener import Service
from bustia.server.smtp.context import SmtpServices
from bustia.server.smtp.session import serve
from bustia.server.smtp.settings import SmtpSettings
from bustia.store.api import Store


def lmtp_service(
    store: Store,
    *,
    name: str,
    clock: Callable[[], float],
    tls: ssl.SSLContext | None = None,
    settings: SmtpSettings | None = None,
) -> Service:
    """Takes mail for the accounts of `store` by LMTP (RFC 2033).

    `name` is this host's, `clock` gives seconds since 1970 UTC; without `tls` there is no STARTTLS.
    """
    services = SmtpServices(store, settings or SmtpSettings(), name, clock, tls)
    return Service(
        "lmtp",
        partial(serve, services),
        too_many=write_reply(Reply(421, "4.3.2", ("Too many connections",))),
        bug=write_reply(Reply(421, "4.3.0", ("Internal error",))),
    )
