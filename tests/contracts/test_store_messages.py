"""What every store promises of messages and their octets: filing, reading, copying, moving, expunging, room."""

from __future__ import annotations

import random

import pytest

from bustia.model.flags import DELETED, FLAGGED, NO_FLAGS, SEEN
from bustia.model.mailbox import MailboxName
from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MAX_UID, MailboxID, MailID
from bustia.model.reason import Reason
from bustia.store.api import BIN_SECONDS, Arrival, Column, MailboxInfo, Origin, Prepared
from bustia.store.sqlite.prepare import prepare
from store_contract import ALL, NOW, Box, arrival, mail, numbers, octets, reason_of

NONE = MailboxID(999)


def info(box: Box, mailbox: MailboxID) -> MailboxInfo:
    found = box.read(lambda txn: txn.mailbox_by_id(mailbox))
    assert found is not None
    return found


def stored(box: Box, mail_id: object) -> bytes | None:
    assert isinstance(mail_id, int)

    def read(txn):  # type: ignore[no-untyped-def]
        found = txn.contents([MailID(mail_id)]).get(mail_id)
        return None if found is None else found.read(0, found.size)

    answer: bytes | None = box.read(read)
    return answer


def test_uids_that_are_not_there_give_no_rows(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)
    assert box.read(lambda txn: txn.messages(inbox, numbers(2, MAX_UID), [Column.UID])) == []
    assert box.read(lambda txn: txn.messages(inbox, EMPTY, [Column.UID])) == []
    assert box.read(lambda txn: txn.messages(NONE, ALL, [Column.UID])) == []
    assert box.read(lambda txn: txn.contents([MailID(77)])) == {}


def test_copy_and_move_refuse_a_missing_target(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)
    assert reason_of(box, lambda txn: txn.copy(inbox, ALL, NONE)) is Reason.NOT_FOUND
    assert reason_of(box, lambda txn: txn.move(inbox, ALL, NONE)) is Reason.NOT_FOUND
    assert info(box, inbox).messages == 1


def test_every_column_comes_back_as_it_was_filed(box: Box) -> None:
    inbox = box.inbox
    source = b"From: Ana <ana@example.org>\r\nDate: Tue, 1 Jul 2025 10:00:00 +0200\r\nSubject: =?utf-8?q?b=C3=BAstia?=\r\n\r\ntext\n"
    prepared = prepare(source)
    box.write(lambda txn: txn.append(inbox, [Arrival(prepared, SEEN, 1234, "mine")]))
    (row,) = box.rows(inbox, *Column)
    values = dict(zip(Column, row, strict=True))
    facts = prepared.facts
    modseq = box.read(lambda txn: txn.modseq())
    for column in Column:
        if hasattr(facts, column.value):
            assert values[column] == getattr(facts, column.value), column
    place = (Column.UID, Column.FLAGS, Column.MODSEQ, Column.SAVED, Column.UIDL, Column.INTERNAL_DATE)
    assert [values[column] for column in place] == [1, SEEN, modseq, NOW, "mine", 1234]
    assert stored(box, values[Column.MAIL]) == source


def test_columns_come_in_the_order_asked_for_and_rise_by_uid(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, *[NO_FLAGS] * 40)
    wanted = NumberSet.of(range(1, 41, 2))  # more ranges than go as ranges
    rows = box.read(lambda txn: txn.messages(inbox, wanted, [Column.SUBJECT, Column.UID]))
    assert rows == [(f"mail {uid - 1}", uid) for uid in range(1, 41, 2)]


def test_rows_end_where_the_long_columns_have_so_many_octets(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, *[NO_FLAGS] * 5)
    columns = [Column.UID, Column.ENVELOPE, Column.FLAGS]
    every = box.read(lambda txn: txn.messages(inbox, ALL, columns))
    two = sum(len(octets) for _, octets, _ in every[:2] if isinstance(octets, bytes))
    assert box.read(lambda txn: txn.messages(inbox, ALL, columns, two)) == every[:2]
    assert box.read(lambda txn: txn.messages(inbox, ALL, columns, two + 1)) == every[:3]
    assert box.read(lambda txn: txn.messages(inbox, ALL, columns, 1)) == every[:1]
    assert box.read(lambda txn: txn.messages(inbox, ALL, columns, 1_000_000)) == every
    assert len(box.read(lambda txn: txn.messages(inbox, ALL, [Column.UID, Column.SIZE], 1))) == 5


