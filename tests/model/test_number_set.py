"""Sets of numbers agree with Python's own sets, and refuse what is not one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.number_set import EMPTY, NumberSet, SequenceSet

numbers = st.sets(st.integers(1, 60), max_size=40)
pairs = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=12
)


@pytest.mark.parametrize(
    "ranges", [((0, 1),), ((2, 1),), ((1, 2), (3, 4)), ((5, 6), (1, 2)), ((1, 2**32),), ((1, 5), (4, 9))]
)
def test_ranges_out_of_order_or_touching_are_refused(ranges: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="not a sorted set"):
        NumberSet(ranges)


@given(numbers)
def test_a_set_holds_just_its_numbers(members: set[int]) -> None:
    made = NumberSet.of(members)
    assert list(made) == sorted(members)
    assert len(made) == len(members)
    assert [n for n in range(1, 80) if n in made] == sorted(members)


@given(pairs)
def test_spanning_unites_ranges(spans: list[tuple[int, int]]) -> None:
    assert set(NumberSet.spanning(spans)) == {n for first, last in spans for n in range(first, last + 1)}


@given(numbers, numbers)
def test_union_and_difference(left: set[int], right: set[int]) -> None:
    assert set(NumberSet.of(left) | NumberSet.of(right)) == left | right
    assert set(NumberSet.of(left) - NumberSet.of(right)) == left - right


@given(numbers, numbers)
def test_within_keeps_the_members_in_order(members: set[int], universe: set[int]) -> None:
    assert list(NumberSet.of(members).within(sorted(universe))) == sorted(members & universe)


def test_equal_sets_have_equal_ranges() -> None:
    assert NumberSet.of([3, 1, 2]) == NumberSet.spanning([(2, 3), (1, 1)]) == NumberSet(((1, 3),))
    assert not EMPTY


@pytest.mark.parametrize("asked", [{"pairs": ()}, {"pairs": ((1, 1),), "saved": True}, {"pairs": ((0, 1),)}])
def test_a_sequence_set_is_either_saved_or_has_ranges(asked: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="sequence set"):
        SequenceSet(**asked)  # type: ignore[arg-type]  # a table of bad arguments


def test_star_is_the_largest_number_and_ranges_may_be_reversed() -> None:
    """RFC 9051 §9: `4:*` of 3 messages means 3:4 and `*:2` means 2:*."""
    assert SequenceSet(((4, None),)).resolve(3) == NumberSet(((3, 4),))
    assert SequenceSet(((None, 2),)).resolve(5) == NumberSet(((2, 5),))
    assert SequenceSet(((5, 3),)).resolve(9) == NumberSet(((3, 5),))


def test_star_of_an_empty_mailbox_means_nothing() -> None:
    assert SequenceSet(((1, None), (None, None))).resolve(0) == EMPTY
