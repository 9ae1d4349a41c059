"""What every store promises of mailboxes: names, numbers, roles, subscriptions."""

from __future__ import annotations

import pytest

from bustia.model.flags import SEEN
from bustia.model.mailbox import INBOX, MailboxName, SpecialUse
from bustia.model.number_set import EMPTY
from bustia.model.numbers import MailboxID
from bustia.model.reason import Reason, Refused
from bustia.store.api import Column
from store_contract import NOW, Box, numbers, reason_of

N = MailboxName


def listed(box: Box) -> list[str]:
    return [info.name.text for info in box.read(lambda txn: txn.mailboxes())]


def test_missing_mailbox_is_not_found(box: Box) -> None:
    assert reason_of(box, lambda txn: txn.mailbox(N("none"))) is Reason.NOT_FOUND
    assert reason_of(box, lambda txn: txn.view(MailboxID(999))) is Reason.NOT_FOUND
    assert reason_of(box, lambda txn: txn.append(MailboxID(999), [])) is Reason.NOT_FOUND
    assert reason_of(box, lambda txn: txn.rename_mailbox(N("none"), N("other"))) is Reason.NOT_FOUND
    assert reason_of(box, lambda txn: txn.delete_mailbox(N("none"))) is Reason.NOT_FOUND
    assert box.read(lambda txn: txn.mailbox_by_id(MailboxID(999))) is None


def test_new_account_has_the_expected_mailboxes_subscribed(box: Box) -> None:
    infos = box.read(lambda txn: txn.mailboxes())
    assert infos[0].name.is_inbox
    assert {info.special_use for info in infos[1:]} == {
        SpecialUse.ARCHIVE,
        SpecialUse.DRAFTS,
        SpecialUse.JUNK,
        SpecialUse.SENT,
        SpecialUse.TRASH,
    }
    assert all(info.subscribed and info.messages == 0 and info.uid_next == 1 for info in infos)
    assert all(info.highest_modseq >= 1 for info in infos)


def test_mailboxes_are_listed_inbox_first_then_by_name(box: Box) -> None:
    box.create("A")
    box.create("Z/z")
    assert listed(box) == [INBOX, *sorted(listed(box)[1:])]


def test_create_refuses_a_name_that_exists(box: Box) -> None:
    box.create("Work")
    assert reason_of(box, lambda txn: txn.create_mailbox(N("Work"))) is Reason.ALREADY_EXISTS
    assert reason_of(box, lambda txn: txn.create_mailbox(N(INBOX))) is Reason.ALREADY_EXISTS


def test_create_refuses_a_role_already_given(box: Box) -> None:
    assert reason_of(box, lambda txn: txn.create_mailbox(N("Bin"), SpecialUse.TRASH)) is Reason.ALREADY_EXISTS
    assert box.write(lambda txn: txn.create_mailbox(N("Stars"), SpecialUse.FLAGGED)).special_use is SpecialUse.FLAGGED


def test_role_is_free_again_after_delete(box: Box) -> None:
    box.write(lambda txn: txn.delete_mailbox(N("Trash")))
    box.write(lambda txn: txn.create_mailbox(N("Bin"), SpecialUse.TRASH))


def test_uid_validities_rise_and_never_come_again(box: Box) -> None:
    seen = {info.uid_validity for info in box.read(lambda txn: txn.mailboxes())}
    assert len(seen) == len(listed(box))
    for _ in range(3):
        info = box.write(lambda txn: txn.create_mailbox(N("Work")))
        assert info.uid_validity > max(seen)
        seen.add(info.uid_validity)
        box.write(lambda txn: txn.delete_mailbox(N("Work")))


def test_uid_validity_rises_when_the_clock_falls(box: Box) -> None:
    before = box.write(lambda txn: txn.create_mailbox(N("a")))
    box.now = NOW - 10_000_000
    after = box.write(lambda txn: txn.create_mailbox(N("b")))
    assert after.uid_validity > before.uid_validity


def test_mailbox_numbers_are_never_used_again(box: Box) -> None:
    first = box.create("Work")
    box.write(lambda txn: txn.delete_mailbox(N("Work")))
    box.restart()
    assert box.create("Work") > first


def test_rename_takes_all_below_along_and_keeps_uids(box: Box) -> None:
    top = box.create("a")
    below = box.create("a/b/c")
    other = box.create("ab")
    box.append(below)
    before = box.read(lambda txn: txn.mailbox(N("a/b/c")))
    box.write(lambda txn: txn.rename_mailbox(N("a"), N("x/y")))
    after = box.read(lambda txn: txn.mailbox(N("x/y/b/c")))
    assert (after.id, after.uid_validity, after.uid_next) == (below, before.uid_validity, before.uid_next)
    assert after.highest_modseq > before.highest_modseq
    assert box.read(lambda txn: txn.mailbox(N("x/y"))).id == top
    assert box.read(lambda txn: txn.mailbox(N("ab"))).id == other


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("a", "a", Reason.ALREADY_EXISTS),
        ("a", "taken", Reason.ALREADY_EXISTS),
        ("a", "t", Reason.ALREADY_EXISTS),  # a/b would become t/b
        ("a", "a/c", Reason.NOT_ALLOWED),
        (INBOX, "taken", Reason.ALREADY_EXISTS),
        ("a", "x" * 999, Reason.BAD_NAME),  # the name of a/b would be too long
    ],
)
def test_rename_refuses(box: Box, old: str, new: str, reason: Reason) -> None:
    for name in ("a", "a/b", "taken", "t/b"):
        box.create(name)
    before = box.read(lambda txn: txn.mailboxes())
    assert reason_of(box, lambda txn: txn.rename_mailbox(N(old), N(new))) is reason
    assert box.read(lambda txn: txn.mailboxes()) == before


