"""STATUS, alone and within LIST."""

from __future__ import annotations

from bisect import bisect_left

from bustia.model.mailbox import MailboxName
from bustia.protocol.imap.mailbox import Status, StatusData, StatusItem
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done
from bustia.server.imap.selected import Selected
from bustia.store.api import MailboxInfo, ReadTxn


async def status(context: Context, command: Status) -> Done:
    """Answers STATUS (RFC 9051 §6.3.11); HIGHESTMODSEQ turns CONDSTORE on (RFC 7162 §3.1)."""
    name = MailboxName.parse(command.mailbox)
    if StatusItem.HIGHESTMODSEQ in command.items:
        context.enable_condstore()
    selected = context.selected_or_none
    values = await context.account.read(lambda txn: status_values(txn, txn.mailbox(name), command.items, selected))
    context.say(StatusData(name.text, values))
    return Done("STATUS completed")


def status_values(
    txn: ReadTxn, info: MailboxInfo, items: tuple[StatusItem, ...], selected: Selected | None
) -> tuple[tuple[StatusItem, int], ...]:
    """What STATUS says of a mailbox; of the selected one no modseq above what the session was told (design §2 rule 7)."""
    return tuple((item, _value(txn, info, item, selected)) for item in items)


def _value(txn: ReadTxn, info: MailboxInfo, item: StatusItem, selected: Selected | None) -> int:
    match item:
        case StatusItem.MESSAGES:
            return info.messages
        case StatusItem.RECENT:
            return _recent(txn, info)
        case StatusItem.UIDNEXT:
            return info.uid_next
        case StatusItem.UIDVALIDITY:
            return info.uid_validity
        case StatusItem.UNSEEN:
            return info.unseen
        case StatusItem.DELETED:
            return info.deleted
        case StatusItem.DELETED_STORAGE:
            return info.deleted_octets
        case StatusItem.SIZE:
            return info.octets
        case StatusItem.HIGHESTMODSEQ:
            if selected is not None and selected.mailbox == info.id:
                return min(info.highest_modseq, selected.announced_modseq)
            return info.highest_modseq


def _recent(txn: ReadTxn, info: MailboxInfo) -> int:
    """Messages that no read-write session has seen yet (RFC 3501 §6.3.10)."""
    if info.first_recent >= info.uid_next:
        return 0
    uids = txn.view(info.id).uids
    return len(uids) - bisect_left(uids, info.first_recent)
