"""One change of an account, inside a savepoint that the caller opened.

Invariants:
- Rows, counters, modseq and the log's entry of an operation are written by that operation, before its method returns.
- What this transaction learns stays its own until `publish`, which the caller calls after COMMIT and never before: a change that is undone leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import apsw

from bustia.model.flags import FIRST_KEYWORD_BIT, FlagChange, Flags
from bustia.model.mailbox import MailboxName, SpecialUse
from bustia.model.number_set import NumberSet
from bustia.model.numbers import UID, MailboxID, ModSeq
from bustia.store.api import Arrival, Copied, FlagsChanged, MailboxInfo
from bustia.store.search.source import SearchTextSource
from bustia.store.sqlite import filing, flag_changes, naming, placing, sql
from bustia.store.sqlite.bin import TIDY_EVERY, empty_bin
from bustia.store.sqlite.cache import AccountCache, MailboxState
from bustia.store.sqlite.counters import Ceilings, raise_to, renew_mailboxes
from bustia.store.sqlite.flag_numbers import LOW_KEYWORDS
from bustia.store.sqlite.ledger import Ledger
from bustia.store.sqlite.log import prune
from bustia.store.sqlite.read_txn import SqliteReadTxn


class SqliteWriteTxn(SqliteReadTxn):
    """A `WriteTxn` on a connection whose write transaction is already open."""

    def __init__(
        self, connection: apsw.Connection, now: int, cache: AccountCache, texts: SearchTextSource | None
    ) -> None:
        super().__init__(connection, now, cache, texts)
        self._ledger = Ledger(connection, now)
        self._states: dict[MailboxID, MailboxState] = {}
        self._keywords: tuple[str, ...] | None = None

    @property
    def modseq_reached(self) -> ModSeq | None:
        """The last modseq that this transaction gave; None if it changed nothing that others need to know."""
        return self._ledger.modseq_reached

    def publish(self) -> None:
        """Lets the process know what this transaction learned; only after COMMIT."""
        for mailbox, state in self._states.items():
            self._cache.remember(mailbox, state)
        if self._keywords is not None:
            self._cache.remember_keywords(self._keywords)

    def create_mailbox(self, name: MailboxName, special_use: SpecialUse | None = None) -> MailboxInfo:
        return naming.create(self._ledger, name, special_use)

    def rename_mailbox(self, old: MailboxName, new: MailboxName) -> None:
        naming.rename(self._ledger, old, new)

    def delete_mailbox(self, name: MailboxName) -> None:
        naming.delete(self._ledger, name)

    def set_subscribed(self, names: Iterable[str], subscribed: bool) -> None:
        naming.subscribe(self._ledger, names, subscribed)

    def make_flags(self, names: Iterable[str]) -> Flags:
        known = self.keywords()
        flags, grown = flag_changes.new_keywords(names, known)
        for bit, name in enumerate(grown[len(known) :], FIRST_KEYWORD_BIT + len(known)):
            self._connection.execute("INSERT INTO keyword VALUES(?, ?)", (bit, name))
        self._keep_keywords(grown)
        return flags

    def append(self, mailbox: MailboxID, arrivals: Sequence[Arrival]) -> list[UID]:
        self._tidy(mailbox)
        return filing.append(self._ledger, self._ledger.living(mailbox), arrivals, self.quota())

    def change_flags(
        self,
        mailbox: MailboxID,
        uids: NumberSet,
        change: FlagChange,
        flags: Flags,
        unchanged_since: ModSeq | None = None,
    ) -> FlagsChanged:
        many_keywords = len(self.keywords()) > LOW_KEYWORDS
        wish = flag_changes.Wish(change, flags, unchanged_since, many_keywords)
        return flag_changes.change_flags(self._ledger, mailbox, uids, wish)

    def copy(self, mailbox: MailboxID, uids: NumberSet, target: MailboxID) -> Copied:
        return placing.copy(self._ledger, mailbox, uids, self._ledger.living(target))

    def move(self, mailbox: MailboxID, uids: NumberSet, target: MailboxID) -> Copied:
        return placing.move(self._ledger, self._ledger.living(mailbox), uids, self._ledger.living(target))

    def expunge(self, mailbox: MailboxID, uids: NumberSet | None = None, only_deleted: bool = True) -> NumberSet:
        self._tidy(mailbox)
        return placing.expunge(self._ledger, self._ledger.living(mailbox), uids, only_deleted)

    def claim_recent(self, mailbox: MailboxID) -> UID:
        found = self._ledger.living(mailbox)
        if found.first_recent < found.uid_next:
            self._connection.execute("UPDATE mailbox SET first_recent = uid_next WHERE id = ?", (mailbox,))
        return found.first_recent

    def note_pop3(self, mailbox: MailboxID, listed: NumberSet, downloaded: NumberSet) -> None:
        for column, uids in (("listed", listed), ("downloaded", downloaded)):
            self._connection.executemany(
                f"UPDATE message SET {column} = ? WHERE mailbox = ? AND uid BETWEEN ? AND ? AND {column} IS NULL",
                [(self.now, mailbox, first, last) for first, last in uids.ranges],
            )

    def set_quota(self, octets: int | None, messages: int | None) -> None:
        sql.rows(self._connection, "UPDATE account SET octets_limit = ?, messages_limit = ?", (octets, messages))

    def raise_counters(self, ceilings: Ceilings | None) -> None:
        """After a restore of an older file: counters go on above those of the file that was lost, or, if they are unknown, mailboxes begin anew."""
        if ceilings is None:
            renew_mailboxes(self._ledger)
        else:
            raise_to(self._ledger, ceilings)

    def _tidy(self, mailbox: MailboxID) -> None:
        """Takes the bin out and cuts the log a little, now and then: whoever adds or removes mail pays for what was removed before."""
        if self._cache.tidy_due(self.now, TIDY_EVERY):
            empty_bin(self._connection, self.now)
            prune(self._connection, mailbox)

    def _known_state(self, mailbox: MailboxID) -> MailboxState | None:
        return self._states.get(mailbox) or self._cache.state(mailbox)

    def _keep_state(self, mailbox: MailboxID, state: MailboxState) -> None:
        self._states[mailbox] = state

    def _known_keywords(self) -> tuple[str, ...]:
        return self._cache.keywords if self._keywords is None else self._keywords

    def _keep_keywords(self, keywords: tuple[str, ...]) -> None:
        self._keywords = keywords
