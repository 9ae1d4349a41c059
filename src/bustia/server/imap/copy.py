"""COPY, MOVE, EXPUNGE and their UID forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bustia.model.mailbox import MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.reason import Reason, Refused
from bustia.protocol.imap.copy import Copy, Expunge, Move
from bustia.protocol.imap.response import Condition, CopyUID, Status
from bustia.server.imap.context import MANY, Context
from bustia.server.imap.done import BEYOND, EXPUNGE_ISSUED, Done
from bustia.server.imap.target import TRY_CREATE, target_of
from bustia.store.api import Copied, MailboxInfo, WriteTxn

Transfer = Callable[[WriteTxn, NumberSet, MailboxInfo], Copied]


async def copy(context: Context, command: Copy) -> Done:
    """COPY: all or none (RFC 9051 §6.4.7).

    Into the same mailbox is allowed: the RFC names no exception, and clients use it to give a message a new UID.
    """
    source = context.selected.mailbox
    outcome = await _transfer(context, command, lambda txn, uids, target: txn.copy(source, uids, target.id))
    return outcome if isinstance(outcome, Done) else Done("COPY completed", _copy_uid(outcome))


async def move(context: Context, command: Move) -> Done:
    """MOVE: the code comes before the EXPUNGEs (RFC 9051 §6.4.8, RFC 6851 §4.3), which the session tells when this returns.

    Into the same mailbox is allowed where COPY is (RFC 6851 §3.3).
    """
    source = context.selected_for_change.mailbox
    outcome = await _transfer(context, command, lambda txn, uids, target: txn.move(source, uids, target.id))
    if isinstance(outcome, Done):
        return outcome
    code = _copy_uid(outcome)
    if code is not None:
        context.say(Status(None, Condition.OK, "Moved", code))
    return Done("MOVE completed")


async def _transfer(context: Context, command: Copy | Move, transfer: Transfer) -> Copied | Done:
    """The outcome of moving or copying whole, or why nothing was done."""
    name = MailboxName.parse(command.mailbox)
    uids = context.selected.resolve(command.numbers, command.by_uid, context.saved)
    if uids is None:
        return BEYOND
    wanted = context.selected.as_set(uids)
    whole = not command.by_uid and not command.numbers.saved

    def run(txn: WriteTxn) -> Copied | Done:
        target = target_of(txn, name)
        if target is None:
            return TRY_CREATE
        copied = transfer(txn, wanted, target)
        if whole and len(copied.source) < len(uids):
            raise Refused(Reason.EXPIRED)
        return copied

    try:
        return await context.write(run, heavy=len(uids) > MANY)
    except Refused as refused:
        if refused.reason is Reason.EXPIRED:
            return EXPUNGE_ISSUED  # a message named by its number is gone: nothing was copied (RFC 2180 §4.4.1)
        raise


def _copy_uid(copied: Copied) -> CopyUID | None:
    """COPYUID, or None where no message was named (RFC 4315 §3)."""
    return CopyUID(copied.uid_validity, copied.source, copied.target) if copied.source else None


async def expunge(context: Context, command: Expunge) -> Done:
    """EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9); the session tells what went when this returns."""
    selected = context.selected_for_change
    named: Sequence[int] | None = None
    if command.uids is not None:
        named = selected.resolve(command.uids, True, context.saved)
    uids = None if named is None else selected.as_set(named)
    many = (selected.count if uids is None else len(uids)) > MANY
    await context.write(lambda txn: txn.expunge(selected.mailbox, uids), heavy=many)
    return Done("EXPUNGE completed")
