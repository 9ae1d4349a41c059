"""GETQUOTA and GETQUOTAROOT: one root for an account that has limits, named "" (RFC 9208 §3.2).

Invariant: a QUOTA response names at least one resource (RFC 9208 §7, quota-list), so an account without limits has no quota root.
"""

from __future__ import annotations

from bustia.model.mailbox import MailboxName
from bustia.model.reason import Reason, Refused
from bustia.protocol.imap.quota import GetQuota, GetQuotaRoot, QuotaData, QuotaRootData
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done
from bustia.store.api import Quota

ROOT = ""  # all mailboxes of an account count against one limit
UNIT = 1024  # octets of one unit of STORAGE (RFC 9208 §5.1)


async def get_quota(context: Context, command: GetQuota) -> Done:
    """Answers GETQUOTA (RFC 9208 §4.1.1)."""
    data = _data(await context.account.read(lambda txn: txn.quota()))
    if command.root != ROOT or not data.resources:
        raise Refused(Reason.NOT_FOUND, "No such quota root")
    context.say(data)
    return Done("GETQUOTA completed")


async def get_quota_root(context: Context, command: GetQuotaRoot) -> Done:
    """Answers GETQUOTAROOT (RFC 9208 §4.1.2); the mailbox need not exist, so that a client may ask before CREATE."""
    name = MailboxName.parse(command.mailbox)
    data = _data(await context.account.read(lambda txn: txn.quota()))
    if data.resources:
        context.say(QuotaRootData(name.text, (ROOT,)), data)
    else:
        context.say(QuotaRootData(name.text, ()))
    return Done("GETQUOTAROOT completed")


def _data(quota: Quota) -> QuotaData:
    """Only limited resources are listed (RFC 9208 §4.2.1). A part of a unit used counts as one, and allowed as none."""
    resources: list[tuple[str, int, int]] = []
    if quota.octets_limit is not None:
        resources.append(("STORAGE", -(-quota.octets // UNIT), quota.octets_limit // UNIT))
    if quota.messages_limit is not None:
        resources.append(("MESSAGE", quota.messages, quota.messages_limit))
    return QuotaData(ROOT, tuple(resources))
