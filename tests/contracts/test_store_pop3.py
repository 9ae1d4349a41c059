"""What every store promises of UIDLs and POP3 facts (RFC 1939 §7; design §2, rules 3, 8 and 9)."""

from __future__ import annotations

import pytest

from bustia.model.flags import NO_FLAGS
from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.number_set import EMPTY
from bustia.model.numbers import MailboxID
from bustia.store.api import BIN_SECONDS, Column
from store_contract import ALL, Box, numbers


def uidls(box: Box, mailbox: MailboxID) -> list[str]:
    return [str(uidl) for uidl in box.column(mailbox, Column.UIDL)]


def expunge(box: Box, mailbox: MailboxID, *uids: int) -> None:
    box.write(lambda txn: txn.expunge(mailbox, numbers(*uids), only_deleted=False))


@pytest.mark.parametrize("wanted", ["", "with space", "x" * 71, "tab\t", "é"])
def test_wanted_uidl_that_is_none_is_not_kept(box: Box, wanted: str) -> None:
    inbox = box.inbox
    box.append(inbox, uidl=wanted)
    (given,) = uidls(box, inbox)
    assert given != wanted
    assert 1 <= len(given) <= 70
    assert all(0x21 <= ord(character) <= 0x7E for character in given)


@pytest.mark.parametrize("wanted", ["x" * 70, "!", "~", "UID123-456"])
def test_wanted_uidl_is_kept_if_free(box: Box, wanted: str) -> None:
    inbox = box.inbox
    box.append(inbox, uidl=wanted)
    box.append(inbox, uidl=wanted)
    first, second = uidls(box, inbox)
    assert first == wanted
    assert second != wanted


def test_uidl_is_never_free_again(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox, uidl="mine")
    expunge(box, inbox, 1)
    box.now += BIN_SECONDS + 1
    box.append(inbox)
    box.restart()
    box.append(inbox, uidl="mine")
    assert "mine" not in uidls(box, inbox)


def test_uidl_that_another_message_has_is_not_taken_from_it(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)
    (made,) = uidls(box, inbox)
    box.append(inbox, uidl=made)
    assert len(set(uidls(box, inbox))) == 2


def test_uidls_of_the_next_messages_cannot_be_taken_before(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)
    (made,) = uidls(box, inbox)
    upcoming = made[:-1] + "3"  # the second message wants what the third will have
    box.append(inbox, uidl=upcoming)
    box.append(inbox)
    assert len(set(uidls(box, inbox))) == 3


def test_uidls_are_unique_in_the_account_and_stay(box: Box) -> None:
    inbox = box.inbox
    other = box.create("other")
    box.append(inbox, NO_FLAGS, NO_FLAGS)
    box.append(other, NO_FLAGS, NO_FLAGS)
    before = uidls(box, inbox) + uidls(box, other)
    assert len(set(before)) == 4
    box.restart()
    assert uidls(box, inbox) + uidls(box, other) == before


def test_uidls_of_a_mailbox_made_again_are_new(box: Box) -> None:
    first = box.create("a")
    box.append(first)
    before = uidls(box, first)
    box.write(lambda txn: txn.delete_mailbox(MailboxName("a")))
    second = box.create("a")
    box.append(second)
    assert uidls(box, second) != before


def test_move_keeps_the_uidl(box: Box) -> None:
    inbox = box.inbox
    other = box.create("other")
    box.append(inbox)
    before = uidls(box, inbox)
    box.write(lambda txn: txn.move(inbox, ALL, other))
    assert uidls(box, other) == before
    box.write(lambda txn: txn.move(other, ALL, inbox))
    assert uidls(box, inbox) == before


def test_copy_gets_its_own_uidl(box: Box) -> None:
    inbox = box.inbox
    other = box.create("other")
    box.append(inbox, uidl="mine")
    box.write(lambda txn: txn.copy(inbox, ALL, other))
    assert uidls(box, other) != ["mine"]
    assert uidls(box, inbox) == ["mine"]


def test_copy_then_expunge_of_the_source_is_a_move(box: Box) -> None:
    """How clients without MOVE move: a POP3 client must not download the mail again."""
    inbox = box.inbox
    other = box.create("other")
    box.append(inbox, NO_FLAGS, NO_FLAGS, NO_FLAGS)
    before = uidls(box, inbox)
    box.write(lambda txn: txn.copy(inbox, numbers(1, 3), other))
    own = uidls(box, other)
    box.now += 120
    expunge(box, inbox, 2, 3)
    assert uidls(box, other) == [own[0], before[2]]


def test_only_one_copy_inherits(box: Box) -> None:
    inbox = box.inbox
    other = box.create("other")
    box.append(inbox)
    before = uidls(box, inbox)
    box.write(lambda txn: txn.copy(inbox, ALL, other))
    box.write(lambda txn: txn.copy(inbox, ALL, other))
    expunge(box, inbox, 1)
    assert sorted(uidls(box, other)).count(before[0]) == 1
    assert len(set(uidls(box, other))) == 2


@pytest.mark.parametrize("why", ["listed", "late"])
def test_copy_does_not_inherit_when(box: Box, why: str) -> None:
    inbox = box.inbox
    other = box.create("other")
    box.append(inbox)
    box.write(lambda txn: txn.copy(inbox, ALL, other))
    own = uidls(box, other)
    if why == "listed":
        box.write(lambda txn: txn.note_pop3(other, ALL, EMPTY))
    else:
        box.now += 3600
    expunge(box, inbox, 1)
    assert uidls(box, other) == own


def test_listing_is_not_news(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)
    before = box.read(lambda txn: txn.modseq())
    box.write(lambda txn: txn.note_pop3(inbox, ALL, numbers(1)))
    assert box.read(lambda txn: txn.modseq()) == before


def test_rename_of_inbox_keeps_uidls(box: Box) -> None:
    inbox = box.inbox
    box.append(inbox)
    before = uidls(box, inbox)
    box.write(lambda txn: txn.rename_mailbox(MailboxName(INBOX), MailboxName("Old")))
    assert uidls(box, box.read(lambda txn: txn.mailbox(MailboxName("Old"))).id) == before
