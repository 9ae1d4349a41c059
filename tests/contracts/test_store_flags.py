"""What every store promises of flags and keywords."""

from __future__ import annotations

import pytest

from bustia.model.flags import (
    ANSWERED,
    DELETED,
    FIRST_KEYWORD_BIT,
    FLAGGED,
    MAX_KEYWORD_LENGTH,
    MAX_KEYWORDS,
    NO_FLAGS,
    SEEN,
    FlagChange,
    Flags,
    flag_names,
)
from bustia.model.number_set import EMPTY, NumberSet
from bustia.model.numbers import MailboxID, ModSeq
from bustia.model.reason import Reason
from bustia.store.api import Column, FlagsChanged
from store_contract import ALL, Box, numbers, reason_of


def change(
    box: Box, mailbox: MailboxID, uids: NumberSet, how: FlagChange, flags: int, since: ModSeq | None = None
) -> FlagsChanged:
    return box.write(lambda txn: txn.change_flags(mailbox, uids, how, Flags(flags), since))


def test_too_many_keywords_are_refused_whole(box: Box) -> None:
    box.write(lambda txn: txn.make_flags([f"k{number}" for number in range(MAX_KEYWORDS - 1)]))
    assert reason_of(box, lambda txn: txn.make_flags(["one", "two"])) is Reason.LIMIT
    assert len(box.read(lambda txn: txn.keywords())) == MAX_KEYWORDS - 1
    box.write(lambda txn: txn.make_flags(["one"]))
    assert reason_of(box, lambda txn: txn.make_flags(["two"])) is Reason.LIMIT
    assert box.write(lambda txn: txn.make_flags(["ONE", "k0"])) == 1 << FIRST_KEYWORD_BIT + 999 | 1 << FIRST_KEYWORD_BIT


def test_too_long_a_keyword_is_refused(box: Box) -> None:
    assert reason_of(box, lambda txn: txn.make_flags(["k" * (MAX_KEYWORD_LENGTH + 1)])) is Reason.LIMIT
    box.write(lambda txn: txn.make_flags(["k" * MAX_KEYWORD_LENGTH]))


@pytest.mark.parametrize("name", ["\\Recent", "\\Other", "\\"])
def test_a_system_flag_that_no_message_can_have_is_no_keyword(box: Box, name: str) -> None:
    assert reason_of(box, lambda txn: txn.make_flags(["work", name])) is Reason.UNSUPPORTED
    assert box.read(lambda txn: txn.keywords()) == (), "refused whole"


def test_keywords_keep_bit_and_first_spelling(box: Box) -> None:
    first = box.write(lambda txn: txn.make_flags(["Work", "\\Seen", "home"]))
    assert first == SEEN | 1 << FIRST_KEYWORD_BIT | 2 << FIRST_KEYWORD_BIT
    assert box.write(lambda txn: txn.make_flags(["WORK", "new"])) == 1 << FIRST_KEYWORD_BIT | 4 << FIRST_KEYWORD_BIT
    box.restart()
    assert box.read(lambda txn: txn.keywords()) == ("Work", "home", "new")


def test_unknown_flags_have_no_bit(box: Box) -> None:
    box.write(lambda txn: txn.make_flags(["work"]))
    assert box.read(lambda txn: txn.known_flags(["other", "\\Other"])) == NO_FLAGS
    assert box.read(lambda txn: txn.known_flags(["Work", "\\seen"])) == SEEN | 1 << FIRST_KEYWORD_BIT


@pytest.mark.parametrize(
    ("how", "named", "after"),
    [
        (FlagChange.ADD, FLAGGED | SEEN, [SEEN | FLAGGED, SEEN | FLAGGED]),
        (FlagChange.REMOVE, SEEN, [NO_FLAGS, FLAGGED]),
        (FlagChange.REPLACE, ANSWERED, [ANSWERED, ANSWERED]),
        (FlagChange.REPLACE, NO_FLAGS, [NO_FLAGS, NO_FLAGS]),
    ],
)
def test_change_gives_what_stands_now(box: Box, how: FlagChange, named: int, after: list[int]) -> None:
    inbox = box.inbox
    box.append(inbox, SEEN, Flags(SEEN | FLAGGED))
    answer = change(box, inbox, ALL, how, named)
    assert [flags for _, flags, _ in answer.messages] == after
    assert box.column(inbox, Column.FLAGS) == after
    assert [row[2] for row in answer.messages] == box.column(inbox, Column.MODSEQ)
    assert list(box.read(lambda txn: txn.view(inbox)).flags) == after


