"""The session's picture of its mailbox, against a naive list that does the same slowly."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.mailbox import MailboxName
from bustia.model.number_set import EMPTY, NumberSet, SequenceSet
from bustia.model.numbers import UID, MailboxID, ModSeq, UIDValidity
from bustia.protocol.imap.copy import ExpungeData
from bustia.protocol.imap.fetch import FetchRows, Item
from bustia.protocol.imap.mailbox import ExistsData, RecentData
from bustia.server.imap.flag_octets import FlagOctets
from bustia.server.imap.selected import Selected
from bustia.store.api import Changes, View


def selected(*uids: int, modseq: int = 10, recent: NumberSet = EMPTY) -> Selected:
    view = View(ModSeq(modseq), array("I", uids), [0] * len(uids))
    return Selected(
        MailboxID(1),
        MailboxName("INBOX"),
        UIDValidity(7),
        view,
        FlagOctets(("Work",)),
        read_only=False,
        recent=recent,
    )


def changes(
    modseq: int, *changed: tuple[int, int, int], expunged: tuple[int, ...] = (), deleted: bool = False
) -> Changes:
    return Changes(ModSeq(modseq), UID(1000), NumberSet.of(expunged), changed, deleted)


def numbers(*pairs: tuple[int | None, int | None]) -> SequenceSet:
    return SequenceSet(pairs)


def test_number_beyond_the_mailbox_means_none() -> None:
    assert selected(5, 9).resolve(numbers((3, 3)), by_uid=False) is None
    assert selected(5, 9).resolve(numbers((1, 3)), by_uid=False) is None


def test_star_in_an_empty_mailbox_means_none_by_number_and_nothing_by_uid() -> None:
    assert selected().resolve(numbers((1, None)), by_uid=False) is None
    assert list(selected().resolve(numbers((1, None)), by_uid=True) or ()) == []


def test_star_by_uid_is_the_last_message_also_above_it() -> None:
    assert list(selected(5, 9).resolve(numbers((400, None)), by_uid=True) or ()) == [9]


def test_number_of_an_unknown_uid_is_an_error() -> None:
    with pytest.raises(KeyError):
        selected(5, 9).number(6)


def test_expunge_held_back_keeps_numbers_and_the_announced_modseq() -> None:
    box = selected(5, 6, 9)
    box.apply(changes(12, expunged=(5,)))
    assert box.flush(may_expunge=False) == []
    assert (box.number(6), box.mark, box.announced_modseq) == (2, 12, 10)
    box.apply(changes(15, (6, 8, 15)))
    box.flush(may_expunge=False)
    assert box.announced_modseq == 10
    assert box.flush(may_expunge=True) == [ExpungeData(1)]
    assert (box.number(6), box.announced_modseq) == (1, 15)


def test_arrival_expunged_before_it_was_announced_is_never_told() -> None:
    box = selected(5)
    box.apply(changes(11, (6, 0, 11)))
    box.apply(changes(12, expunged=(6,)))
    assert box.flush(may_expunge=True) == []
    assert list(box.uids) == [5]


def test_flags_of_an_arrival_are_left_to_the_client_to_fetch() -> None:
    box = selected(5)
    box.apply(changes(11, (6, 8, 11)))
    assert box.flush(may_expunge=False) == [ExistsData(2)]


def test_own_change_is_not_told_twice_but_a_later_one_by_another_is() -> None:
    box = selected(5)
    box.told([(5, 8, 11)])
    box.apply(changes(11, (5, 8, 11)))
    assert box.flush(may_expunge=True) == []
    box.told([(5, 8, 12)])
    box.apply(changes(13, (5, 9, 13)))
    assert box.flush(may_expunge=True) == [FetchRows((Item.UID, Item.FLAGS), [(1, 5, b"\\Answered \\Seen")])]


def test_condstore_adds_the_modseq() -> None:
    box = selected(5)
    box.apply(changes(11, (5, 32, 11)))
    assert box.flush(may_expunge=True, condstore=True) == [
        FetchRows((Item.UID, Item.FLAGS, Item.MODSEQ), [(1, 5, b"Work", 11)])
    ]


def test_recent_is_told_with_arrivals_and_marked_in_flags() -> None:
    box = selected(5, recent=NumberSet.of([5]))
    box.recent = NumberSet.of([5, 6])
    box.apply(changes(12, (5, 8, 11), (6, 0, 12)))
    assert box.flush(may_expunge=True) == [
        ExistsData(2),
        RecentData(2),
        FetchRows((Item.UID, Item.FLAGS), [(1, 5, b"\\Seen \\Recent")]),
    ]
    box.apply(changes(13, expunged=(6,)))
    assert box.flush(may_expunge=True) == [ExpungeData(2), RecentData(1)]


def test_shared_array_of_the_store_is_never_changed() -> None:
    uids = array("I", [1, 2, 3])
    box = Selected(
        MailboxID(1), MailboxName("INBOX"), UIDValidity(7), View(ModSeq(1), uids, []), FlagOctets(()), read_only=False
    )
    box.apply(changes(3, (4, 0, 3), expunged=(2,)))
    box.flush(may_expunge=True)
    assert (list(uids), list(box.uids)) == ([1, 2, 3], [1, 3, 4])


@dataclass
class Naive:
    """What a client and the truth hold, as plain lists."""

    known: list[int]
    truth: list[int]
    held: set[int] = field(default_factory=set)


@given(
    st.integers(0, 12),
    st.lists(
        st.tuples(st.sampled_from(["arrive", "expunge", "flag", "flush", "hold"]), st.integers(0, 30)), max_size=40
    ),
)
def test_client_that_obeys_the_responses_holds_what_the_store_holds(start: int, steps: list[tuple[str, int]]) -> None:
    box = selected(*range(1, start + 1), modseq=1)
    naive = Naive(list(range(1, start + 1)), list(range(1, start + 1)))
    flags_seen: dict[int, bytes] = {}
    flags_true: dict[int, bytes] = {}
    modseq, next_uid = 1, start + 1
    for what, which in steps:
        modseq += 1
        if what == "arrive":
            box.apply(changes(modseq, (next_uid, 0, modseq)))
            naive.truth.append(next_uid)
            next_uid += 1
        elif what == "expunge" and naive.truth:
            uid = naive.truth.pop(which % len(naive.truth))
            flags_true.pop(uid, None)
            box.apply(changes(modseq, expunged=(uid, 900)))
        elif what == "flag" and naive.truth:
            uid = naive.truth[which % len(naive.truth)]
            box.apply(changes(modseq, (uid, which & 31, modseq)))
            if uid in naive.known:
                flags_true[uid] = FlagOctets(())(which & 31)
        elif what in ("flush", "hold"):
            for said in box.flush(may_expunge=what == "flush"):
                match said:
                    case ExpungeData(number):
                        assert what == "flush"
                        flags_seen.pop(naive.known.pop(number - 1), None)
                    case ExistsData(count):
                        new = [uid for uid in naive.truth if uid not in naive.known][: count - len(naive.known)]
                        naive.known.extend(new)
                        assert count == len(naive.known)
                    case FetchRows(_, rows):
                        for row in rows:
                            place, flagged, octets = row
                            assert isinstance(place, int)
                            assert isinstance(octets, bytes)
                            assert naive.known[place - 1] == flagged
                            flags_seen[naive.known[place - 1]] = octets
            assert list(box.uids) == naive.known
            assert list(box.numbers(box.uids)) == list(range(1, len(naive.known) + 1))
            if what == "flush":
                assert (naive.known, flags_seen) == (naive.truth, flags_true)
                assert box.announced_modseq == box.mark
