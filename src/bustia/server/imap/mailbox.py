"""SELECT, EXAMINE, CLOSE, UNSELECT, CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, NAMESPACE."""

from __future__ import annotations

from collections.abc import Sequence

from bustia.model.flags import SEEN
from bustia.model.mailbox import SEPARATOR, MailboxName, SpecialUse
from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MailboxID
from bustia.model.reason import Reason, Refused
from bustia.protocol.imap.mailbox import (
    Close,
    Create,
    Delete,
    ExistsData,
    Namespace,
    NamespaceData,
    RecentData,
    Rename,
    Select,
    Subscribe,
    Unselect,
    Unsubscribe,
)
from bustia.protocol.imap.response import AtomCode, Condition, NumberCode, Status
from bustia.server.imap.context import MANY, Context
from bustia.server.imap.done import Done
from bustia.server.imap.flag_octets import FlagOctets
from bustia.server.imap.opened import flag_lists, highest_modseq
from bustia.server.imap.selected import Selected
from bustia.store.api import MailboxInfo, ReadTxn, View, WriteTxn

# Not \All and \Flagged: such a mailbox shows what is kept elsewhere (RFC 6154 §2), and ours hold their own.
USES = {use.value.upper(): use for use in SpecialUse if use not in (SpecialUse.ALL, SpecialUse.FLAGGED)}
BAD_USE = Done("No such special use", AtomCode("USEATTR"), Condition.NO)  # RFC 6154 §3

Opened = tuple[MailboxInfo, View, Sequence[str]]


async def select(context: Context, command: Select) -> Done:
    """Opens a mailbox (RFC 9051 §6.3.2, §6.3.3); whatever happens, the one before is closed without expunging."""
    if context.selected_or_none is not None:
        context.unselect()
        context.say(Status(None, Condition.OK, "Previous mailbox closed", AtomCode("CLOSED")))  # RFC 9051 §7.1
    name = MailboxName.parse(command.mailbox)
    if command.condstore:
        context.enable_condstore()
    info, view, keywords = await context.account.read(lambda txn: _open(txn, name))
    recent = EMPTY
    if info.first_recent < info.uid_next:
        # Messages beyond the view, which arrive just now, are this session's too: it is the first to hear of them.
        recent = NumberSet(((info.first_recent, info.uid_next - 1),))
        if not command.read_only:
            recent = await context.claim_recent(info.id)
    selected = Selected(
        info.id,
        name,
        info.uid_validity,
        view,
        FlagOctets(keywords),
        read_only=command.read_only,
        recent=recent,
    )
    context.select(selected)
    _say_opened(context, selected, info, view)
    if command.read_only:
        return Done("EXAMINE completed", AtomCode("READ-ONLY"))
    return Done("SELECT completed", AtomCode("READ-WRITE"))


def _open(txn: ReadTxn, name: MailboxName) -> Opened:
    info = txn.mailbox(name)
    return info, txn.view(info.id), txn.keywords()


def _say_opened(context: Context, selected: Selected, info: MailboxInfo, view: View) -> None:
    context.say(*flag_lists(selected))
    context.say(ExistsData(selected.count), RecentData(selected.recent_count()))
    if info.unseen:
        first = next((at for at, flags in enumerate(view.flags, 1) if not flags & SEEN), None)
        if first is not None:
            context.say(Status(None, Condition.OK, "First unseen", NumberCode("UNSEEN", first)))  # RFC 3501 §7.1
    context.say(
        Status(None, Condition.OK, "UIDs valid", NumberCode("UIDVALIDITY", info.uid_validity)),
        Status(None, Condition.OK, "Predicted next UID", NumberCode("UIDNEXT", info.uid_next)),
        highest_modseq(selected),
    )


async def close(context: Context, command: Close) -> Done:
    """CLOSE: expunges without a word, unless the mailbox was opened by EXAMINE (RFC 9051 §6.4.1)."""
    selected = context.selected
    context.unselect()
    if not selected.read_only:
        await context.account.write(lambda txn: txn.expunge(selected.mailbox), heavy=selected.count > MANY)
    return Done("CLOSE completed")


async def unselect(context: Context, command: Unselect) -> Done:
    """UNSELECT: closes without expunging (RFC 9051 §6.4.2)."""
    context.unselect()
    return Done("UNSELECT completed")


async def create(context: Context, command: Create) -> Done:
    """CREATE; a separator at the end only says that names below it will follow (RFC 9051 §6.3.4), a use is of RFC 6154 §3."""
    uses = [USES.get(use.upper()) for use in command.special_use]
    if len(uses) > 1 or None in uses:
        return BAD_USE
    name = MailboxName.parse(command.mailbox.removesuffix(SEPARATOR))

    def run(txn: WriteTxn) -> bool:
        if uses and any(info.special_use is uses[0] for info in txn.mailboxes()):
            return False
        txn.create_mailbox(name, uses[0] if uses else None)
        return True

    return Done("CREATE completed") if await context.account.write(run) else BAD_USE


async def delete(context: Context, command: Delete) -> Done:
    """DELETE (RFC 9051 §6.3.5). The mailbox selected here is closed by it; a session elsewhere that has it selected ends."""
    name = MailboxName.parse(command.mailbox)

    def run(txn: WriteTxn) -> MailboxID | None:
        target = next((info.id for info in txn.mailboxes() if info.name == name), None)
        txn.delete_mailbox(name)
        return target

    target = await context.account.write(run, heavy=True)
    selected = context.selected_or_none
    if selected is not None and selected.mailbox == target:
        context.unselect()
    return Done("DELETE completed")


async def rename(context: Context, command: Rename) -> Done:
    """RENAME with all below; of INBOX, its messages move (RFC 9051 §6.3.6)."""
    old, new = MailboxName.parse(command.old), MailboxName.parse(command.new.removesuffix(SEPARATOR))
    await context.write(lambda txn: txn.rename_mailbox(old, new), heavy=True)
    return Done("RENAME completed")


async def subscribe(context: Context, command: Subscribe) -> Done:
    """SUBSCRIBE, to what exists (RFC 9051 §6.3.7 lets a server check, and a typing mistake would stay unseen)."""
    name = MailboxName.parse(command.mailbox)

    def run(txn: WriteTxn) -> None:
        txn.mailbox(name)
        txn.set_subscribed((name.text,), True)

    await context.account.write(run)
    return Done("SUBSCRIBE completed")


async def unsubscribe(context: Context, command: Unsubscribe) -> Done:
    """UNSUBSCRIBE (RFC 9051 §6.3.8). Raises Refused(NOT_FOUND) for a name that is not subscribed."""
    name = MailboxName.parse(command.mailbox)

    def run(txn: WriteTxn) -> None:
        if name.text not in txn.subscriptions():
            raise Refused(Reason.NOT_FOUND, "Not subscribed")
        txn.set_subscribed((name.text,), False)

    await context.account.write(run)
    return Done("UNSUBSCRIBE completed")


async def namespace(context: Context, command: Namespace) -> Done:
    """NAMESPACE: one personal tree (RFC 9051 §6.3.10)."""
    context.say(NamespaceData((("", SEPARATOR),)))
    return Done("NAMESPACE completed")
