"""Counters that never fall, also across a restore (design §2, rule 4).

Invariants:
- A ceiling is at or above its counter and moves in steps of a block: whoever keeps the ceilings of a live file elsewhere writes them anew once a block.
- An older file that is put in the place of a lost one continues at the lost one's ceilings: nothing that it gave is given again under the same UIDVALIDITY.
- Where no ceilings survived, every mailbox gets a new UIDVALIDITY, and modseqs and mail numbers skip further than any account comes in a lifetime.
"""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from bustia.model.numbers import MAX_UID
from bustia.store.sqlite import sql
from bustia.store.sqlite.ledger import Counts, Ledger

BLOCK = 1_024  # numbers; a ceiling kept elsewhere changes at most once in so many
SKIP = 1 << 32  # modseqs and mail numbers after a restore that knows no ceilings


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Numbers at or above all that an account has given; `uids` by UIDVALIDITY."""

    modseq: int
    uid_validity: int
    mail: int
    mailbox: int
    uids: tuple[tuple[int, int], ...]


def ceilings(connection: apsw.Connection) -> Ceilings:
    """The ceilings of an account's file; the same until some counter leaves its block."""
    modseq, uid_validity, mail, mailbox = sql.only_row(
        connection, "SELECT modseq, uid_validity, last_mail, last_mailbox FROM account"
    )
    uids = sql.rows(
        connection, "SELECT uid_validity, uid_next FROM mailbox WHERE name IS NOT NULL ORDER BY uid_validity"
    )
    return Ceilings(
        modseq=_ceiling(modseq),
        uid_validity=_ceiling(uid_validity),
        mail=_ceiling(mail),
        mailbox=_ceiling(mailbox),
        uids=tuple((validity, min(_ceiling(uid_next), MAX_UID)) for validity, uid_next in uids),
    )


def _ceiling(counter: int) -> int:
    return (counter // BLOCK + 1) * BLOCK


def raise_to(ledger: Ledger, known: Ceilings) -> None:
    """Lets every counter continue at its ceiling."""
    ledger.connection.execute(
        "UPDATE account SET modseq = max(modseq, ?), uid_validity = max(uid_validity, min(?, ?)), last_mail = max(last_mail, ?),"
        " last_mailbox = max(last_mailbox, ?)",
        (known.modseq, known.uid_validity, MAX_UID, known.mail, known.mailbox),
    )
    ledger.connection.executemany(
        "UPDATE mailbox SET uid_next = max(uid_next, ?) WHERE uid_validity = ?",
        [(uid_next, validity) for validity, uid_next in known.uids],
    )
    ledger.next_modseq()


def renew_mailboxes(ledger: Ledger) -> None:
    """Gives every mailbox a new UIDVALIDITY; UIDLs stay, so that POP3 clients do not fetch all again."""
    ledger.connection.execute(
        "UPDATE message SET uidl = printf('%x.%x', (SELECT uid_validity FROM mailbox WHERE id = mailbox), uid) WHERE uidl IS NULL"
    )
    ledger.connection.execute("UPDATE account SET modseq = modseq + ?, last_mail = last_mail + ?", (SKIP, SKIP))
    modseq = ledger.next_modseq()
    for (mailbox,) in sql.rows(ledger.connection, "SELECT id FROM mailbox WHERE name IS NOT NULL ORDER BY id"):
        ledger.connection.execute(
            "UPDATE mailbox SET uid_validity = ? WHERE id = ?", (ledger.next_uid_validity(), mailbox)
        )
        ledger.settle(mailbox, modseq, Counts())
