"""Citations of RFCs are found and checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import rfc_links
from tools.rfc_links import citations, sections


def real(text: str) -> str:
    """`RFC` for R: and the section sign for S:, so that what is made up in this file is no citation of the project."""
    return text.replace("R:", "RFC").replace("S:", "\N{SECTION SIGN}")


TEXT = """Network Working Group

Table of Contents

   1. Introduction ......... 1
   9. Never written ........ 2

1.  Introduction

   3. a list in the text is no heading
   R: 2119

2.1. Commands

2.1.3 Without a dot

Appendix A.  History

B.2.  Letters
"""


def cited(text: str) -> list[tuple[int, int, str]]:
    return [(one.line, one.rfc, one.section) for one in citations(Path("x.py"), real(text))]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("nothing", []),
        ("R: 9051", [(1, 9051, "")]),
        ("see R: 9051 S:6.4.7.", [(1, 9051, "6.4.7")]),
        ("R: 9051 S:9, seq-range", [(1, 9051, "9")]),
        ("R: 2033 S:4.2, S:4.3 and S:B.1", [(1, 2033, "4.2"), (1, 2033, "4.3"), (1, 2033, "B.1")]),
        ("\n# R:\n# 5256 S:2.1 (R: 5322\n#   S:3.4)", [(2, 5256, "2.1"), (3, 5322, "3.4")]),
        ("R: 3501, R: 9051 S:2", [(1, 3501, ""), (1, 9051, "2")]),
        ("S:4 of a page, XR: 12", []),
    ],
)
def test_citations_with_their_lines(text: str, want: list[tuple[int, int, str]]) -> None:
    assert cited(text) == want


def test_sections_are_headings_not_lists_or_contents() -> None:
    assert sections(TEXT) == {"1", "2.1", "2.1.3", "A", "B.2"}


def project(root: Path, text: str, *, texts: bool = True) -> Path:
    (root / "main" / "src").mkdir(parents=True)
    (root / "main" / "src" / "x.py").write_text(real(text))
    if texts:
        (root / "shared" / "rfc").mkdir(parents=True)
        (root / "shared" / "rfc" / "rfc7777.txt").write_text(TEXT)
    return root / "main"


def test_citation_of_a_missing_section_fails_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rfc_links.main(project(tmp_path, "#\n# R: 7777 S:2.1, S:9\n")) == 1
    assert real("src/x.py:2: R: 7777 has no S:9") in capsys.readouterr().out


def test_rfc_without_text_is_listed_and_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rfc_links.main(project(tmp_path, "# R: 9999 S:1, R: 7777 S:A\n")) == 0
    assert real("R: 9999 (1×)") in capsys.readouterr().out


def test_without_texts_the_check_says_that_it_was_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rfc_links.main(project(tmp_path, "# R: 7777 S:99\n", texts=False)) == 0
    assert "1 citations not checked" in capsys.readouterr().out


def test_citations_of_this_project_hold(capsys: pytest.CaptureFixture[str]) -> None:
    status = rfc_links.main(Path(__file__).resolve().parents[2])
    assert status == 0, capsys.readouterr().out
