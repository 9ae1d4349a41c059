"""Rows against each other: what points where, which counter counts what, and the log against the messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import apsw

from bustia.model.flags import FIRST_KEYWORD_BIT
from bustia.model.mailbox import INBOX
from bustia.store.sqlite import frames, sql
from bustia.store.sqlite.finding import Finding, Kind
from bustia.store.sqlite.flag_numbers import join_flags
from bustia.store.sqlite.uid_sets import read_uid_set

# (kind, what is wrong, a statement whose rows say where)
_RULES: tuple[tuple[Kind, str, str], ...] = (
    (
        Kind.POINTER,
        "the message names a mailbox that is not there",
        "SELECT 'mailbox ' || mailbox || ' UID ' || uid FROM message"
        " WHERE mailbox NOT IN (SELECT id FROM mailbox WHERE name IS NOT NULL)",
    ),
    (
        Kind.POINTER,
        "the message names a mail that is not there",
        "SELECT 'mailbox ' || mailbox || ' UID ' || uid FROM message WHERE mail NOT IN (SELECT id FROM mail)",
    ),
    (
        Kind.POINTER,
        "the mail has no facts",
        "SELECT 'mail ' || id FROM mail WHERE id NOT IN (SELECT mail FROM facts)",
    ),
    (
        Kind.POINTER,
        "the facts belong to no mail",
        "SELECT 'mail ' || mail FROM facts WHERE mail NOT IN (SELECT id FROM mail)",
    ),
    (
        Kind.POINTER,
        "the mail names a content that is not there",
        "SELECT 'mail ' || id FROM mail WHERE digest NOT IN (SELECT digest FROM content)",
    ),
    (
        Kind.COUNTER,
        "the content does not count its mails",
        "SELECT 'content ' || id FROM content WHERE mails <> (SELECT count(*) FROM mail WHERE mail.digest = content.digest)",
    ),
    (
        Kind.COUNTER,
        "the UID is not below UIDNEXT, or below 1",
        "SELECT 'mailbox ' || mailbox || ' UID ' || uid FROM message JOIN mailbox ON id = mailbox WHERE uid >= uid_next OR uid < 1",
    ),
    (
        Kind.COUNTER,
        "the modseq is above the mailbox's",
        "SELECT 'mailbox ' || mailbox || ' UID ' || uid FROM message JOIN mailbox ON id = mailbox"
        " WHERE message.modseq > mailbox.modseq OR message.modseq < 1",
    ),
    (
        Kind.COUNTER,
        "the mailbox's modseq, number or UIDVALIDITY is above the account's",
        "SELECT 'mailbox ' || id FROM mailbox, account WHERE mailbox.modseq > account.modseq OR id > last_mailbox"
        " OR mailbox.uid_validity > account.uid_validity OR mailbox.uid_validity < 1 OR pruned_through > mailbox.modseq",
    ),
    (
        Kind.COUNTER,
        "two mailboxes have one UIDVALIDITY",
        "SELECT 'UIDVALIDITY ' || uid_validity FROM mailbox GROUP BY uid_validity HAVING count(*) > 1",
    ),
    (
        Kind.COUNTER,
        "first_recent is not within 1 and UIDNEXT",
        "SELECT 'mailbox ' || id FROM mailbox WHERE first_recent NOT BETWEEN 1 AND uid_next",
    ),
    (
        Kind.COUNTER,
        "the mail's number is above the account's last",
        "SELECT 'mail ' || id FROM mail, account WHERE id > last_mail OR id < 1",
    ),
    (
        Kind.COUNTER,
        "the mailbox does not count its messages",
        "SELECT 'mailbox ' || id FROM mailbox WHERE (messages, unseen, deleted, octets, deleted_octets) <> (SELECT count(*),"
        " count(*) FILTER (WHERE flags & 8 = 0), count(*) FILTER (WHERE flags & 4), coalesce(sum(size), 0),"
        " coalesce(sum(size) FILTER (WHERE flags & 4), 0)"
        " FROM message JOIN mail ON mail.id = mail WHERE mailbox = mailbox.id)",
    ),
    (
        Kind.COUNTER,
        "two messages have one UIDL",
        "SELECT 'UIDL ' || uidl FROM message WHERE uidl IS NOT NULL GROUP BY uidl HAVING count(*) > 1",
    ),
    (
        Kind.COUNTER,
        "the log goes beyond the mailbox's modseq",
        "SELECT 'mailbox ' || mailbox || ' modseq ' || change.modseq FROM change JOIN mailbox ON id = mailbox"
        " WHERE change.modseq > mailbox.modseq UNION ALL"
        " SELECT 'modseq ' || change.modseq FROM change, account WHERE change.modseq > account.modseq",
    ),
)


def wrong_rows(connection: apsw.Connection) -> Iterator[Finding]:
    """Rows that break a rule of `_RULES`, mails that miscount their places, and an account without its one row or INBOX."""
    for kind, text, statement in _RULES:
        for (where,) in connection.execute(statement):
            yield Finding(kind, str(where), text)
    if sql.only_row(connection, "SELECT count(*) FROM account")[0] != 1:
        yield Finding(Kind.COUNTER, "account", "there is not exactly one row")
    if sql.row(connection, "SELECT 1 FROM mailbox WHERE name = ?", (INBOX,)) is None:
        yield Finding(Kind.POINTER, "mailbox", "there is no INBOX")
    places: Counter[int] = Counter(mail for (mail,) in connection.execute("SELECT mail FROM message"))
    for modseq, packed in connection.execute("SELECT modseq, mails FROM bin"):
        mails = frames.read_numbers(packed)
        places.update(mails)
        if any(sql.row(connection, "SELECT 1 FROM mail WHERE id = ?", (mail,)) is None for mail in mails):
            yield Finding(Kind.POINTER, f"bin {modseq}", "names a mail that is not there")
    for mail, counted in connection.execute("SELECT id, places FROM mail"):
        if counted != places[mail]:
            yield Finding(Kind.COUNTER, f"mail {mail}", f"counts {counted} places where {places[mail]} are")


def wrong_flags(connection: apsw.Connection) -> Iterator[Finding]:
    """Keywords that have no bit of their own, and flags beyond the last keyword."""
    keywords = sql.rows(connection, "SELECT bit, lower(name) FROM keyword ORDER BY bit")
    if [bit for bit, _ in keywords] != list(range(FIRST_KEYWORD_BIT, FIRST_KEYWORD_BIT + len(keywords))):
        yield Finding(Kind.COUNTER, "keyword", "the bits are not in a row")
    if len({name for _, name in keywords}) != len(keywords):
        yield Finding(Kind.COUNTER, "keyword", "a name is there twice")
    beyond = 1 << FIRST_KEYWORD_BIT + len(keywords)
    for mailbox, uid, low, more in connection.execute("SELECT mailbox, uid, flags, more_flags FROM message"):
        if not 0 <= join_flags(low, more) < beyond:
            yield Finding(Kind.COUNTER, f"mailbox {mailbox} UID {uid}", "has a flag that is no keyword")


def wrong_log(connection: apsw.Connection) -> Iterator[Finding]:
    """Messages whose modseq no entry of the log explains (above what was pruned), and entries that cannot be read."""
    for mailbox, pruned_through in sql.rows(
        connection, "SELECT id, pruned_through FROM mailbox WHERE name IS NOT NULL"
    ):
        entries = {}
        for modseq, uids in connection.execute("SELECT modseq, uids FROM change WHERE mailbox = ?", (mailbox,)):
            try:
                entries[modseq] = read_uid_set(uids)
            except ValueError as error:
                yield Finding(Kind.LOG, f"mailbox {mailbox} modseq {modseq}", str(error))
        for uid, modseq in connection.execute("SELECT uid, modseq FROM message WHERE mailbox = ?", (mailbox,)):
            if modseq > pruned_through and (modseq not in entries or uid not in entries[modseq]):
                yield Finding(Kind.LOG, f"mailbox {mailbox} UID {uid}", f"the log does not tell of its modseq {modseq}")
