"""Puts the parts together: one store, its services, their doors.

Invariants
- Every port is bound before the store is opened: a port that is taken is an error at once, with nothing to undo.
- The store starts before the first door opens and ends after the last session: nobody is served by half a house.
- What the floors below must not take by themselves is given to them here: the clock, randomness, sockets, certificates.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from bustia.server.auth import Authenticator
from bustia.server.imap.service import imap_service
from bustia.server.listener import Listener
from bustia.server.pop3.service import pop3_service
from bustia.server.settings import AuthSettings, ListenerLimits
from bustia.server.smtp.service import lmtp_service
from bustia.store.sqlite.directory import FILE
from bustia.store.sqlite.store import SqliteStore

T = TypeVar("T")

SWITCH_SECONDS = 0.0005  # a store thread wants the interpreter back after each statement; Python's own 5 ms would be its waiting time
BACKLOG = 1024  # connections that may wait to be accepted; a burst of a phone network coming back


@dataclass(frozen=True, slots=True)
class Doors:
    """Where each service listens: TCP ports on `host`; 0 lets the system choose, None closes the door."""

    host: str = "127.0.0.1"
    imap: int | None = 0
    imaps: int | None = 0
    pop3: int | None = 0
    pop3s: int | None = 0
    lmtp: int | None = 0


@dataclass(frozen=True, slots=True)
class DaemonSettings:
    """All that a running server needs to know. `name` is the host name told in greetings and trace lines."""

    directory: Path
    name: str
    certificate: Path
    key: Path
    doors: Doors = field(default_factory=Doors)
    auth: AuthSettings = field(default_factory=AuthSettings)
    limits: ListenerLimits = field(default_factory=ListenerLimits)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs `main` on the event loop that servers use."""
    sys.setswitchinterval(SWITCH_SECONDS)
    return uvloop.run(main)


def holds_store(directory: Path) -> bool:
    """Whether there is a store in `directory`; `open_store` would make one."""
    return (directory / FILE).is_file()


def open_store(directory: Path) -> SqliteStore:
    """The store of `directory`, not yet started, with this machine's clock and randomness."""
    return SqliteStore(directory, clock=time.time, new_id=lambda: secrets.token_hex(12))


class Daemon:
    """A running server; `ports` holds each open door's number by service name."""

    def __init__(self, settings: DaemonSettings) -> None:
        self._settings = settings
        self.store = open_store(settings.directory)
        self.ports: dict[str, int] = {}
        self._listeners: list[Listener] = []
        self._authenticator: Authenticator | None = None

    async def start(self) -> None:
        """Binds, opens the store, serves. Raises OSError for a port that cannot be had."""
        sockets = {name: bound for name, port in self._wanted() if (bound := self._bind(port)) is not None}
        self.ports = {name: bound.getsockname()[1] for name, bound in sockets.items()}
        await self.store.start()
        settings = self._settings
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(settings.certificate, settings.key)
        self._authenticator = Authenticator(self.store.directory, settings.auth, key=secrets.token_bytes(32))
        services = (
            imap_service(self.store, self._authenticator, clock=time.time, tls=tls),
            pop3_service(self.store, self._authenticator, name=settings.name, tls=tls),
            lmtp_service(self.store, name=settings.name, clock=time.time, tls=tls),
        )
        for service in services:
            listener = Listener(service, settings.limits)
            self._listeners.append(listener)
            for door, context in ((service.name, None), (service.name + "s", tls)):
                if door in sockets:
                    await listener.listen(sockets[door], context)

    async def stop(self) -> None:
        """Says goodbye to every session, then closes the store."""
        await asyncio.gather(*(listener.stop() for listener in self._listeners))
        if self._authenticator is not None:
            self._authenticator.close()
        await self.store.aclose()

    def _wanted(self) -> list[tuple[str, int | None]]:
        doors = self._settings.doors
        return [(name, getattr(doors, name)) for name in ("imap", "imaps", "pop3", "pop3s", "lmtp")]

    def _bind(self, port: int | None) -> socket.socket | None:
        if port is None:
            return None
        bound = socket.socket(socket.AF_INET6 if ":" in self._settings.doors.host else socket.AF_INET)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((self._settings.doors.host, port))
        bound.listen(BACKLOG)
        bound.setblocking(False)
        return bound
