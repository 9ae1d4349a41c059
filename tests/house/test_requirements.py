"""Requirements are pinned, portable, and together with pyproject.toml tell one story."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.third_party import declared, normal

REPOSITORY = Path(__file__).resolve().parents[2]
PIN = re.compile(r"([A-Za-z0-9._-]+)==[0-9][0-9A-Za-z.]*")


def lines(name: str) -> list[str]:
    text = (REPOSITORY / "requirements" / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pinned(name: str) -> set[str]:
    return {normal(found[1]) for line in lines(name) if (found := PIN.fullmatch(line))}


@pytest.mark.parametrize(("name", "others"), [("run.txt", []), ("dev.txt", ["-r run.txt"])])
def test_each_line_is_a_pin_without_index_or_path(name: str, others: list[str]) -> None:
    assert [line for line in lines(name) if not PIN.fullmatch(line)] == others


def test_each_direct_dependency_is_pinned() -> None:
    assert declared(REPOSITORY / "pyproject.toml") <= pinned("run.txt")


def test_no_package_is_pinned_twice() -> None:
    assert not pinned("run.txt") & pinned("dev.txt")
    assert len(pinned("run.txt")) == len(lines("run.txt"))
