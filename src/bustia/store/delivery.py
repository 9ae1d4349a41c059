"""Local delivery: one mail into one account, the same for LMTP, import and everything else that brings mail."""

from __future__ import annotations

import asyncio

from bustia.model.flags import NO_FLAGS
from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.numbers import MailboxID
from bustia.model.reason import Reason, Refused
from bustia.store.api import Account, Arrival, Prepared, Spool, WriteTxn

INLINE_OCTETS = (
    64 << 10
)  # of a message prepared in the event loop's thread, in about a millisecond; another thread's turn costs 0.1 ms
HEAVY_OCTETS = 64 << 10  # of frames; filing more takes longer than the event loop's thread may spend (0.3 ms)


async def prepared(spool: Spool) -> Prepared:
    """What was spooled, made ready for filing; in a thread where the event loop should not wait for it."""
    if spool.size <= INLINE_OCTETS:
        return spool.prepare()
    return await asyncio.get_running_loop().run_in_executor(None, spool.prepare)


def is_heavy(mail: Prepared) -> bool:
    """Whether a write that files this mail has to leave the event loop's thread."""
    return sum(map(len, mail.frames)) > HEAVY_OCTETS


async def deliver(account: Account, mail: Prepared, *, mailbox: MailboxName | None, now: int) -> None:
    """Files a mail in `mailbox`, or in INBOX if that is None or does not exist; flushed when this returns.

    `now` becomes its INTERNALDATE (seconds since 1970 UTC). Raises Refused OVER_QUOTA, DISK_FULL, BUSY, DAMAGED.
    """
    arrival = Arrival(mail=mail, flags=NO_FLAGS, internal_date=now)

    def file(txn: WriteTxn) -> None:
        txn.append(_target(txn, mailbox), [arrival])

    await account.write(file, heavy=is_heavy(mail))


def _target(txn: WriteTxn, wanted: MailboxName | None) -> MailboxID:
    if wanted is not None:
        try:
            return txn.mailbox(wanted).id
        except Refused as refused:
            if refused.reason is not Reason.NOT_FOUND:
                raise
    return txn.mailbox(MailboxName(INBOX)).id