def test_unchanged_flags_keep_their_modseq(box: Box) -> None:
    """RFC 7162 §3.1: nothing is told that is not news."""
    inbox = box.inbox
    box.append(inbox, SEEN, NO_FLAGS)
    before = box.column(inbox, Column.MODSEQ)
    answer = change(box, inbox, ALL, FlagChange.ADD, SEEN)
    assert box.column(inbox, Column.MODSEQ) == [before[0], answer.modseq]
    assert len(answer.messages) == 2
    again = change(box, inbox, ALL, FlagChange.ADD, SEEN)
    assert again.modseq == answer.modseq == box.read(lambda txn: txn.modseq())


def test_unchanged_since_spares_what_is_newer(box: Box) -> None:
    """RFC 7162 §3.1.3."""
    inbox = box.inbox
    box.append(inbox, NO_FLAGS, NO_FLAGS, NO_FLAGS)
    mark = box.read(lambda txn: txn.modseq())
    change(box, inbox, numbers(2), FlagChange.ADD, FLAGGED)
    answer = change(box, inbox, numbers(1, 2, 9), FlagChange.ADD, SEEN, mark)
    assert answer.modified == numbers(2)
    assert [uid for uid, _, _ in answer.messages] == [1]
    assert box.column(inbox, Column.FLAGS) == [SEEN, FLAGGED, NO_FLAGS]
    assert change(box, inbox, ALL, FlagChange.ADD, SEEN, ModSeq(0)).modified == numbers(1, 2, 3)


def test_uids_that_are_not_there_are_left_out(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)
    answer = change(box, inbox, numbers(2, 3), FlagChange.ADD, SEEN)
    assert (answer.messages, answer.modified) == ((), EMPTY)


def test_unseen_and_deleted_are_counted(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, NO_FLAGS, SEEN, Flags(SEEN | DELETED))

    def counted() -> tuple[int, int, int]:
        found = box.read(lambda txn: txn.mailboxes())[0]
        return found.unseen, found.deleted, found.deleted_octets

    size = box.read(lambda txn: txn.mailboxes())[0].octets // 3
    assert counted() == (1, 1, size)
    change(box, inbox, ALL, FlagChange.ADD, DELETED)
    assert counted() == (1, 3, 3 * size)
    change(box, inbox, numbers(2, 3), FlagChange.REMOVE, SEEN | DELETED)
    assert counted() == (3, 1, size)
    change(box, inbox, ALL, FlagChange.REPLACE, SEEN)
    assert counted() == (0, 0, 0)
    change(box, inbox, numbers(1, 3), FlagChange.REPLACE, DELETED)
    assert counted() == (2, 2, 2 * size)


def test_a_thousand_keywords_work_like_one(box: Box) -> None:
    inbox = box.inbox
    names = [f"k{number}" for number in range(MAX_KEYWORDS)]
    every = box.write(lambda txn: txn.make_flags(names))
    last = box.read(lambda txn: txn.known_flags([names[-1]]))
    box.append(inbox, every, SEEN)
    assert box.column(inbox, Column.FLAGS) == [every, SEEN]
    change(box, inbox, ALL, FlagChange.ADD, last | SEEN)
    assert box.column(inbox, Column.FLAGS) == [every | SEEN, last | SEEN]
    assert list(box.read(lambda txn: txn.view(inbox)).flags) == [every | SEEN, last | SEEN]
    target = box.create("target")
    box.write(lambda txn: txn.copy(inbox, ALL, target))
    change(box, inbox, ALL, FlagChange.REMOVE, last)
    assert box.column(inbox, Column.FLAGS) == [every & ~last | SEEN, SEEN]
    assert box.column(target, Column.FLAGS) == [every | SEEN, last | SEEN]
    change(box, target, ALL, FlagChange.REPLACE, SEEN)
    assert box.column(target, Column.FLAGS) == [SEEN, SEEN]
    box.restart()
    view = box.read(lambda txn: txn.view(inbox))
    assert flag_names(view.flags[0], box.read(lambda txn: txn.keywords())) == ("\\Seen", *names[:-1])


def test_scattered_messages_change_alone(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, *[NO_FLAGS] * 120)
    odd = NumberSet.of(range(1, 121, 2))
    assert len(change(box, inbox, odd, FlagChange.ADD, SEEN).messages) == 60
    assert box.column(inbox, Column.FLAGS) == [SEEN, NO_FLAGS] * 60
