"""A random sequence of operations leaves any store as it leaves a naive one: lists and dictionaries, where each rule is a line that can be read."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bustia.model.flags import DELETED, FLAGGED, NO_FLAGS, SEEN, FlagChange, Flags
from bustia.model.number_set import NumberSet
from bustia.model.numbers import MailboxID, ModSeq
from bustia.store.api import Arrival, Changes, Column, ReadTxn
from store_contract import ALL, BACKENDS, Box, box, mail

T = TypeVar("T")

MAILS = [mail(number, number * 7) for number in range(4)]
FLAGS = st.sampled_from([NO_FLAGS, SEEN, DELETED, FLAGGED, Flags(SEEN | DELETED), Flags(1 << 70 | SEEN)])
PLACE = st.sampled_from([0, 1])
UIDS = st.builds(NumberSet.of, st.lists(st.integers(1, 9), max_size=5)) | st.just(ALL)

STEPS = st.one_of(
    st.tuples(st.just("append"), PLACE, st.lists(st.tuples(st.integers(0, 3), FLAGS), min_size=1, max_size=3)),
    st.tuples(st.just("flags"), PLACE, UIDS, st.sampled_from(FlagChange), FLAGS, st.none() | st.integers(0, 3)),
    st.tuples(st.just("copy"), PLACE, UIDS, PLACE),
    st.tuples(st.just("move"), PLACE, UIDS),
    st.tuples(st.just("expunge"), PLACE, st.none() | UIDS, st.booleans()),
    st.tuples(st.just("wait")),
)


@dataclass
class Message:
    """One message of the naive store; `story` is its mail's number, `changed` counts operations."""

    story: int
    flags: int
    changed: int


@dataclass
class Mailbox:
    """A mailbox of the naive store."""

    messages: dict[int, Message] = field(default_factory=dict)
    uid_next: int = 1
    expunged: list[tuple[int, int]] = field(default_factory=list)  # (operation, UID)

    def add(self, story: int, flags: int, operation: int) -> None:
        self.messages[self.uid_next] = Message(story, flags, operation)
        self.uid_next += 1

    def remove(self, uid: int, operation: int) -> None:
        del self.messages[uid]
        self.expunged.append((operation, uid))


class Naive:
    """What the store should be; `operation` is the number of the step, which stands for its modseq."""

    def __init__(self) -> None:
        self.mailboxes = [Mailbox(), Mailbox()]

    def do(self, operation: int, since: int | None, step: tuple[object, ...]) -> None:
        match step:
            case ("append", int(place), list(arrivals)):
                for story, flags in arrivals:
                    self.mailboxes[place].add(story, flags, operation)
            case ("flags", int(place), NumberSet() as uids, FlagChange() as how, int(named), _):
                for uid, message in self.mailboxes[place].messages.items():
                    after = how.apply(message.flags, named)
                    if uid in uids and after != message.flags and (since is None or message.changed <= since):
                        message.flags, message.changed = after, operation
            case ("copy", int(place), NumberSet() as uids, int(target)):
                for _, message in [item for item in self.mailboxes[place].messages.items() if item[0] in uids]:
                    self.mailboxes[target].add(message.story, message.flags, operation)
            case ("move", int(place), NumberSet() as uids):
                for uid, message in [item for item in self.mailboxes[place].messages.items() if item[0] in uids]:
                    self.mailboxes[1 - place].add(message.story, message.flags, operation)
                    self.mailboxes[place].remove(uid, operation)
            case ("expunge", int(place), uids, bool(only_deleted)):
                for uid, message in list(self.mailboxes[place].messages.items()):
                    named = uids is None or (isinstance(uids, NumberSet) and uid in uids)
                    if named and (message.flags & DELETED or not only_deleted):
                        self.mailboxes[place].remove(uid, operation)


