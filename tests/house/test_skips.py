"""In CI nothing is skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
SKIPS = {
    "a test": "import pytest\ndef test_it(): pytest.skip('no peer')\n",
    "a mark": "import pytest\n@pytest.mark.skip(reason='no peer')\ndef test_it(): ...\n",
    "a fixture": "import pytest\n@pytest.fixture\ndef peer(): pytest.skip('no peer')\ndef test_it(peer): ...\n",
    "a module": "import need\nneed.missing('no peer')\ndef test_it(): ...\n",
}


@pytest.mark.parametrize("skip", SKIPS.values(), ids=list(SKIPS))
@pytest.mark.parametrize(("ci", "word"), [("true", "in CI nothing is skipped: "), ("", "1 skipped")])
def test_a_skip_is_a_failure_in_ci_only(tmp_path: Path, skip: str, ci: str, word: str) -> None:
    (tmp_path / "test_made.py").write_text(skip)
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "-rs", "-c", os.devnull]
    environment = os.environ | {"CI": ci, "PYTHONPATH": str(TESTS), "PYTEST_ADDOPTS": ""}
    command += ["--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert word in done.stdout
    assert "no peer" in done.stdout
    assert (done.returncode not in (0, 5)) == bool(ci)
