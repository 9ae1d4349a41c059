"""APPEND: the message goes from the wire into a spool, outside any transaction, and is filed by one short one.

Invariant: the spool is closed on every way out. It is the session's from the announcement until the command is whole or void.
"""

from __future__ import annotations

from bustia.model.mailbox import MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.reason import Reason, Refused
from bustia.protocol.imap.append import Append
from bustia.protocol.imap.response import AppendUID, AtomCode, Condition
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done
from bustia.server.imap.flags import no_flag
from bustia.server.imap.target import TRY_CREATE, target_of
from bustia.store.api import Arrival, ReadTxn, Spool, WriteTxn
from bustia.store.delivery import is_heavy, prepared

ON_ITS_WAY = 262_144  # octets; what a spool keeps in memory, and less than what is drained of a refused command


class Incoming:
    """The message of one APPEND while it comes; notes whether it has the octet NUL."""

    __slots__ = ("_refused", "_spool", "has_nul")

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._refused: Refused | None = None  # what went wrong while it was kept
        self.has_nul = False

    def take(self, chunk: bytes) -> None:
        """The next octets; a full disk is answered at the end, for the literal must be read to its end."""
        if not self.has_nul and 0 in chunk:
            self.has_nul = True
        if self._refused is None:
            try:
                self._spool.write(chunk)
            except Refused as refused:
                self._refused = refused

    @property
    def spool(self) -> Spool:
        """The whole message. Raises Refused if it could not be kept."""
        if self._refused is not None:
            raise self._refused
        return self._spool

    def close(self) -> None:
        """Gives memory or file back; safe to call twice."""
        self._spool.close()


async def refusal(context: Context, command: Append, waits: bool) -> Done | None:
    """Why the message need not be sent at all, or None: told before its octets come (RFC 7888 §4, RFC 4469 §4.2).

    A small message that does not wait for the answer is on its way: the account is not asked before, for filing it asks again.
    """
    limit = context.services.settings.append_octets
    if command.size > limit:
        return Done(f"Messages may have {limit} octets", AtomCode("TOOBIG"), Condition.NO)
    if not command.size:
        return Done(
            "A message has at least one octet", condition=Condition.NO
        )  # RFC 3502 §6.3.11: an empty one cancels
    wrong = no_flag(command.flags)
    if wrong is not None:
        return wrong
    if not waits and command.size <= ON_ITS_WAY:
        return None
    name = MailboxName.parse(command.mailbox)

    def look(txn: ReadTxn) -> Done | None:
        quota = txn.quota()
        over = (quota.octets_limit is not None and quota.octets + command.size > quota.octets_limit) or (
            quota.messages_limit is not None and quota.messages >= quota.messages_limit
        )
        if over:
            return Done("Over quota", AtomCode("OVERQUOTA"), Condition.NO)
        return TRY_CREATE if target_of(txn, name) is None else None

    return await context.account.read(look)


async def append(context: Context, command: Append, incoming: Incoming) -> Done:
    """Files the message that came (RFC 9051 §6.3.12); its octets are kept as they are, so NUL is refused outside a literal8."""
    if incoming.has_nul and not command.binary:
        raise Refused(Reason.BAD_CONTENT, "NUL in a message that is no literal8")
    name = MailboxName.parse(command.mailbox)
    mail = await prepared(incoming.spool)
    date = int(context.services.clock()) if command.date is None else command.date
    selected = context.selected_or_none

    def file(txn: WriteTxn) -> Done:
        target = target_of(txn, name)
        if target is None:
            return TRY_CREATE
        flags = txn.make_flags(command.flags)
        uids = txn.append(target.id, (Arrival(mail, flags, date),))
        return Done("APPEND completed", AppendUID(target.uid_validity, NumberSet.of(uids)))

    write = context.account.write if selected is None else context.write
    return await write(file, heavy=is_heavy(mail))
