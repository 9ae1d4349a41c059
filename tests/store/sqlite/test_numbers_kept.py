"""What the account's file keeps and forgets: counters over a restore, the log, the bin, UIDLs."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from bustia.model.flags import NO_FLAGS, SEEN, FlagChange
from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.numbers import MAX_UID, MailboxID, ModSeq
from bustia.model.reason import Reason, Refused
from bustia.store.api import BIN_SECONDS, Column
from bustia.store.sqlite import counters, log, schema
from bustia.store.sqlite.bin import MAILS_AT_ONCE
from bustia.store.sqlite.cache import AccountCache, MailboxState
from bustia.store.sqlite.uid_sets import read_uid_set, write_uid_set
from bustia.store.sqlite.verify import faults
from bustia.store.sqlite.write_txn import SqliteWriteTxn
from store_contract import NOW, arrival, numbers

ALL = NumberSet(((1, MAX_UID),))
BOX = MailboxID(1)


class File:
    """An account's file, and a transaction on it that sees nothing remembered."""

    def __init__(self, path: str = ":memory:") -> None:
        self.connection = apsw.Connection(path)
        if schema.version(self.connection) == 0:
            schema.create(self.connection, NOW)
        self.now = NOW

    @property
    def txn(self) -> SqliteWriteTxn:
        return SqliteWriteTxn(self.connection, self.now, AccountCache(), None)

    def append(self, count: int = 1, uidl: str | None = None) -> list[int]:
        return list(self.txn.append(BOX, [arrival(number, uidl=uidl) for number in range(count)]))

    def count(self, table: str) -> int:
        return int(self.connection.execute(f"SELECT count(*) FROM {table}").get)


@pytest.mark.parametrize("text", ["x", "1:", "3:1", "2,1", "1,2", "0", "1:2:3", "-1"])
def test_uid_set_that_we_do_not_write_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_uid_set(text)


def test_uid_set_round_trip() -> None:
    for uids in (NumberSet(), numbers(1), numbers(1, 2, 3, 7, MAX_UID)):
        assert read_uid_set(write_uid_set(uids)) == uids
    assert write_uid_set(numbers(1, 2, 3, 7)) == "1:3,7"


def test_older_file_continues_above_the_lost_ones_numbers(tmp_path: Path) -> None:
    live = File(str(tmp_path / "live.db"))
    live.append(3)
    old = File(str(tmp_path / "old.db"))
    with old.connection.backup("main", live.connection, "main") as backup:
        backup.step()
    live.append(5)
    live.txn.create_mailbox(MailboxName("later"))
    gone = live.txn
    old.txn.raise_counters(counters.ceilings(live.connection))
    (uid,) = old.append()
    assert uid >= gone.mailbox(MailboxName(INBOX)).uid_next
    made = old.txn.create_mailbox(MailboxName("new"))
    assert made.uid_validity > gone.mailbox(MailboxName("later")).uid_validity
    assert made.id > gone.mailbox(MailboxName("later")).id
    assert old.txn.modseq() > gone.modseq()
    newest = max(row[0] for row in live.txn.messages(BOX, ALL, [Column.MAIL]))  # type: ignore[type-var]  # a row is untyped
    assert old.txn.messages(BOX, numbers(uid), [Column.MAIL])[0][0] > newest  # type: ignore[operator]
    assert list(faults(old.connection)) == []


def test_ceilings_move_once_a_block() -> None:
    file = File()
    first = counters.ceilings(file.connection)
    file.append(10)
    assert counters.ceilings(file.connection) == first
    file.append(counters.BLOCK)
    assert counters.ceilings(file.connection) != first


def test_restore_without_ceilings_gives_new_uid_validities_and_keeps_uidls() -> None:
    file = File()
    file.append(2)
    before = {info.uid_validity for info in file.txn.mailboxes()}
    uidls = file.txn.messages(BOX, ALL, [Column.UIDL])
    file.txn.raise_counters(None)
    after = {info.uid_validity for info in file.txn.mailboxes()}
    assert min(after) > max(before)
    assert len(after) == len(before)
    assert file.txn.messages(BOX, ALL, [Column.UIDL]) == uidls
    assert list(faults(file.connection)) == []


def test_mailbox_without_uids_left_refuses() -> None:
    file = File()
    file.connection.execute("UPDATE mailbox SET uid_next = ? WHERE id = 1", (MAX_UID - 1,))
    assert file.append() == [MAX_UID - 1]
    with pytest.raises(Refused) as refused:
        file.append()
    assert refused.value.reason is Reason.LIMIT


