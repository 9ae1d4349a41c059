"""Flags are bits: the five system flags are fixed, keywords follow the account's table."""

from __future__ import annotations

import pytest

from bustia.model.flags import ANSWERED, DELETED, SEEN, FlagChange, Flags, flag_names, system_flag


def test_a_keyword_beyond_the_table_is_an_error_not_a_guess() -> None:
    with pytest.raises(IndexError):
        flag_names(1 << 6, ["one"])


def test_names_come_in_bit_order() -> None:
    assert flag_names(SEEN | ANSWERED | 1 << 5 | 1 << 7, ["a", "b", "c"]) == ("\\Answered", "\\Seen", "a", "c")


def test_keywords_beyond_the_sixty_fourth_have_a_bit() -> None:
    table = [f"k{n}" for n in range(1000)]
    assert flag_names(1 << (5 + 999), table) == ("k999",)


@pytest.mark.parametrize(
    ("name", "bit"), [("\\seen", SEEN), ("\\DELETED", DELETED), ("\\Recent", None), ("seen", None)]
)
def test_system_flags_are_known_in_any_case(name: str, bit: Flags | None) -> None:
    assert system_flag(name) == bit


@pytest.mark.parametrize(
    ("change", "after"), [(FlagChange.REPLACE, 0b0110), (FlagChange.ADD, 0b0111), (FlagChange.REMOVE, 0b0001)]
)
def test_changes(change: FlagChange, after: int) -> None:
    assert change.apply(0b0011, 0b0110) == after
