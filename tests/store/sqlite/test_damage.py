"""What stops an account, for whom and until when; a full disk does not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

import loops
from bustia.model.reason import Reason, Refused
from bustia.store.api import ReadTxn
from bustia.store.sqlite.connection import Patience, refusal
from stores import ALICE, BOB, append, open_store, soon, uids


def io_error(txn: ReadTxn) -> None:
    raise apsw.IOError("made up")


def mail_file(root: Path) -> Path:
    return root / "accounts" / str(ALICE) / "mail.db"


def overwrite_pages(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[4096:] = b"\xff" * (len(octets) - 4096)
    path.write_bytes(octets)


@pytest.mark.parametrize("heavy", [False, True])
def test_an_io_error_stops_the_account_and_no_other(tmp_path: Path, heavy: bool) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account, other = store.account(ALICE), store.account(BOB)
            await account.write(append)
            with pytest.raises(Refused) as refused:
                await account.write(io_error, heavy=heavy)
            assert refused.value.reason is Reason.DAMAGED
            for call in (account.read(uids), account.read(uids, heavy=True), account.write(append)):
                with pytest.raises(Refused) as refused:
                    await call
                assert refused.value.reason is Reason.DAMAGED
            assert await other.write(append) == 1

    loops.run(run())


@pytest.mark.usefixtures("whole_groups")
def test_an_io_error_refuses_the_whole_group(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            account = store.account(ALICE)
            await account.write(append)
            got = await asyncio.gather(
                account.write(append), account.write(append), account.write(io_error), return_exceptions=True
            )
            assert got[0] == 2, "it ran by itself, before the others came"
            assert [getattr(refused, "reason", None) for refused in got[1:]] == [Reason.DAMAGED] * 2

    loops.run(run())


def test_another_process_stops_too_and_a_restart_of_all_readmits_what_is_sound(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as one, open_store(tmp_path) as two:
            assert await two.account(ALICE).write(append) == 1
            with pytest.raises(Refused):
                await one.account(ALICE).read(io_error)
            with pytest.raises(Refused) as refused:
                await two.account(ALICE).read(uids)
            assert refused.value.reason is Reason.DAMAGED
            async with open_store(tmp_path) as three:
                with pytest.raises(Refused):
                    await three.account(ALICE).read(uids)
        async with open_store(tmp_path) as store:
            await soon(lambda: not store.damaged.stopped())
            assert await store.account(ALICE).read(uids) == [1]

    loops.run(run())


def test_a_corrupt_file_is_refused_also_after_a_restart(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            await store.account(ALICE).write(append)
        overwrite_pages(mail_file(tmp_path))
        for _ in range(2):
            async with open_store(tmp_path) as store:
                with pytest.raises(Refused) as refused:
                    await store.account(ALICE).write(append)
                assert refused.value.reason is Reason.DAMAGED
                assert store.damaged.stopped() == [ALICE]

    loops.run(run())


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    mail_file(tmp_path).parent.mkdir(parents=True)
    mail_file(tmp_path).write_bytes(b"From nobody\n" * 1000)

    async def run() -> None:
        async with open_store(tmp_path) as store:
            with pytest.raises(Refused) as refused:
                await store.account(ALICE).read(uids)
            assert refused.value.reason is Reason.DAMAGED

    loops.run(run())


def test_an_account_can_be_readmitted_after_a_repair(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(tmp_path) as store:
            await store.account(ALICE).write(append)
            store.damaged.stop(ALICE, "made up")
            with pytest.raises(Refused):
                await store.account(ALICE).read(uids)
            store.damaged.readmit(ALICE)
            assert await store.account(ALICE).read(uids) == [1]

    loops.run(run())


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (apsw.FullError, Reason.DISK_FULL),
        (apsw.BusyError, Reason.BUSY),
        (apsw.NoMemError, Reason.BUSY),
        (apsw.CantOpenError, Reason.BUSY),
        (apsw.IOError, Reason.DAMAGED),
        (apsw.CorruptError, Reason.DAMAGED),
        (apsw.NotADBError, Reason.DAMAGED),
        (apsw.TooBigError, Reason.TOO_BIG),
        (apsw.ConstraintError, None),
        (apsw.MisuseError, None),
    ],
)
def test_each_error_of_sqlite_has_one_meaning(error: type[apsw.Error], reason: Reason | None) -> None:
    refused = refusal(error(), None)
    assert (refused.reason if refused else None) is reason


def test_a_lack_of_descriptors_is_for_the_moment() -> None:
    class OutOfDescriptors:
        system_errno = 24  # EMFILE

    refused = refusal(apsw.IOError(), OutOfDescriptors())  # type: ignore[arg-type]  # all that is asked of it
    assert refused is not None
    assert refused.reason is Reason.BUSY


def test_patience_ends() -> None:
    patience = Patience(0.01)
    assert patience(1)
    assert not patience(11)
    patience.waits = False
    assert not patience(0)