def test_below_the_pruned_log_the_answer_comes_from_the_messages() -> None:
    """RFC 7162 §3.2.6."""
    file = File()
    marks = [file.txn.modseq()]
    for _ in range(6):
        file.append()
        marks.append(file.txn.modseq())
    file.txn.expunge(BOX, numbers(2), only_deleted=False)
    file.txn.change_flags(BOX, numbers(3), FlagChange.ADD, SEEN)
    log.prune(file.connection, BOX, 3)
    assert file.count("change") == 3
    recent = file.txn.changes(BOX, marks[5])
    assert ([row[0] for row in recent.changed], recent.expunged) == ([3, 6], numbers(2))
    old = file.txn.changes(BOX, marks[1])
    assert [row[0] for row in old.changed] == [3, 4, 5, 6]
    assert old.expunged == numbers(2)
    assert file.txn.expunged_since(BOX, marks[1], numbers(1, 2, 3)) == numbers(2)
    assert file.txn.expunged_since(BOX, marks[1], numbers(2, 99)) == numbers(2, 99)
    assert list(file.txn.view(BOX).uids) == [1, 3, 4, 5, 6]
    assert list(faults(file.connection)) == []


def test_log_is_cut_a_little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PRUNED_AT_ONCE", 4)
    file = File()
    for _ in range(12):
        file.append()
    log.prune(file.connection, BOX, 6)
    assert file.count("change") == 8
    log.prune(file.connection, BOX, 6)
    assert file.count("change") == 6
    log.prune(file.connection, BOX, 6)
    assert file.count("change") == 6


def test_remembered_state_older_than_the_log_is_not_brought_up_from_it() -> None:
    file = File()
    cache = AccountCache()
    file.append(2)
    SqliteWriteTxn(file.connection, NOW, cache, None).view(BOX)
    reader = SqliteWriteTxn(file.connection, NOW, cache, None)
    reader.view(BOX)
    reader.publish()
    file.txn.expunge(BOX, numbers(1), only_deleted=False)
    for _ in range(3):
        file.append()
    log.prune(file.connection, BOX, 1)
    assert list(SqliteWriteTxn(file.connection, NOW, cache, None).view(BOX).uids) == [2, 3, 4, 5]


def test_bin_gives_the_room_back_a_little_at_a_time() -> None:
    file = File()
    file.append(MAILS_AT_ONCE + 1)
    file.txn.expunge(BOX, only_deleted=False)
    assert file.count("frame") == MAILS_AT_ONCE + 1
    file.now += BIN_SECONDS + 1
    file.txn.expunge(BOX)
    assert [file.count(table) for table in ("mail", "facts", "content", "frame", "bin")] == [1, 1, 1, 1, 1]
    file.txn.expunge(BOX)
    assert [file.count(table) for table in ("mail", "facts", "content", "frame", "bin")] == [0, 0, 0, 0, 0]
    assert list(faults(file.connection)) == []


def test_uidl_that_a_later_mailbox_will_make_is_not_free() -> None:
    file = File()
    upcoming = file.txn.mailbox(MailboxName("Trash")).uid_validity + 1
    file.append(uidl=f"{upcoming:x}.1")
    later = file.txn.create_mailbox(MailboxName("later"))
    file.txn.copy(BOX, ALL, later.id)
    both = [row[0] for box in (BOX, later.id) for row in file.txn.messages(box, ALL, [Column.UIDL])]
    assert len(set(both)) == 2


def test_uidl_made_by_an_account_that_was_before_is_free() -> None:
    file = File()
    file.append(uidl=f"{NOW - 1000:x}.1")
    assert file.txn.messages(BOX, ALL, [Column.UIDL]) == [(f"{NOW - 1000:x}.1",)]


def test_only_a_recent_copy_inherits_where_there_is_an_old_one() -> None:
    file = File()
    file.append(1)
    other = file.txn.create_mailbox(MailboxName("other")).id
    file.txn.copy(BOX, ALL, other)
    file.now += 3600
    file.append(1)
    file.txn.copy(BOX, numbers(2), other)
    before = [row[0] for row in file.txn.messages(BOX, ALL, [Column.UIDL])]
    own = [row[0] for row in file.txn.messages(other, ALL, [Column.UIDL])]
    file.txn.expunge(BOX, only_deleted=False)
    assert [row[0] for row in file.txn.messages(other, ALL, [Column.UIDL])] == [own[0], before[1]]


def test_cache_is_bounded_and_never_older(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bustia.store.sqlite.cache.MAX_MESSAGES", 5)
    file = File()
    cache = AccountCache()
    other = file.txn.create_mailbox(MailboxName("other")).id
    file.append(4)
    file.txn.copy(BOX, ALL, other)
    txn = SqliteWriteTxn(file.connection, NOW, cache, None)
    txn.view(BOX)
    txn.view(other)
    txn.publish()
    assert cache.state(BOX) is None
    kept = cache.state(other)
    assert kept is not None
    assert cache.octets == 4 * 12
    cache.remember(other, MailboxState.of(ModSeq(kept.highest - 1), [], []))
    assert cache.state(other) is kept
    cache.forget()
    assert cache.state(other) is None


def test_room_is_counted_before_anything_is_written() -> None:
    file = File()
    file.txn.set_quota(0, None)
    changes = file.connection.total_changes()
    with pytest.raises(Refused):
        file.txn.append(BOX, [arrival(1, NO_FLAGS)])
    assert file.connection.total_changes() == changes
