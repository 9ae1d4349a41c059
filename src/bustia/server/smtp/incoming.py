"""One message from the wire into the accounts of its recipients, with an answer for each.

Invariants
- The message waits in a spool, outside any transaction; the spool is closed on every way out.
- 250 for a recipient is said only after the message is flushed into that account (RFC 2033 §4.2): whoever got none has no copy or may get
  a second one, never the other way round.
- An account that was named several times gets one copy, and each RCPT its answer.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from bustia.model.numbers import AccountID
from bustia.model.reason import Reason, Refused
from bustia.protocol.smtp.data import DataReader, Fault
from bustia.protocol.smtp.replies import Reply, printable, refusal
from bustia.server.smtp.context import Context, Recipient
from bustia.server.smtp.trace import trace_lines
from bustia.store.api import Prepared
from bustia.store.delivery import deliver, prepared

log = logging.getLogger(__name__)


class Incoming:
    """The message of one DATA, while it comes and until it is delivered."""

    __slots__ = ("_context", "_refused", "_spool", "data")

    def __init__(self, context: Context) -> None:
        settings = context.services.settings
        self._context = context
        self._spool = context.services.store.spool()
        self._refused: Refused | None = None  # what went wrong while it was kept
        self.data = DataReader(settings.message_octets, settings.data_line)
        self.take(trace_lines(context))

    def take(self, octets: bytes) -> None:
        """Keeps the next octets; a full disk is answered at the end, for the message must be read to its end."""
        if self._refused is not None or not octets:
            return
        try:
            self._spool.write(octets)
        except Refused as refused:
            self._refused = refused

    def close(self) -> None:
        """Gives memory or file back; safe to call twice."""
        self._spool.close()

    async def deliver(self) -> AsyncIterator[Reply]:
        """Delivers to each recipient in order; one reply for each (RFC 2033 §4.2)."""
        recipients = self._context.transaction.recipients
        mail: Prepared | Refused = self._problem() or await prepared(self._spool)
        given: dict[AccountID, Reply] = {}
        for recipient in recipients:
            if recipient.account.id not in given:
                given[recipient.account.id] = await self._give(mail, recipient)
            yield given[recipient.account.id]

    def _problem(self) -> Refused | None:
        fault = self.data.fault
        if fault is Fault.TOO_BIG:
            return Refused(Reason.TOO_BIG, fault.value)
        return Refused(Reason.BAD_CONTENT, fault.value) if fault else self._refused

    async def _give(self, mail: Prepared | Refused, recipient: Recipient) -> Reply:
        context = self._context
        try:
            if isinstance(mail, Refused):
                raise mail
            account = context.services.store.account(recipient.account.id)
            await deliver(account, mail, mailbox=None, now=int(context.services.clock()))
        except Refused as refused:
            log.info("%s: not delivered to account %d: %s", context.message_id, recipient.account.id, refused)
            return refusal(refused, f"<{recipient.address.text}>")
        log.info("%s: %d octets delivered to account %d", context.message_id, mail.facts.size, recipient.account.id)
        return Reply(250, "2.1.5", (printable(f"<{recipient.address.text}> delivered"),))
