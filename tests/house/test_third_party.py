"""A third-party package is imported only in its home."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import third_party

REPOSITORY = Path(__file__).resolve().parents[2]


def breaches(root: Path, module: str, text: str, dependencies: str = '"apsw>=3", "argon2-cffi"') -> list[str]:
    path = root / "src" / "bustia" / module
    path.parent.mkdir(parents=True)
    path.write_text(text)
    pyproject = root / "pyproject.toml"
    pyproject.write_text(f"[project]\ndependencies = [{dependencies}]\n")
    return list(third_party.breaches(root / "src", pyproject))


@pytest.mark.parametrize(
    ("module", "text", "what"),
    [
        ("model/flags.py", "import apsw", "home of apsw"),
        ("store/api.py", "from apsw import ext", "home of apsw"),
        ("store/sqlite_more.py", "import apsw", "home of apsw"),  # a name that only begins alike
        ("server/session.py", "def late():\n    import argon2", "home of argon2"),
        ("net/http.py", "import requests", "requests has no home"),
        ("cli/main.py", "import typer", "typer is not among the dependencies"),
    ],
)
def test_import_away_from_home_is_a_breach(tmp_path: Path, module: str, text: str, what: str) -> None:
    assert what in breaches(tmp_path, module, text)[0]


def test_dependency_that_nothing_imports_is_a_breach(tmp_path: Path) -> None:
    assert "nothing imports zstandard" in breaches(tmp_path, "x.py", "import os", '"zstandard>=0.22"')[0]


def test_import_at_home_is_allowed(tmp_path: Path) -> None:
    assert breaches(tmp_path, "store/sqlite/pages.py", "import apsw\nimport os.path", '"apsw>=3"') == []


def test_this_house_keeps_every_package_at_home() -> None:
    assert list(third_party.breaches(REPOSITORY / "src", REPOSITORY / "pyproject.toml")) == []