@pytest.mark.parametrize("size", [0, 1, 511, 512, 16_384, 16_385, 262_144, 262_145, 600_000])
@pytest.mark.parametrize("plain", [True, False])
def test_contents_come_back_in_any_cut(box: Box, size: int, plain: bool) -> None:
    inbox = box.inbox
    chance = random.Random(size)
    source = (b"Subject: s\r\n\r\n" + (chance.randbytes(size) if plain else b"words " * size))[:size]
    box.write(lambda txn: txn.append(inbox, [Arrival(prepare(source), NO_FLAGS, 0)]))
    (mail_id,) = box.column(inbox, Column.MAIL)

    def read(txn):  # type: ignore[no-untyped-def]
        (content,) = txn.contents([mail_id]).values()
        assert content.size == size
        for _ in range(20):
            start = chance.randint(0, size + 2)
            end = chance.randint(0, size + 2)
            assert content.read(start, end) == source[start:end]
        return content.read(0, size)

    assert box.read(read) == source


def test_equal_octets_are_two_mails_with_one_content(box: Box) -> None:
    inbox = box.inbox
    box.write(lambda txn: txn.append(inbox, [arrival(1), arrival(1)]))
    first, second = box.column(inbox, Column.MAIL)
    assert first != second
    box.write(lambda txn: txn.expunge(inbox, numbers(1), only_deleted=False))
    box.now += BIN_SECONDS + 1
    box.append(inbox)  # whoever writes takes the bin out
    assert stored(box, first) is None
    assert stored(box, second) == octets(1)


def test_append_counts_room_and_refuses_whole(box: Box) -> None:
    inbox = box.inbox
    size = mail(0).facts.size
    box.write(lambda txn: txn.set_quota(2 * size, None))
    assert reason_of(box, lambda txn: txn.append(inbox, [arrival(0)] * 3)) is Reason.OVER_QUOTA
    assert info(box, inbox).messages == 0
    box.write(lambda txn: txn.append(inbox, [arrival(0)] * 2))
    quota = box.read(lambda txn: txn.quota())
    assert (quota.octets, quota.octets_limit, quota.messages, quota.messages_limit) == (2 * size, 2 * size, 2, None)
    box.write(lambda txn: txn.set_quota(None, 2))
    assert reason_of(box, lambda txn: txn.append(inbox, [arrival(0)])) is Reason.OVER_QUOTA
    box.write(lambda txn: txn.set_quota(None, None))
    box.append(inbox)


def test_copy_and_move_are_never_refused_for_room(box: Box) -> None:
    """Trash works when the account is full."""
    inbox = box.inbox
    target = box.create("target")
    box.append(inbox, NO_FLAGS, NO_FLAGS)
    box.write(lambda txn: txn.set_quota(1, 1))
    box.write(lambda txn: txn.copy(inbox, numbers(1), target))
    box.write(lambda txn: txn.move(inbox, numbers(2), target))
    quota = box.read(lambda txn: txn.quota())
    assert quota.messages == 3  # each place counts
    assert quota.octets == 3 * mail(0).facts.size


def test_copy_keeps_mail_flags_and_date_and_gives_new_uids(box: Box) -> None:
    inbox = box.inbox
    target = box.create("target")
    keyword = box.write(lambda txn: txn.make_flags(["work"]))
    box.append(target)
    box.append(inbox, SEEN, keyword)
    box.now += 5
    copied = box.write(lambda txn: txn.copy(inbox, ALL, target))
    assert copied.source == (1, 2)
    assert copied.target == (2, 3)
    assert copied.uid_validity == info(box, target).uid_validity
    kept = (Column.MAIL, Column.FLAGS, Column.INTERNAL_DATE)
    assert box.rows(target, *kept)[1:] == box.rows(inbox, *kept)
    assert box.column(target, Column.SAVED)[1:] == [NOW + 5, NOW + 5]
    assert info(box, inbox).messages == 2


def test_copy_into_its_own_mailbox_doubles(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)
    assert box.write(lambda txn: txn.copy(inbox, ALL, inbox)).target == (2,)
    (copied,) = {*box.column(inbox, Column.MAIL)}
    box.write(lambda txn: txn.copy(inbox, ALL, inbox))
    box.write(lambda txn: txn.expunge(inbox, numbers(1, 2, 3), only_deleted=False))
    box.now += BIN_SECONDS + 1
    box.append(inbox)
    assert stored(box, copied) == octets(0)  # one place is left


def test_copy_of_nothing_is_nothing(box: Box) -> None:
    inbox = box.inbox
    target = box.create("target")
    before = box.read(lambda txn: txn.modseq())
    assert box.write(lambda txn: txn.copy(inbox, numbers(5), target)).source == ()
    assert box.write(lambda txn: txn.move(inbox, numbers(5), target)).target == ()
    assert box.write(lambda txn: txn.expunge(inbox)) == EMPTY
    assert box.read(lambda txn: txn.modseq()) == before


def test_move_is_copy_and_expunge_at_once(box: Box) -> None:
    inbox = box.inbox
    target = box.create("target")
    box.append(inbox, SEEN, FLAGGED, NO_FLAGS)
    mails = box.column(inbox, Column.MAIL)
    mark = box.read(lambda txn: txn.modseq())
    moved = box.write(lambda txn: txn.move(inbox, numbers(1, 3), target))
    assert (moved.source, moved.target) == ((1, 3), (1, 2))
    assert box.column(target, Column.MAIL) == [mails[0], mails[2]]
    assert box.column(inbox, Column.UID) == [2]
    assert box.read(lambda txn: txn.changes(inbox, mark)).expunged == numbers(1, 3)
    assert [row[0] for row in box.read(lambda txn: txn.changes(target, mark)).changed] == [1, 2]


