"""The mailbox that APPEND, COPY and MOVE file into."""

from __future__ import annotations

from bustia.model.mailbox import MailboxName
from bustia.model.reason import Reason, Refused
from bustia.protocol.imap.response import AtomCode, Condition
from bustia.server.imap.done import Done
from bustia.store.api import MailboxInfo, ReadTxn

TRY_CREATE = Done("No such mailbox, try CREATE", AtomCode("TRYCREATE"), Condition.NO)  # RFC 9051 §6.3.12, §6.4.7


def target_of(txn: ReadTxn, name: MailboxName) -> MailboxInfo | None:
    """The mailbox of that name; None where there is none, and the answer is TRY_CREATE."""
    try:
        return txn.mailbox(name)
    except Refused as refused:
        if refused.reason is Reason.NOT_FOUND:
            return None
        raise
