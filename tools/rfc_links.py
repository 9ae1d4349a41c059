"""`python -m tools.rfc_links`: every `RFC nnnn §x.y` in the project names a section that the RFC has.

Invariants:
- The RFC texts lie beside the repository, in ../shared/rfc; without them the check says that it was skipped and passes.
- A section that a present text lacks is an error with file and line. A text that is not there is listed: it cannot be
  judged.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXTS = Path("..") / "shared" / "rfc"
PLACES = ("src", "tests", "tools", "bench", "docs", "README.md", "CHANGELOG.md")
KINDS = {".py", ".md", ".txt"}

# RFC 9051 §6.4.7 · RFC 2033 §4.2, §4.3 · RFC 3501 §2.2 and §9; a line may end, and a comment go on, inside.
GAP = r"(?:[ \t]|\n[ \t]*#?[ \t]*)"
SECTION = r"§[ ]?((?:[0-9]+|[A-Z])(?:\.[0-9]+)*)"
CITATION = re.compile(rf"\bRFC{GAP}+([0-9]+)((?:(?:,|{GAP}and|{GAP}or)?{GAP}*{SECTION})*)")
ONE_SECTION = re.compile(SECTION)
HEADING = re.compile(
    r"^(?:A[Pp][Pp][A-Za-z]+ +)?([0-9]+(?:\.[0-9]+)*|[A-Z](?:\.[0-9]+)*)(?:[.:]|(?= ))(?: +|--)\S", re.M
)


@dataclass(frozen=True, slots=True)
class Citation:
    """One mention of an RFC; `section` is "" where it names the whole document."""

    path: Path
    line: int
    rfc: int
    section: str


def citations(path: Path, text: str) -> Iterator[Citation]:
    """Each citation in `text`, in order; a list of sections gives one each."""
    for found in CITATION.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        for section in ONE_SECTION.findall(found[2]) or [""]:
            yield Citation(path, line, int(found[1]), section)


def sections(text: str) -> set[str]:
    """The section numbers and appendix letters of an RFC's text: its headings begin in the first column."""
    return set(HEADING.findall(text))


def project_citations(root: Path) -> Iterator[Citation]:
    """The citations of each program and document of the project in `root`."""
    for place in PLACES:
        base = root / place
        for path in [base] if base.is_file() else sorted(base.rglob("*")):
            if path.suffix in KINDS:
                yield from citations(path.relative_to(root), path.read_text("utf-8", "replace"))


def check(found: list[Citation], texts: Path) -> tuple[list[str], Counter[int]]:
    """(errors as `file:line: what`, how often each RFC is cited whose text is not in `texts`)."""

    @cache
    def known(rfc: int) -> set[str] | None:
        path = texts / f"rfc{rfc}.txt"
        return sections(path.read_text("utf-8", "replace")) if path.is_file() else None

    errors: list[str] = []
    absent: Counter[int] = Counter()
    for one in found:
        has = known(one.rfc)
        if has is None:
            absent[one.rfc] += 1
        elif one.section and one.section not in has:
            errors.append(f"{one.path}:{one.line}: RFC {one.rfc} has no §{one.section}")
    return errors, absent


def main(root: Path = Path()) -> int:
    """Check the project in `root` and print what was found; the exit status."""
    found = list(project_citations(root))
    texts = root / TEXTS
    if not texts.is_dir():
        print(f"{len(found)} citations not checked: no RFC texts in {TEXTS}")
        return 0
    errors, absent = check(found, texts)
    for error in errors:
        print(error)
    missing = ", ".join(f"{rfc} ({times}×)" for rfc, times in sorted(absent.items()))
    print(f"{len(found)} citations, {len(errors)} wrong" + (f"; no text at hand for RFC {missing}" if missing else ""))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
