"""`make help` lists every command of the Makefile."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from need import need

REPOSITORY = Path(__file__).resolve().parents[2]


def targets() -> set[str]:
    declared = re.search(r"^\.PHONY: (.*)$", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert declared is not None
    return set(declared[1].split())


def test_help_lists_every_command() -> None:
    printed = subprocess.run(
        [need("make", "make"), "--no-print-directory", "help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert set(re.findall(r"^  make (\w+) +\S", printed, re.MULTILINE)) == targets()


def test_the_promised_commands_exist() -> None:
    assert {"help", "run", "test", "check", "bench", "fuzz", "clean"} <= targets()
