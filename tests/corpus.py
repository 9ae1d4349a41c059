"""The real and hostile messages of ../shared/corpus, as octets.

Invariant: every octet is as found. An mbox file is cut at its From_ lines (RFC 4155 §2) and nothing in it is unquoted;
line ends stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from need import missing

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"

FROM_LINE = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\r?\n")


def corpus() -> Iterator[tuple[str, bytes]]:
    """Each message of the corpus as (name, octets), sorted by name; one of an mbox file is named `file.mbox#1`, from 1.

    Where the corpus is absent the test is skipped, by `need.missing`.
    """
    if not CORPUS.is_dir():
        missing("the corpus is not there: no directory ../shared/corpus beside the repository")
    for path in sorted(CORPUS.rglob("*")):
        name = path.relative_to(CORPUS).as_posix()
        if path.suffix == ".eml":
            yield name, path.read_bytes()
        elif path.suffix == ".mbox":
            for number, octets in enumerate(split_mbox(path.read_bytes()), 1):
                yield f"{name}#{number}", octets


def split_mbox(octets: bytes) -> list[bytes]:
    """The messages of an mbox file, without From_ lines and without the empty line before the next (RFC 4155 §2)."""
    cuts = list(FROM_LINE.finditer(octets))
    ends = [*(cut.start() for cut in cuts[1:]), len(octets)]
    return [_without_separator(octets[cut.end() : end]) for cut, end in zip(cuts, ends, strict=False)]


def _without_separator(message: bytes) -> bytes:
    for end in (b"\r\n\r\n", b"\n\n"):
        if message.endswith(end):
            return message[: -len(end) // 2]
    return message