def do(opened: Box, places: list[MailboxID], since: ModSeq | None, step: tuple[object, ...]) -> None:
    """The same step in the store."""
    match step:
        case ("append", int(place), list(arrivals)):
            filed = [Arrival(MAILS[story], flags, 0) for story, flags in arrivals]
            opened.write(lambda txn: txn.append(places[place], filed))
        case ("flags", int(place), NumberSet() as uids, FlagChange() as how, int(named), _):
            opened.write(lambda txn: txn.change_flags(places[place], uids, how, Flags(named), since))
        case ("copy", int(place), NumberSet() as uids, int(target)):
            opened.write(lambda txn: txn.copy(places[place], uids, places[target]))
        case ("move", int(place), NumberSet() as uids):
            opened.write(lambda txn: txn.move(places[place], uids, places[1 - place]))
        case ("expunge", int(place), (None | NumberSet()) as some, bool(only_deleted)):
            opened.write(lambda txn: txn.expunge(places[place], some, only_deleted))
        case ("wait",):
            opened.now += 100_000  # the bin is taken out at the next change


def compare(opened: Box, mailbox: MailboxID, naive: Mailbox, marks: list[ModSeq]) -> None:
    """The mailbox as a whole, its counters, and its changes since every mark."""
    view = opened.read(lambda txn: txn.view(mailbox))
    expected = [(uid, message.flags) for uid, message in naive.messages.items()]
    assert list(zip(view.uids, view.flags, strict=True)) == expected
    rows = opened.rows(mailbox, Column.UID, Column.FLAGS, Column.MODSEQ, Column.SIZE)
    assert rows == [
        (uid, message.flags, marks[message.changed], MAILS[message.story].facts.size)
        for uid, message in naive.messages.items()
    ]
    info = opened.read(lambda txn: txn.mailbox_by_id(mailbox))
    assert info is not None
    assert (info.messages, info.uid_next) == (len(expected), naive.uid_next)
    assert info.unseen == sum(not flags & SEEN for _, flags in expected)
    assert info.deleted == sum(bool(flags & DELETED) for _, flags in expected)
    sizes = [(message.flags & DELETED, MAILS[message.story].facts.size) for message in naive.messages.values()]
    assert info.octets == sum(size for _, size in sizes)
    assert info.deleted_octets == sum(size for deleted, size in sizes if deleted)
    for operation, mark in enumerate(marks):

        def since(txn: ReadTxn, mark: ModSeq = mark) -> tuple[Changes, NumberSet]:
            return txn.changes(mailbox, mark), txn.expunged_since(mailbox, mark, ALL)

        changes, expunged = opened.read(since)
        assert [row[0] for row in changes.changed] == [
            uid for uid, message in naive.messages.items() if message.changed > operation
        ]
        gone = NumberSet.of(uid for when, uid in naive.expunged if when > operation)
        assert changes.expunged == expunged == gone


def check(backend: str, steps: list[tuple[object, ...]], look_each_time: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, box(Path(folder), backend) as opened:
        places = [opened.inbox, opened.create("other")]
        opened.write(lambda txn: txn.make_flags([f"k{number}" for number in range(80)]))
        naive = Naive()
        marks = [opened.read(lambda txn: txn.modseq())]
        for operation, step in enumerate(steps, 1):
            mark = step[5] if step[0] == "flags" else None
            back = None if mark is None else max(0, operation - 1 - int(str(mark)))
            naive.do(operation, back, step)
            do(opened, places, None if back is None else marks[back], step)
            marks.append(opened.read(lambda txn: txn.modseq()))
            if look_each_time:
                for mailbox in places:
                    opened.read(lambda txn, mailbox=mailbox: txn.view(mailbox))  # type: ignore[misc]  # bound in the loop
        for mailbox, expected in zip(places, naive.mailboxes, strict=True):
            compare(opened, mailbox, expected, marks)
        quota = opened.read(lambda txn: txn.quota())
        assert quota.messages == sum(len(expected.messages) for expected in naive.mailboxes)
        mails = {row[0] for mailbox in places for row in opened.rows(mailbox, Column.MAIL)}
        assert len(opened.read(lambda txn: txn.contents([*mails]))) == len(mails)  # type: ignore[list-item]  # a row is untyped


@pytest.mark.parametrize("backend", sorted(BACKENDS))
@settings(max_examples=40)
@given(steps=st.lists(STEPS, max_size=12), look_each_time=st.booleans())
def test_any_sequence_of_operations_leaves_what_a_naive_store_has(
    backend: str, steps: list[tuple[object, ...]], look_each_time: bool
) -> None:
    check(backend, steps, look_each_time)