def test_move_within_a_mailbox_gives_new_uids_and_keeps_the_rest(box: Box) -> None:
    """RFC 6851 §3.3."""
    inbox = box.inbox
    box.append(inbox, SEEN, FLAGGED, NO_FLAGS)
    mails, uidls = box.column(inbox, Column.MAIL), box.column(inbox, Column.UIDL)
    mark = box.read(lambda txn: txn.modseq())
    moved = box.write(lambda txn: txn.move(inbox, numbers(1, 2), inbox))
    assert (moved.source, moved.target) == ((1, 2), (4, 5))
    assert box.rows(inbox, Column.UID, Column.FLAGS) == [(3, NO_FLAGS), (4, SEEN), (5, FLAGGED)]
    assert box.column(inbox, Column.MAIL) == [mails[2], *mails[:2]]
    assert box.column(inbox, Column.UIDL) == [uidls[2], *uidls[:2]]
    changes = box.read(lambda txn: txn.changes(inbox, mark))
    assert (changes.expunged, [row[0] for row in changes.changed]) == (numbers(1, 2), [4, 5])
    assert info(box, inbox).messages == 3


def test_expunge_takes_only_deleted_and_only_named(box: Box) -> None:
    """RFC 9051 §6.4.9, UID EXPUNGE."""
    inbox = box.inbox
    box.append(inbox, DELETED, NO_FLAGS, DELETED, DELETED)
    assert box.write(lambda txn: txn.expunge(inbox, numbers(1, 2))) == numbers(1)
    assert box.write(lambda txn: txn.expunge(inbox)) == numbers(3, 4)
    assert box.write(lambda txn: txn.expunge(inbox, numbers(2), only_deleted=False)) == numbers(2)
    assert info(box, inbox).uid_next == 5


def test_uids_are_not_used_again(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, NO_FLAGS, NO_FLAGS)
    box.write(lambda txn: txn.expunge(inbox, only_deleted=False))
    box.restart()
    assert box.append(inbox) == [3]


def test_mail_numbers_are_not_used_again(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)
    (gone,) = box.column(inbox, Column.MAIL)
    box.write(lambda txn: txn.expunge(inbox, only_deleted=False))
    box.now += BIN_SECONDS + 1
    box.append(inbox)
    box.restart()
    box.append(inbox)
    assert gone not in box.column(inbox, Column.MAIL)


@pytest.mark.parametrize("how", ["expunge", "delete mailbox"])
def test_expunged_mail_stays_readable_for_bin_seconds(box: Box, how: str) -> None:
    """A POP3 snapshot reads what another session expunged."""
    mailbox = box.create("a")
    other = box.create("other")
    box.append(mailbox)
    (mail_id,) = box.column(mailbox, Column.MAIL)
    if how == "expunge":
        box.write(lambda txn: txn.expunge(mailbox, only_deleted=False))
    else:
        box.write(lambda txn: txn.delete_mailbox(MailboxName("a")))
    box.now += BIN_SECONDS - 1
    box.append(other)
    assert stored(box, mail_id) == octets(0)
    box.now += 120
    box.append(other)
    assert stored(box, mail_id) is None


def test_counters_follow_each_change(box: Box) -> None:
    inbox = box.inbox
    target = box.create("target")
    size = mail(0).facts.size
    box.append(inbox, SEEN, DELETED, NO_FLAGS)

    def counters(mailbox: MailboxID) -> tuple[int, int, int, int, int]:
        found = info(box, mailbox)
        return (found.messages, found.unseen, found.deleted, found.octets, found.deleted_octets)

    assert counters(inbox) == (3, 2, 1, 3 * size, size)
    box.write(lambda txn: txn.copy(inbox, numbers(1, 2), target))
    assert counters(target) == (2, 1, 1, 2 * size, size)
    box.write(lambda txn: txn.move(inbox, numbers(2), target))
    assert counters(inbox) == (2, 1, 0, 2 * size, 0)
    assert counters(target) == (3, 2, 2, 3 * size, 2 * size)
    box.write(lambda txn: txn.expunge(target))
    assert counters(target) == (1, 0, 0, size, 0)


def test_origin_of_arrivals_does_not_hide_them(box: Box) -> None:
    inbox = box.inbox
    mark = box.read(lambda txn: txn.modseq())
    prepared: Prepared = mail(1)
    box.write(lambda txn: txn.append(inbox, [Arrival(prepared, NO_FLAGS, NOW, origin=Origin.PULLED)]))
    assert len(box.read(lambda txn: txn.changes(inbox, mark)).changed) == 1
