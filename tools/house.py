"""`python -m tools.house`: the rules of the house, all at once; one line a breach, exit status 1 if there is any."""

from __future__ import annotations

import sys
from pathlib import Path

from tools import ambient, file_size, layers, third_party

SOURCE = Path("src")
FOLDERS = tuple(Path(name) for name in ("src", "tests", "tools", "bench"))


def breaches() -> list[str]:
    """Every breach in the working directory, which is the repository's."""
    return [
        *layers.breaches(SOURCE),
        *third_party.breaches(SOURCE, Path("pyproject.toml")),
        *ambient.breaches(SOURCE),
        *file_size.breaches(FOLDERS),
    ]


def main() -> int:
    """Print breaches and long files; the exit status."""
    for line in file_size.warnings(FOLDERS):
        print(line)
    found = breaches()
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
