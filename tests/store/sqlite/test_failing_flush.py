"""A flush that fails is never tried again: the change is refused, the account stops, and what was acknowledged before is there (threats A4)."""

from __future__ import annotations

from pathlib import Path

import pytest

import loops
from bustia.model.reason import Reason, Refused
from bustia.store.sqlite.verify import verify
from power_cut import Disk, recorded
from stores import ALICE, append, open_store, soon, uids

CHANGES = 4


async def fill(root: Path, *, heavy: bool) -> list[int]:
    """The UIDs that were acknowledged; once one was refused, all further ones are."""
    acknowledged: list[int] = []
    refused: list[Reason] = []
    async with open_store(root) as store:
        for _ in range(CHANGES):
            try:
                uid = await store.account(ALICE).write(append, heavy=heavy)
            except Refused as error:
                refused.append(error.reason)
            else:
                assert not refused, "a store whose flush failed goes on"
                acknowledged.append(uid)
    assert set(refused) <= {Reason.DAMAGED}
    return acknowledged


def flushes(root: Path) -> int:
    """How many flushes it takes when none fails."""
    with recorded() as disk:
        disk.flushes_left = 0
        assert len(loops.run(fill(root, heavy=False))) == CHANGES
        return -disk.flushes_left


@pytest.mark.parametrize("heavy", [False, True])
def test_whichever_flush_fails_nothing_unflushed_is_acknowledged(tmp_path: Path, heavy: bool) -> None:
    seen = set()
    for number in range(1, flushes(tmp_path / "all") + 1):
        root = tmp_path / str(number)
        with recorded() as disk:
            acknowledged = loops.run(failing(root, disk, number, heavy=heavy))
        seen.add(len(acknowledged))
        found = loops.run(found_after(root))
        assert found[: len(acknowledged)] == acknowledged
        assert len(found) <= len(acknowledged) + 1
        assert list(verify(root / "accounts" / str(ALICE) / "mail.db")) == []
    assert seen == set(range(CHANGES + 1)), "each change had its flush fail, and the last checkpoint"


async def failing(root: Path, disk: Disk, number: int, *, heavy: bool) -> list[int]:
    """As `fill`, with flush `number` failing."""
    disk.flushes_left = number
    return await fill(root, heavy=heavy)


async def found_after(root: Path) -> list[int]:
    """What a restart finds, on a disk that works again."""
    async with open_store(root) as store:
        await soon(lambda: not store.damaged.stopped())
        return await store.account(ALICE).read(uids)