def test_a_name_that_is_only_a_parent_can_be_renamed_but_not_deleted(box: Box) -> None:
    child = box.create("p/c")
    assert reason_of(box, lambda txn: txn.delete_mailbox(N("p"))) is Reason.HAS_CHILDREN
    box.write(lambda txn: txn.rename_mailbox(N("p"), N("q")))
    assert box.read(lambda txn: txn.mailbox(N("q/c"))).id == child


def test_rename_of_inbox_moves_its_messages_and_leaves_it(box: Box) -> None:
    """RFC 9051 §6.3.6."""
    inbox = box.inbox
    child = box.create("INBOX/child")
    box.append(inbox, SEEN, SEEN)
    uidls = box.column(inbox, Column.UIDL)
    box.write(lambda txn: txn.rename_mailbox(N(INBOX), N("Old")))
    old = box.read(lambda txn: txn.mailbox(N("Old")))
    assert box.inbox == inbox
    assert (old.messages, old.id != inbox) == (2, True)
    assert box.read(lambda txn: txn.mailbox(N(INBOX))).messages == 0
    assert box.column(old.id, Column.UIDL) == uidls
    assert box.read(lambda txn: txn.mailbox(N("INBOX/child"))).id == child


def test_delete_leaves_what_is_below_and_refuses_inbox(box: Box) -> None:
    box.create("a")
    child = box.create("a/b")
    box.write(lambda txn: txn.delete_mailbox(N("a")))
    assert box.read(lambda txn: txn.mailbox(N("a/b"))).id == child
    assert reason_of(box, lambda txn: txn.delete_mailbox(N(INBOX))) is Reason.NOT_ALLOWED


def test_deleted_mailbox_tells_that_it_is_gone(box: Box) -> None:
    mailbox = box.create("a")
    box.append(mailbox)
    mark = box.read(lambda txn: txn.modseq())
    box.write(lambda txn: txn.delete_mailbox(N("a")))
    changes = box.read(lambda txn: txn.changes(mailbox, mark))
    assert changes.deleted
    assert changes.modseq > mark
    assert 1 in changes.expunged
    assert box.read(lambda txn: txn.expunged_since(mailbox, mark, numbers(1))) == numbers(1)
    assert box.rows(mailbox, Column.UID) == []
    with pytest.raises(Refused):
        box.read(lambda txn: txn.view(mailbox))


def test_subscriptions_are_names_that_outlive_their_mailboxes(box: Box) -> None:
    box.create("a")
    box.write(lambda txn: txn.set_subscribed(["a", "never/was"], True))
    assert box.read(lambda txn: txn.mailbox(N("a"))).subscribed
    box.write(lambda txn: txn.delete_mailbox(N("a")))
    assert {"a", "never/was"} <= box.read(lambda txn: txn.subscriptions())
    box.write(lambda txn: txn.set_subscribed(["a"], False))
    assert "a" not in box.read(lambda txn: txn.subscriptions())


def test_subscribing_again_changes_nothing(box: Box) -> None:
    box.write(lambda txn: txn.set_subscribed(["a"], True))
    before = box.read(lambda txn: txn.modseq())
    box.write(lambda txn: txn.set_subscribed(["a"], True))
    assert box.read(lambda txn: txn.modseq()) == before


def test_recent_is_claimed_once(box: Box) -> None:
    """RFC 3501 §2.3.2."""
    inbox = box.inbox
    box.append(inbox, SEEN, SEEN)
    assert box.write(lambda txn: txn.claim_recent(inbox)) == 1
    assert box.write(lambda txn: txn.claim_recent(inbox)) == 3
    box.append(inbox)
    assert box.read(lambda txn: txn.mailbox_by_id(inbox)).first_recent == 3  # type: ignore[union-attr]  # INBOX is there
    assert box.write(lambda txn: txn.claim_recent(inbox)) == 3


def test_refused_write_leaves_nothing(box: Box) -> None:
    inbox = box.inbox
    before = box.read(lambda txn: (txn.mailboxes(), txn.modseq(), txn.keywords(), txn.quota()))

    def half(txn) -> None:  # type: ignore[no-untyped-def]
        txn.create_mailbox(N("half"))
        txn.make_flags(["half"])
        txn.claim_recent(inbox)
        txn.set_quota(1, 1)
        txn.delete_mailbox(N("none"))

    assert reason_of(box, half) is Reason.NOT_FOUND
    assert box.read(lambda txn: (txn.mailboxes(), txn.modseq(), txn.keywords(), txn.quota())) == before
    assert box.read(lambda txn: txn.view(inbox)).modseq == before[1]
    assert box.read(lambda txn: txn.changes(inbox, before[1])).expunged == EMPTY
