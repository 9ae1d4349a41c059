"""A sample of each fuzz target's inputs runs with the tests, `make fuzz` runs them all; and the runner itself can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz import run

SAMPLE = 2_000  # inputs; seconds in all


@pytest.mark.parametrize("name", run.names())
def test_sample_of_inputs_keeps_the_invariant(name: str) -> None:
    failure = run.attack(run.load(name), seed=1, indexes=range(SAMPLE))
    assert failure is None, f"{failure.text}\ninput {failure.index}: {failure.data!r}"


def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> run.Target:
    (tmp_path / "fuzz_made.py").write_text(text)
    monkeypatch.setattr(run, "HERE", tmp_path)
    monkeypatch.setattr(run, "KEPT", tmp_path / "kept")
    assert run.names() == ["made"]
    return run.load("made")


def test_exception_is_a_failure_that_can_be_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = target(tmp_path, monkeypatch, "def check(data):\n    assert b'(' not in data\n")
    failure = run.attack(made, seed=1, indexes=range(1000))
    assert failure is not None
    assert "AssertionError" in failure.text
    assert run.made_up("made", (), 1, failure.index) == failure.data
    run.report(failure)
    assert (tmp_path / "kept" / f"made-{failure.index}.bin").read_bytes() == failure.data


def test_endless_loop_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = ["def check(data):", " while True:", "  try: int(data)", "  except Exception: pass"]
    made = target(tmp_path, monkeypatch, "\n".join(loop))
    monkeypatch.setattr(run, "SECONDS", 0.05)
    failure = run.attempt(made, 0, b"x")
    assert failure is not None
    assert "TooSlow" in failure.text


def test_seeds_are_given_as_they_are_then_changed_and_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = target(tmp_path, monkeypatch, "def check(data): ...\ndef seeds():\n    return [b'a' * 90, b'b' * 90]\n")
    inputs = [run.made_up("made", made.seeds, 7, index) for index in range(400)]
    assert inputs[:2] == [b"a" * 90, b"b" * 90]
    assert any(b"aaaa" in data and b"bbbb" in data for data in inputs)
    assert len(set(inputs)) > 350
    assert inputs != [run.made_up("made", made.seeds, 8, index) for index in range(400)]


def test_inputs_stay_within_their_length() -> None:
    seeds = (b"x" * run.LONGEST,)
    assert max(len(run.made_up("made", seeds, 1, index)) for index in range(300)) <= run.LONGEST


def test_unknown_target_ends_with_an_error() -> None:
    done = subprocess.run([sys.executable, run.__file__, "nothing"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no target nothing" in done.stderr
    assert "Traceback" not in done.stderr
