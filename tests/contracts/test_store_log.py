"""What every store promises of modseqs, changes and views."""

from __future__ import annotations

import itertools

import pytest

from bustia.model.flags import DELETED, FLAGGED, NO_FLAGS, SEEN, FlagChange
from bustia.model.mailbox import MailboxName
from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MAX_UID, MailboxID, ModSeq
from bustia.store.api import Column, ReadTxn, WriteTxn
from store_contract import ALL, Box, numbers


def modseq(box: Box) -> ModSeq:
    return box.read(lambda txn: txn.modseq())


def flag(box: Box, mailbox: MailboxID, *uids: int) -> None:
    box.write(lambda txn: txn.change_flags(mailbox, numbers(*uids), FlagChange.ADD, FLAGGED))


def test_every_change_raises_the_accounts_modseq(box: Box) -> None:
    inbox = box.inbox
    target = box.create("target")
    marks = [modseq(box)]
    for change in (
        lambda: box.append(inbox),
        lambda: flag(box, inbox, 1),
        lambda: box.write(lambda txn: txn.copy(inbox, ALL, target)),
        lambda: box.write(lambda txn: txn.move(target, ALL, inbox)),
        lambda: box.write(lambda txn: txn.expunge(inbox, numbers(1), only_deleted=False)),
        lambda: box.create("another"),
        lambda: box.write(lambda txn: txn.rename_mailbox(MailboxName("another"), MailboxName("other"))),
        lambda: box.write(lambda txn: txn.delete_mailbox(MailboxName("other"))),
        lambda: box.write(lambda txn: txn.set_subscribed(["x"], True)),
    ):
        change()
        marks.append(modseq(box))
    assert all(later > earlier for earlier, later in itertools.pairwise(marks))
    box.restart()
    assert modseq(box) == marks[-1]


def test_highest_modseq_is_the_mailboxs_own(box: Box) -> None:
    inbox = box.inbox
    other = box.create("other")

    def highest(mailbox: MailboxID) -> int:
        return next(info.highest_modseq for info in box.read(lambda txn: txn.mailboxes()) if info.id == mailbox)

    before = highest(other)
    box.append(inbox)
    assert highest(inbox) == modseq(box)
    assert highest(other) == before


def test_changes_name_what_came_changed_and_went(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, NO_FLAGS, SEEN, NO_FLAGS)
    mark = modseq(box)
    flag(box, inbox, 2)
    box.append(inbox)
    box.write(lambda txn: txn.expunge(inbox, numbers(1), only_deleted=False))
    changes = box.read(lambda txn: txn.changes(inbox, mark))
    assert (changes.modseq, changes.uid_next, changes.deleted) == (modseq(box), 5, False)
    assert changes.expunged == numbers(1)
    assert [(uid, flags) for uid, flags, _ in changes.changed] == [(2, SEEN | FLAGGED), (4, NO_FLAGS)]
    assert all(mark < reached <= changes.modseq for _, _, reached in changes.changed)


def test_changes_of_another_mailbox_are_not_told(box: Box) -> None:
    inbox = box.inbox
    other = box.create("other")
    mark = modseq(box)
    box.append(other)
    changes = box.read(lambda txn: txn.changes(inbox, mark))
    assert (changes.changed, changes.expunged, changes.modseq) == ((), EMPTY, modseq(box))


def test_a_message_that_came_and_went_is_only_expunged(box: Box) -> None:
    inbox = box.inbox
    mark = modseq(box)
    box.append(inbox, DELETED)
    box.write(lambda txn: txn.expunge(inbox))
    changes = box.read(lambda txn: txn.changes(inbox, mark))
    assert changes.changed == ()
    assert 1 in changes.expunged


def test_changes_since_nothing_are_all_messages(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, NO_FLAGS, NO_FLAGS)
    assert [row[0] for row in box.read(lambda txn: txn.changes(inbox, ModSeq(0))).changed] == [1, 2]


def test_expunged_since_answers_only_for_what_is_known(box: Box) -> None:
    """RFC 7162 §3.2.5.1: VANISHED (EARLIER) within the client's known UIDs."""
    inbox = box.inbox
    box.append(inbox, *[NO_FLAGS] * 6)
    box.write(lambda txn: txn.expunge(inbox, numbers(1), only_deleted=False))
    mark = modseq(box)
    box.write(lambda txn: txn.expunge(inbox, numbers(3, 4, 6), only_deleted=False))

    def gone(known: NumberSet, since: ModSeq) -> NumberSet:
        return box.read(lambda txn: txn.expunged_since(inbox, since, known))

    assert gone(numbers(1, 2, 3, 4), mark) == numbers(3, 4)
    assert gone(NumberSet(((1, MAX_UID),)), mark) == numbers(3, 4, 6)
    assert gone(numbers(1, 2), ModSeq(1)) == numbers(1)
    assert gone(EMPTY, mark) == EMPTY


def test_view_is_the_mailbox_in_uid_order(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, SEEN, NO_FLAGS, FLAGGED)
    box.write(lambda txn: txn.expunge(inbox, numbers(2), only_deleted=False))
    view = box.read(lambda txn: txn.view(inbox))
    assert (list(view.uids), list(view.flags), view.modseq) == ([1, 3], [SEEN, FLAGGED], modseq(box))


def test_view_given_out_does_not_change_later(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, NO_FLAGS, NO_FLAGS)
    view = box.read(lambda txn: txn.view(inbox))
    flag(box, inbox, 1)
    box.write(lambda txn: txn.expunge(inbox, numbers(2), only_deleted=False))
    box.append(inbox)
    later = box.read(lambda txn: txn.view(inbox))
    assert (list(view.uids), list(view.flags)) == ([1, 2], [NO_FLAGS, NO_FLAGS])
    assert (list(later.uids), list(later.flags)) == ([1, 3], [FLAGGED, NO_FLAGS])


def test_a_write_sees_its_own_changes_and_others_do_not_if_it_fails(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, NO_FLAGS, NO_FLAGS)
    seen: list[list[int]] = []

    def fails(txn: WriteTxn) -> None:
        txn.change_flags(inbox, ALL, FlagChange.ADD, SEEN)
        seen.append(list(txn.view(inbox).flags))
        raise ZeroDivisionError

    for uid in (1, 2):
        with pytest.raises(ZeroDivisionError):
            box.write(fails)
        flag(box, inbox, uid)  # takes the modseq that the failed write had
        expected = [FLAGGED, FLAGGED if uid == 2 else NO_FLAGS]
        assert list(box.read(lambda txn: txn.view(inbox)).flags) == expected
    assert seen == [[SEEN, SEEN], [SEEN | FLAGGED, SEEN]]


def test_reads_inside_one_read_see_one_state(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)

    def both(txn: ReadTxn) -> tuple[int, int, list[tuple[object, ...]]]:
        view = txn.view(inbox)
        return view.modseq, txn.modseq(), txn.messages(inbox, ALL, [Column.UID])

    reached, again, rows = box.read(both)
    assert reached == again
    assert rows == [(1,)]
