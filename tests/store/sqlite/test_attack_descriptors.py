"""Strangers who open connections until no descriptor is left stop no account: what needs one is refused for the moment (threats A6)."""

from __future__ import annotations

import os
import resource
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bustia.model.reason import Reason, Refused
from loops import run
from stores import ALICE, append, open_store, uids


@contextmanager
def descriptors_left(count: int) -> Iterator[None]:
    """Inside the block this process can open so many files more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + count, hard))
    try:
        try:
            while True:
                taken.append(os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            for descriptor in taken[len(taken) - count :]:
                os.close(descriptor)
            del taken[len(taken) - count :]
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def reason_of(asked: Awaitable[object]) -> Reason | None:
    """Why it was refused; None if it was done."""
    try:
        await asked
    except Refused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
@pytest.mark.parametrize("left", range(7))
def test_account_that_cannot_be_opened_now_is_busy_and_not_damaged(tmp_path: Path, left: int, is_open: bool) -> None:
    async def scenario() -> None:
        async with open_store(tmp_path) as store:
            await store.account(ALICE).write(append)
        async with open_store(tmp_path) as store:
            alice = store.account(ALICE)
            if is_open:
                await alice.read(uids)
            with descriptors_left(left):
                reasons = {await reason_of(alice.read(uids, heavy=heavy)) for heavy in (True, False)}
                reasons.add(await reason_of(alice.write(append, heavy=True)))
            assert reasons <= {None, Reason.BUSY}
            assert Reason.BUSY in reasons or is_open or left > 2
            assert (await alice.read(uids))[0] == 1

    run(scenario())


def test_new_account_and_long_message_without_a_descriptor_are_refused_for_the_moment(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_store(tmp_path) as store:
            spool = store.spool()
            kept = store.spool()
            kept.write(b"x" * 300_000)
            with descriptors_left(0):
                assert await reason_of(store.account(ALICE).read(uids, heavy=True)) is Reason.BUSY
                with pytest.raises(Refused) as refused:
                    spool.write(b"x" * 300_000)
                assert refused.value.reason is Reason.BUSY
                with pytest.raises(Refused) as refused:
                    kept.prepare()
                assert refused.value.reason is Reason.BUSY
            assert kept.prepare().facts.size == 300_000
            spool.close()
            kept.close()
            assert await reason_of(store.account(ALICE).write(append)) is None

    run(scenario())
