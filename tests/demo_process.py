"""A real `bustia demo` in a process of its own, for tests that look at it from outside."""

from __future__ import annotations

import json
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60  # a hang guard of more than ten times what a start takes
STOP_SECONDS = 30
BUSTIA = ("-m", "bustia.cli.main")


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: its process, ports by name, (address, password) of its accounts, and directory."""

    process: subprocess.Popen[str]
    host: str
    ports: dict[str, int]
    accounts: list[tuple[str, str]]
    directory: Path


@contextmanager
def demo(
    directory: Path, *arguments: str, under: Sequence[str] = (), program: Sequence[str] = BUSTIA
) -> Iterator[Demo]:
    """As `started`, but ended by SIGTERM, which must be clean."""
    with started(directory, *arguments, under=under, program=program) as running:
        yield running
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(STOP_SECONDS) == 0, "the demo did not end cleanly"


@contextmanager
def started(
    directory: Path, *arguments: str, under: Sequence[str] = (), program: Sequence[str] = BUSTIA
) -> Iterator[Demo]:
    """Starts `bustia demo --json --directory DIRECTORY ARGUMENTS…`, waits for its line, and kills it at the end if it still runs.

    `under` is a command that runs another one (strace), `program` what Python runs in place of the command line.
    """
    command = [*under, sys.executable, *program, "demo", "--json", "--directory", str(directory), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = _first_line(process)
        told = json.loads(line)
        accounts = [(account["address"], account["password"]) for account in told["accounts"]]
        yield Demo(process, told["host"], told["ports"], accounts, Path(told["directory"]))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        assert selector.select(START_SECONDS), "the demo did not become ready"
    return process.stdout.readline()
