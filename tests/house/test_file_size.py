"""No file above 500 lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import file_size
from tools.house import FOLDERS

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("lines", "breaches", "warnings"), [(400, 0, 0), (401, 0, 1), (500, 0, 1), (501, 1, 0)])
def test_limits_on_both_sides(tmp_path: Path, lines: int, breaches: int, warnings: int) -> None:
    (tmp_path / "long.py").write_text("pass\n" * lines)
    assert len(list(file_size.breaches((tmp_path,)))) == breaches
    assert len(list(file_size.warnings((tmp_path,)))) == warnings


def test_this_house_has_no_longer_file() -> None:
    folders = tuple(REPOSITORY / name for name in FOLDERS)
    assert list(file_size.breaches(folders)) == []
    assert len(list(file_size.lengths(folders))) > len(folders)
