"""Filing mail from files into an account.

Invariants:
- Line ends become CRLF once, here at the door; nothing else of a message changes.
- Mails are filed in batches, each one flushed transaction: an import that is stopped has filed whole batches, in the order of the source.
- A message that cannot be filed is named in the report with its reason; the others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from bustia.message.pop3_form import pop3_form
from bustia.model.mailbox import MailboxName
from bustia.model.reason import Reason, Refused
from bustia.store.api import Account, Arrival, Prepared, WriteTxn
from bustia.store.mail_files import SourceMail

BATCH_MAILS = 64  # a transaction stays short: about 50 ms
BATCH_OCTETS = 4 * 1024 * 1024


@dataclass(slots=True)
class ImportReport:
    """What an import did so far: messages filed, and (where, reason) of those that were not."""

    filed: int = 0
    octets: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


async def import_mails(
    account: Account,
    mails: Iterable[SourceMail],
    target: MailboxName,
    prepare: Callable[[bytes], Prepared],
    *,
    now: Callable[[], int],
    progress: Callable[[ImportReport], None] = lambda report: None,
) -> ImportReport:
    """Files `mails` into `target` and the mailboxes below it that they name, which are created.

    INTERNALDATE is the source's date of arrival, else the Date field's, else `now()`. Raises Refused OVER_QUOTA or DISK_FULL, which end the import, with what
    was filed until then kept.
    """
    report = ImportReport()
    for batch in _batches(mails):
        prepared = await asyncio.to_thread(_prepare_all, prepare, batch)
        by_mailbox: dict[str, list[tuple[SourceMail, Prepared]]] = {}
        for mail, facts in zip(batch, prepared, strict=True):
            by_mailbox.setdefault(mail.mailbox, []).append((mail, facts))
        for below, group in by_mailbox.items():
            try:
                name = MailboxName.parse(f"{target.text}/{below}" if below else target.text)
                arrivals = [_arrival(mail, facts, now()) for mail, facts in group]
                await account.write(partial(_file, name=name, arrivals=arrivals))
            except Refused as refused:
                if refused.reason is not Reason.BAD_NAME:
                    raise
                report.refused.extend((mail.where, refused.text) for mail, _ in group)
                continue
            report.filed += len(group)
            report.octets += sum(facts.facts.size for _, facts in group)
        progress(report)
    return report


def _prepare_all(prepare: Callable[[bytes], Prepared], batch: list[SourceMail]) -> list[Prepared]:
    return [prepare(pop3_form(mail.octets)) for mail in batch]


def _arrival(mail: SourceMail, prepared: Prepared, now: int) -> Arrival:
    date = mail.arrived if mail.arrived is not None else prepared.facts.sent
    return Arrival(prepared, mail.flags, now if date is None else max(0, date))


def _file(txn: WriteTxn, *, name: MailboxName, arrivals: list[Arrival]) -> None:
    try:
        mailbox = txn.mailbox(name)
    except Refused:
        mailbox = txn.create_mailbox(name)
    txn.append(mailbox.id, arrivals)


def _batches(mails: Iterable[SourceMail]) -> Iterator[list[SourceMail]]:
    batch: list[SourceMail] = []
    octets = 0
    for mail in mails:
        batch.append(mail)
        octets += len(mail.octets)
        if len(batch) >= BATCH_MAILS or octets >= BATCH_OCTETS:
            yield batch
            batch, octets = [], 0
    if batch:
        yield batch
