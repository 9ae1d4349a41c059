"""Every announced capability has a transcript, and every transcript passes."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from bustia.protocol.imap.capability import CAPABILITIES
from pair import run, running
from transcript import Transcript, expression

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.txt"))


def file_name(capability: str) -> str:
    """`LITERAL+` is in literal-plus.txt, `AUTH=PLAIN` in auth-plain.txt."""
    return capability.lower().replace("+", "-plus").replace("=", "-") + ".txt"


def test_every_capability_has_a_transcript_and_no_other() -> None:
    assert {file.name for file in FILES} == {file_name(row.name) for row in CAPABILITIES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_transcript_passes(tmp_path: Path, path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path, tls=ssl.create_default_context()) as server:
            assert await Transcript(path, server).run() > 0

    run(test())


def test_transcript_that_expects_another_answer_fails_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.txt"
    path.write_text("LOGIN1\nC1: a NOOP\nS1: a NO ...\n")

    async def test() -> None:
        async with running(tmp_path / "store") as server:
            with pytest.raises(AssertionError, match=r"wrong\.txt:3: S1: a NO"):
                await Transcript(path, server).run()

    run(test())


def test_dots_stand_for_anything_and_all_else_for_itself() -> None:
    assert expression("* ... FETCH (UID 1)").fullmatch(b"* 1 FETCH (UID 1)")
    assert not expression("* 1 FETCH (UID .)").fullmatch(b"* 1 FETCH (UID 1)")
