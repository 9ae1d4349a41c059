"""CREATE, RENAME, DELETE and SUBSCRIBE (RFC 9051 §6.3.4 to §6.3.8).

Invariants:
- A mailbox keeps its number and UIDVALIDITY through RENAME; a deleted one's row stays without a name, so its number and UIDVALIDITY never come again.
- Names need no parents: a name is only a parent when nothing but names below it exist (RFC 9051 §6.3.5).
- Subscriptions are names: neither DELETE nor RENAME touches them (RFC 9051 §6.3.7).
"""

from __future__ import annotations

from collections.abc import Iterable

from bustia.model.mailbox import INBOX, SEPARATOR, MailboxName, SpecialUse
from bustia.model.numbers import MailboxID
from bustia.model.reason import Reason, Refused
from bustia.store.api import MailboxInfo
from bustia.store.sqlite import mailbox_rows, placing, sql
from bustia.store.sqlite.bin import put_in_bin
from bustia.store.sqlite.ledger import Ledger
from bustia.store.sqlite.log import ACCOUNT_WIDE, Kind

MAX_MAILBOXES = 10_000  # LIST "" "*" of so many takes 40 ms; people have tens, archives by month hundreds


def create(ledger: Ledger, name: MailboxName, special_use: SpecialUse | None) -> MailboxInfo:
    """A new, empty mailbox with a new UIDVALIDITY. Raises Refused ALREADY_EXISTS (name or role), LIMIT."""
    if _number_of(ledger, name) is not None:
        raise Refused(Reason.ALREADY_EXISTS, "The mailbox exists already")
    role = None if special_use is None else special_use.value
    if role is not None and sql.row(
        ledger.connection, "SELECT 1 FROM mailbox WHERE special_use = ? AND name IS NOT NULL", (role,)
    ):
        raise Refused(Reason.ALREADY_EXISTS, "Another mailbox has that special use")
    if sql.only_row(ledger.connection, "SELECT count(name) FROM mailbox")[0] >= MAX_MAILBOXES:
        raise Refused(Reason.LIMIT, f"No more than {MAX_MAILBOXES} mailboxes")
    modseq = ledger.next_modseq()
    mailbox = ledger.next_mailbox()
    ledger.connection.execute(
        "INSERT INTO mailbox VALUES(?, ?, ?, 1, ?, ?, 0, 0, 0, 0, 0, 1, 0, 0)",
        (mailbox, name.text, ledger.next_uid_validity(), modseq, role),
    )
    ledger.record(Kind.CREATED, mailbox, modseq, detail=name.text)
    return ledger.living(mailbox)


def rename(ledger: Ledger, old: MailboxName, new: MailboxName) -> None:
    """Renames a mailbox and all below it. Raises Refused NOT_FOUND, ALREADY_EXISTS, NOT_ALLOWED."""
    if old == new or _number_of(ledger, new) is not None:
        raise Refused(Reason.ALREADY_EXISTS, "A mailbox of the new name exists already")
    if old.is_inbox:
        _empty_inbox_into(ledger, new)
        return
    if new.is_below(old):
        raise Refused(Reason.NOT_ALLOWED, "A mailbox cannot move below itself")
    moving = _tree(ledger, old)
    if not moving:
        raise Refused(Reason.NOT_FOUND, "No such mailbox")
    renamed = {number: (name, new if name == old else name.moved(old, new)) for number, name in moving.items()}
    for _, wanted in renamed.values():
        if _number_of(ledger, wanted) not in (None, *moving):
            raise Refused(Reason.ALREADY_EXISTS, f"A mailbox {wanted.text} exists already")
    modseq = ledger.next_modseq()
    ledger.connection.executemany("UPDATE mailbox SET name = NULL WHERE id = ?", [(number,) for number in renamed])
    for number, (before, after) in renamed.items():
        ledger.connection.execute("UPDATE mailbox SET name = ?, modseq = ? WHERE id = ?", (after.text, modseq, number))
        ledger.record(Kind.RENAMED, number, modseq, detail=f"{before.text}\n{after.text}")


def _empty_inbox_into(ledger: Ledger, new: MailboxName) -> None:
    """RFC 9051 §6.3.6: renaming INBOX moves its messages into a new mailbox and leaves it empty; names below it stay."""
    target = create(ledger, new, None)
    inbox = mailbox_rows.mailbox_named(ledger.connection, MailboxName(INBOX))
    placing.move(ledger, inbox, placing.ALL, target)


def delete(ledger: Ledger, name: MailboxName) -> None:
    """Deletes a mailbox with its messages. Raises Refused NOT_FOUND, NOT_ALLOWED (INBOX), HAS_CHILDREN (the name is only a parent)."""
    if name.is_inbox:
        raise Refused(Reason.NOT_ALLOWED, "INBOX cannot be deleted")
    mailbox = _number_of(ledger, name)
    if mailbox is None:
        if _tree(ledger, name):
            raise Refused(Reason.HAS_CHILDREN, "The name is only the parent of other mailboxes")
        raise Refused(Reason.NOT_FOUND, "No such mailbox")
    modseq = ledger.next_modseq()
    mails = [mail for (mail,) in sql.rows(ledger.connection, "SELECT mail FROM message WHERE mailbox = ?", (mailbox,))]
    put_in_bin(ledger.connection, modseq, mails, ledger.now)
    ledger.connection.execute("DELETE FROM message WHERE mailbox = ?", (mailbox,))
    ledger.connection.execute(
        "UPDATE mailbox SET name = NULL, modseq = ?, messages = 0, unseen = 0, deleted = 0, octets = 0, deleted_octets = 0 WHERE id = ?",
        (modseq, mailbox),
    )
    ledger.record(Kind.DELETED, mailbox, modseq, detail=name.text)


def subscribe(ledger: Ledger, names: Iterable[str], subscribed: bool) -> None:
    """Adds names to the subscriptions, or takes them off; names need not exist (RFC 9051 §6.3.7)."""
    news = []
    for name in names:
        statement = (
            "INSERT OR IGNORE INTO subscription VALUES(?)" if subscribed else "DELETE FROM subscription WHERE name = ?"
        )
        ledger.connection.execute(statement, (name,))
        if ledger.connection.changes():
            news.append(name)
    if news:
        kind = Kind.SUBSCRIBED if subscribed else Kind.UNSUBSCRIBED
        ledger.record(kind, ACCOUNT_WIDE, ledger.next_modseq(), detail="\n".join(news))


def _number_of(ledger: Ledger, name: MailboxName) -> MailboxID | None:
    found = sql.row(ledger.connection, "SELECT id FROM mailbox WHERE name = ?", (name.text,))
    return None if found is None else MailboxID(found[0])


def _tree(ledger: Ledger, top: MailboxName) -> dict[MailboxID, MailboxName]:
    """The mailbox of that name, if it exists, and all below it."""
    # "/" is followed by "0" in ASCII: names from "top/" up to "top0" are those below
    below = (top.text + SEPARATOR, top.text + chr(ord(SEPARATOR) + 1))
    found = sql.rows(
        ledger.connection, "SELECT id, name FROM mailbox WHERE name = ? OR (name >= ? AND name < ?)", (top.text, *below)
    )
    return {MailboxID(number): MailboxName(name) for number, name in found}
