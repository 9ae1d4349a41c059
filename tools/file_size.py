"""Files are up to 400 lines, and never above 500."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

GOOD = 400  # lines; a reader holds one purpose in mind, and a file above this has mostly grown a second
MOST = 500  # lines; above, the check fails


def lengths(folders: tuple[Path, ...]) -> Iterator[tuple[int, Path]]:
    """(lines, path) of each Python file in the folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield path.read_bytes().count(b"\n"), path


def breaches(folders: tuple[Path, ...]) -> Iterator[str]:
    """Each file of more than MOST lines."""
    return (f"{path}: {lines} lines, {MOST} at most" for lines, path in lengths(folders) if lines > MOST)


def warnings(folders: tuple[Path, ...]) -> Iterator[str]:
    """Each file of more than GOOD and up to MOST lines."""
    return (f"{path}: {lines} lines, {GOOD} would be good" for lines, path in lengths(folders) if GOOD < lines <= MOST)
