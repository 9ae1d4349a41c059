"""What a handler may use of its session, and what it may answer.

Invariant: a handler returns one answer and writes nothing itself, so answers leave in the order of the commands.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bustia.protocol.pop3.replies import Reply
from bustia.protocol.pop3.server import ServerConnection
from bustia.protocol.sasl.exchange import Exchange
from bustia.server.auth import Authenticator
from bustia.server.listener import Connection
from bustia.server.pop3.content import Contents
from bustia.server.pop3.maildrop import Maildrop
from bustia.server.pop3.settings import Pop3Settings
from bustia.store.api import Account, Store


@dataclass(frozen=True, slots=True)
class Pop3Services:
    """What all sessions share; without `tls` there is no STLS."""

    store: Store
    authenticator: Authenticator
    settings: Pop3Settings
    name: str  # of this host
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """A multi-line answer that is short enough to be made whole: printable lines with CRLF, none beginning with a dot."""

    reply: Reply
    octets: bytes


@dataclass(frozen=True, slots=True)
class Streamed:
    """A multi-line answer in pieces, with whole line ends; `sent` is called when all of it was written."""

    reply: Reply
    pieces: AsyncIterator[bytes]
    sent: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Asked:
    """A SASL challenge; the next line is the response."""

    challenge: bytes


Answer = Reply | Lines | Streamed | Asked


@dataclass(frozen=True, slots=True)
class Opened:
    """What a session has after login."""

    account: Account
    maildrop: Maildrop
    contents: Contents


class Context:
    """One session, as its handlers see it."""

    __slots__ = ("_opened", "connection", "ended", "exchange", "name", "services", "shakes_hands", "wire")

    def __init__(self, services: Pop3Services, connection: Connection) -> None:
        self.services = services
        self.connection = connection
        self.wire = ServerConnection()
        self.name: str | None = None  # what USER said, until PASS
        self.exchange: Exchange | None = None  # of AUTH, while it runs
        self.ended = False  # the session ends behind the answer
        self.shakes_hands = False  # TLS begins behind the answer
        self._opened: Opened | None = None

    @property
    def opened(self) -> Opened:
        """Account and maildrop; only after login."""
        assert self._opened is not None
        return self._opened

    @opened.setter
    def opened(self, opened: Opened) -> None:
        self._opened = opened

    @property
    def maildrop(self) -> Maildrop:
        """Only after login."""
        return self.opened.maildrop

    @property
    def maildrop_or_none(self) -> Maildrop | None:
        return None if self._opened is None else self._opened.maildrop
