"""What a handler may use of its session: what was said of the message so far."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from bustia.protocol.smtp.address import Address
from bustia.protocol.smtp.commands import Mail
from bustia.protocol.smtp.server import ServerConnection
from bustia.server.listener import Connection
from bustia.server.smtp.settings import SmtpSettings
from bustia.store.api import AccountRecord, Store


@dataclass(frozen=True, slots=True)
class SmtpServices:
    """What all sessions share. `clock` gives seconds since 1970 UTC; without `tls` there is no STARTTLS."""

    store: Store
    settings: SmtpSettings
    name: str  # of this host, in greetings and trace lines
    clock: Callable[[], float]
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One accepted RCPT: the address as given, and whose it is."""

    address: Address
    account: AccountRecord


@dataclass(slots=True)
class Transaction:
    """One message on its way: its MAIL, and the accepted recipients in the order of their RCPTs."""

    mail: Mail
    recipients: list[Recipient] = field(default_factory=list)


class Context:
    """One session, as its handlers see it."""

    __slots__ = (
        "_transaction",
        "client",
        "connection",
        "ended",
        "messages",
        "services",
        "shakes_hands",
        "takes_data",
        "wire",
    )

    def __init__(self, services: SmtpServices, connection: Connection) -> None:
        self.services = services
        self.connection = connection
        self.wire = ServerConnection()
        self.client = ""  # what LHLO said
        self.messages = 0  # transactions begun, for their names in the log and the trace lines
        self.ended = False  # the session ends behind the answer
        self.shakes_hands = False  # TLS begins behind the answer
        self.takes_data = False  # the message follows the answer
        self._transaction: Transaction | None = None

    @property
    def transaction(self) -> Transaction:
        """The message on its way; only between MAIL and the end of the message."""
        assert self._transaction is not None
        return self._transaction

    def begin(self, mail: Mail) -> None:
        """Begins a transaction."""
        self._transaction = Transaction(mail)
        self.messages += 1

    def forget(self) -> None:
        """Ends the transaction, if there is one."""
        self._transaction = None

    @property
    def message_id(self) -> str:
        """The name of the current transaction, unlike any other of this process."""
        return f"{self.connection.id}.{self.messages}"
