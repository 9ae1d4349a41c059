"""Octets of arriving messages: in memory, in a file, and gone."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.reason import Reason, Refused
from bustia.store.sqlite.ballast import Ballast
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.spool import MEMORY_OCTETS, FileSpool

HEAD = b"Subject: one\r\n\r\n"


@pytest.fixture
def make(tmp_path: Path) -> Callable[[], FileSpool]:
    return lambda: FileSpool(tmp_path, "one", Ballast(tmp_path / "ballast", 1))


@pytest.mark.parametrize("octets", [0, 1, MEMORY_OCTETS - len(HEAD), MEMORY_OCTETS - len(HEAD) + 1, 3 * MEMORY_OCTETS])
def test_what_was_written_is_prepared_wherever_it_lies(make: Callable[[], FileSpool], octets: int) -> None:
    whole = HEAD + b"x" * octets
    spool = make()
    for start in range(0, len(whole), 10_000):
        spool.write(memoryview(whole)[start : start + 10_000])
    assert spool.size == len(whole)
    assert spool.prepare() == prepare(whole)
    spool.close()


def test_nothing_is_seen_in_the_folder(make: Callable[[], FileSpool], tmp_path: Path) -> None:
    spool = make()
    spool.write(bytes(MEMORY_OCTETS + 1))
    assert list(tmp_path.iterdir()) == []
    spool.close()
    spool.close()


def test_a_full_disk_is_a_refusal(make: Callable[[], FileSpool], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    spool = make()
    monkeypatch.setattr(os, "open", full)
    with pytest.raises(Refused) as refused:
        spool.write(bytes(MEMORY_OCTETS + 1))
    monkeypatch.undo()
    assert refused.value.reason is Reason.DISK_FULL
    spool.close()


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_the_cuts_between_writes_do_not_matter(chunks: list[bytes]) -> None:
    spool = FileSpool(Path("unused"), "unused", Ballast(Path("unused"), 0))
    for chunk in chunks:
        spool.write(bytearray(chunk))
    assert spool.prepare() == prepare(b"".join(chunks))
