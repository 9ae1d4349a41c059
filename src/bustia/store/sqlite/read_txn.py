"""One state of an account, read through an open SQLite transaction.

Invariants:
- Every answer is of the transaction's own snapshot: what the cache remembers is used only where the mailbox row has the same modseq.
- Rows are asked for by ranges, never one statement per message.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import apsw

from bustia.model.flags import FIRST_KEYWORD_BIT, Flags, system_flag
from bustia.model.mailbox import MailboxName
from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MAX_UID, UID, MailboxID, MailID, ModSeq
from bustia.model.reason import Reason, Refused
from bustia.model.search_key import SearchKey
from bustia.store.api import Changes, Column, Content, MailboxInfo, Quota, View
from bustia.store.search.evaluate import evaluate
from bustia.store.search.source import MailboxSource, SearchTextSource
from bustia.store.sqlite import columns as column_sql
from bustia.store.sqlite import log, mailbox_rows, sql
from bustia.store.sqlite.cache import AccountCache, MailboxState
from bustia.store.sqlite.contents import contents_of
from bustia.store.sqlite.flag_numbers import LOW_KEYWORDS, join_flags

FEW_CHANGES = 64  # up to so many changed messages, or an eighth of the mailbox, a remembered state is brought up instead of read anew
FEW_CHANGES_SHARE = 8

_ALL_UIDS = NumberSet(((1, MAX_UID),))


class SqliteReadTxn:
    """A `ReadTxn` on a connection whose read transaction is already open; `texts` is the account's search index, if there is one now."""

    def __init__(
        self, connection: apsw.Connection, now: int, cache: AccountCache, texts: SearchTextSource | None
    ) -> None:
        self.now = now
        self._connection = connection
        self._cache = cache
        self._texts = texts

    def modseq(self) -> ModSeq:
        return ModSeq(sql.only_row(self._connection, "SELECT modseq FROM account")[0])

    def mailboxes(self) -> list[MailboxInfo]:
        return mailbox_rows.every_mailbox(self._connection)

    def mailbox(self, name: MailboxName) -> MailboxInfo:
        return mailbox_rows.mailbox_named(self._connection, name)

    def mailbox_by_id(self, mailbox: MailboxID) -> MailboxInfo | None:
        return mailbox_rows.mailbox_numbered(self._connection, mailbox)

    def subscriptions(self) -> frozenset[str]:
        return frozenset(name for (name,) in sql.rows(self._connection, "SELECT name FROM subscription"))

    def keywords(self) -> tuple[str, ...]:
        known = self._known_keywords()
        further = sql.rows(
            self._connection, "SELECT name FROM keyword WHERE bit >= ? ORDER BY bit", (FIRST_KEYWORD_BIT + len(known),)
        )
        if further:
            known += tuple(name for (name,) in further)
            self._keep_keywords(known)
        return known

    def known_flags(self, names: Iterable[str]) -> Flags:
        flags = 0
        keywords: dict[str, int] | None = None
        for name in names:
            bit = system_flag(name)
            if bit is None:
                if keywords is None:
                    keywords = {
                        known.lower(): 1 << number for number, known in enumerate(self.keywords(), FIRST_KEYWORD_BIT)
                    }
                bit = Flags(keywords.get(name.lower(), 0))
            flags |= bit
        return Flags(flags)

    def view(self, mailbox: MailboxID) -> View:
        modseq = self.modseq()
        state = self._state(mailbox)
        return View(modseq, state.uids, state.flags)

    def changes(self, mailbox: MailboxID, since: ModSeq) -> Changes:
        modseq = self.modseq()
        found = sql.row(
            self._connection,
            "SELECT modseq, uid_next, pruned_through, name IS NULL FROM mailbox WHERE id = ?",
            (mailbox,),
        )
        if found is None:
            return Changes(modseq, UID(1), EMPTY, (), deleted=True)
        highest, uid_next, pruned_through, deleted = found
        if deleted:
            return Changes(modseq, UID(uid_next), _below(uid_next), (), deleted=True)
        if highest <= since:
            return Changes(modseq, UID(uid_next), EMPTY, ())
        if since < pruned_through:
            living = NumberSet.of(self._state(mailbox).uids)
            return Changes(
                modseq, UID(uid_next), _below(uid_next) - living, self._changed_rows(mailbox, _ALL_UIDS, since)
            )
        stayed, went = log.touched_since(self._connection, mailbox, since)
        return Changes(modseq, UID(uid_next), went, self._changed_rows(mailbox, stayed, since))

    def expunged_since(self, mailbox: MailboxID, since: ModSeq, known: NumberSet) -> NumberSet:
        found = sql.row(
            self._connection, "SELECT pruned_through FROM mailbox WHERE id = ? AND name IS NOT NULL", (mailbox,)
        )
        if found is None:
            return known
        if since < found[0]:
            return known - NumberSet.of(self._state(mailbox).uids)
        _, went = log.touched_since(self._connection, mailbox, since)
        return known - (known - went)

    def messages(
        self, mailbox: MailboxID, uids: NumberSet, columns: Sequence[Column], most: int | None = None
    ) -> list[tuple[object, ...]]:
        wanted = tuple(columns)
        places = sql.wanted(uids)
        bindings: dict[str, str | int] = {"mailbox": mailbox, "wanted": places.json}
        if Column.UIDL in wanted:
            validity = sql.row(self._connection, "SELECT uid_validity FROM mailbox WHERE id = ?", (mailbox,))
            bindings["uid_validity"] = 0 if validity is None else validity[0]
        more_flags = Column.FLAGS in wanted and len(self.keywords()) > LOW_KEYWORDS
        statement = column_sql.statement(wanted, places.condition, more_flags)
        long = column_sql.long_places(wanted)
        if most is None or not long:
            found = sql.rows(self._connection, statement, bindings)
        else:
            found = sql.rows_within(self._connection, statement, bindings, long, most)
        if not more_flags:
            answer: list[tuple[object, ...]] = found
            return answer
        place = wanted.index(Column.FLAGS)
        return [(*row[:place], join_flags(row[place], row[-1]), *row[place + 1 : -1]) for row in found]

    def contents(self, mails: Sequence[MailID]) -> dict[MailID, Content]:
        return contents_of(self._connection, mails)

    def search(self, mailbox: MailboxID, key: SearchKey) -> list[int]:
        return evaluate(key, MailboxSource(self, mailbox, self._texts))

    def quota(self) -> Quota:
        octets_limit, messages_limit = sql.only_row(
            self._connection, "SELECT octets_limit, messages_limit FROM account"
        )
        octets, messages = sql.only_row(
            self._connection, "SELECT sum(octets), sum(messages) FROM mailbox WHERE name IS NOT NULL"
        )
        return Quota(octets, octets_limit, messages, messages_limit)

    def _state(self, mailbox: MailboxID) -> MailboxState:
        """All messages of a mailbox, remembered or read. Raises Refused(NOT_FOUND) when the mailbox is gone."""
        found = sql.row(
            self._connection, "SELECT modseq, pruned_through FROM mailbox WHERE id = ? AND name IS NOT NULL", (mailbox,)
        )
        if found is None:
            raise Refused(Reason.NOT_FOUND, "No such mailbox")
        highest = ModSeq(found[0])
        known = self._known_state(mailbox)
        if known is not None and known.highest == highest:
            return known
        state = None
        if known is not None and found[1] <= known.highest < highest:
            state = self._brought_up(mailbox, known, highest)
        if state is None:
            state = self._read_state(mailbox, highest)
        self._keep_state(mailbox, state)
        return state

    def _brought_up(self, mailbox: MailboxID, known: MailboxState, highest: ModSeq) -> MailboxState | None:
        stayed, went = log.touched_since(self._connection, mailbox, known.highest)
        if len(stayed) > max(FEW_CHANGES, len(known.uids) // FEW_CHANGES_SHARE):
            return None
        return known.after(highest, went, self._changed_rows(mailbox, stayed, known.highest))

    def _read_state(self, mailbox: MailboxID, highest: ModSeq) -> MailboxState:
        # JSON arrays cross the driver as two values instead of two a row: twice as fast
        uids, low = sql.only_row(
            self._connection,
            "SELECT json_group_array(uid), json_group_array(flags) FROM (SELECT uid, flags FROM message WHERE mailbox = ? ORDER BY uid)",
            (mailbox,),
        )
        flags = json.loads(low)
        if len(self.keywords()) > LOW_KEYWORDS:
            rows = sql.rows(
                self._connection, "SELECT flags, more_flags FROM message WHERE mailbox = ? ORDER BY uid", (mailbox,)
            )
            flags = [join_flags(low, more) for low, more in rows]
        return MailboxState.of(highest, json.loads(uids), flags)

    def _changed_rows(self, mailbox: MailboxID, uids: NumberSet, since: ModSeq) -> tuple[tuple[int, int, int], ...]:
        if not uids:
            return ()
        places = sql.wanted(uids)
        rows = sql.rows(
            self._connection,
            "SELECT uid, flags, message.modseq, more_flags FROM json_each(?) AS wanted CROSS JOIN message ON mailbox = ?"
            f" AND {places.condition} WHERE message.modseq > ?",
            (places.json, mailbox, since),
        )
        return tuple((uid, join_flags(flags, more), modseq) for uid, flags, modseq, more in rows)

    # What is remembered between transactions; a writer keeps its own until it is committed.

    def _known_state(self, mailbox: MailboxID) -> MailboxState | None:
        return self._cache.state(mailbox)

    def _keep_state(self, mailbox: MailboxID, state: MailboxState) -> None:
        self._cache.remember(mailbox, state)

    def _known_keywords(self) -> tuple[str, ...]:
        return self._cache.keywords

    def _keep_keywords(self, keywords: tuple[str, ...]) -> None:
        self._cache.remember_keywords(keywords)


def _below(uid_next: int) -> NumberSet:
    return NumberSet(((1, uid_next - 1),)) if uid_next > 1 else EMPTY
