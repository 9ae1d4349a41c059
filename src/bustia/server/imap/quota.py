"""GETQUOTA and GETQUOTAROOT: one root per account, named "" (RFC 9208 §3)."""

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
    if command.root != ROOT:
        raise Refused(Reason.NOT_FOUND, "No such quota root")
    context.say(_data(await context.account.read(lambda txn: txn.quota())))
    return Done("GETQUOTA completed")


async def get_quota_root(context: Context, command: GetQuotaRoot) -> Done:
    """Answers GETQUOTAROOT (RFC 9208 §4.1.2); the mailbox need not exist, so that a client may ask before CREATE."""
    name = MailboxName.parse(command.mailbox)
    quota = await context.account.read(lambda txn: txn.quota())
    context.say(QuotaRootData(name.text, (ROOT,)), _data(quota))
    return Done("GETQUOTAROOT completed")


def _data(quota: Quota) -> QuotaData:
    """Only limited resources are listed (RFC 9208 §4.2.1). A part of a unit used counts as one, and allowed as none."""
    resources: list[tuple[str, int, int]] = []
    if quota.octets_limit is not None:
        resources.append(("STORAGE", -(-quota.octets // UNIT), quota.octets_limit // UNIT))
    if quota.messages_limit is not None:
        resources.append(("MESSAGE", quota.messages, quota.messages_limit))
    return QuotaData(ROOT, tuple(resources))
