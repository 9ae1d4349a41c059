"""APPEND and delivery: new mails and their first places."""

from __future__ import annotations

from collections.abc import Sequence

from bustia.model.number_set import NumberSet
from bustia.model.numbers import UID
from bustia.model.reason import Reason, Refused
from bustia.store.api import Arrival, MailboxInfo, Quota
from bustia.store.sqlite.contents import file_content
from bustia.store.sqlite.facts_rows import FACTS_COLUMNS, MAIL_COLUMNS, facts_values, mail_values
from bustia.store.sqlite.flag_numbers import split_flags
from bustia.store.sqlite.ledger import Counts, Ledger
from bustia.store.sqlite.log import Kind
from bustia.store.sqlite.uidls import claim_uidl

_INSERT_MAIL = (
    f"INSERT INTO mail(id, places, digest, internal_date, {MAIL_COLUMNS}) VALUES(?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_FACTS = f"INSERT INTO facts(mail, {FACTS_COLUMNS}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def append(ledger: Ledger, mailbox: MailboxInfo, arrivals: Sequence[Arrival], quota: Quota) -> list[UID]:
    """Files messages in their order, all of one origin. Raises Refused OVER_QUOTA, LIMIT."""
    if not arrivals:
        return []
    counts = Counts.of((arrival.flags, arrival.mail.facts.size) for arrival in arrivals)
    _check_room(quota, counts)
    modseq = ledger.next_modseq()
    first_uid = ledger.give_uids(mailbox, len(arrivals))
    first_mail = ledger.next_mails(len(arrivals))
    ledger.settle(mailbox.id, modseq, counts)
    for number, arrival in enumerate(arrivals):
        _file_mail(ledger, first_mail + number, arrival)
        low, more = split_flags(arrival.flags)
        ledger.connection.execute(
            "INSERT INTO message(mailbox, uid, flags, modseq, mail, saved, more_flags, uidl) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            (
                mailbox.id,
                first_uid + number,
                low,
                modseq,
                first_mail + number,
                ledger.now,
                more,
                claim_uidl(ledger.connection, arrival.uidl),
            ),
        )
    uids = NumberSet(((first_uid, first_uid + len(arrivals) - 1),))
    ledger.record(Kind.APPENDED, mailbox.id, modseq, uids, origin=arrivals[0].origin)
    return [UID(first_uid + number) for number in range(len(arrivals))]


def _check_room(quota: Quota, counts: Counts) -> None:
    """RFC 9208 §4.1.1: the whole of what comes in must fit (design §2, rule 11: each place counts)."""
    if quota.octets_limit is not None and quota.octets + counts.octets > quota.octets_limit:
        raise Refused(Reason.OVER_QUOTA, "No room for the message: over the quota of octets")
    if quota.messages_limit is not None and quota.messages + counts.messages > quota.messages_limit:
        raise Refused(Reason.OVER_QUOTA, "No room for the message: over the quota of messages")


def _file_mail(ledger: Ledger, mail: int, arrival: Arrival) -> None:
    facts = arrival.mail.facts
    file_content(ledger.connection, mail, arrival.mail)
    ledger.connection.execute(_INSERT_MAIL, (mail, arrival.mail.digest, arrival.internal_date, *mail_values(facts)))
    ledger.connection.execute(_INSERT_FACTS, (mail, *facts_values(facts)))
