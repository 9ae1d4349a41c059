"""docs/support.md says what the tables say."""

from __future__ import annotations

from pathlib import Path

from tools.support import PAGE, main

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_support_is_what_the_tables_say() -> None:
    assert main(["--check"], ROOT) == 0


def test_an_old_page_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / PAGE).write_text("old", "utf-8")
    assert main(["--check"], tmp_path) == 1
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
