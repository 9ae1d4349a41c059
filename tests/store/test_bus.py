"""The bus between processes; here both ends are in one."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

import loops
from bustia.model.numbers import AccountID, ModSeq
from bustia.store.bus import MAX_NOTICES, Bus
from stores import soon

Heard = list[tuple[AccountID, ModSeq]]


def make_bus(folder: Path, name: str) -> tuple[Bus, Heard]:
    heard: Heard = []
    bus = Bus(folder, name, lambda account, modseq: heard.append((account, modseq)))
    bus.start()
    return bus, heard


def test_notices_reach_all_others_and_not_oneself(tmp_path: Path) -> None:
    async def run() -> None:
        (one, heard_one), (two, heard_two), (three, heard_three) = (make_bus(tmp_path, name) for name in "abc")
        one.announce(AccountID(7), ModSeq(2**63 - 1))
        await soon(lambda: bool(heard_two and heard_three))
        assert heard_two == heard_three == [(7, 2**63 - 1)]
        assert heard_one == []
        for bus in (one, two, three):
            bus.close()

    loops.run(run())
    assert list(tmp_path.iterdir()) == []


def test_notices_of_one_turn_go_together_with_the_highest_modseq(tmp_path: Path) -> None:
    async def run() -> None:
        one, _ = make_bus(tmp_path, "a")
        two, heard = make_bus(tmp_path, "b")
        for modseq in (3, 5, 4):
            one.announce(AccountID(1), ModSeq(modseq))
        accounts = 2 * MAX_NOTICES
        for account in range(2, accounts + 1):
            one.announce(AccountID(account), ModSeq(1))
        await soon(lambda: len(heard) == accounts)
        assert heard[0] == (1, 5)
        one.close()
        two.close()

    loops.run(run())


@pytest.mark.parametrize("datagram", [b"", b"x", b"x" * 15, b"x" * 17, b"x" * 100_000])
def test_what_is_no_notice_is_dropped(tmp_path: Path, datagram: bytes) -> None:
    mishaps: list[object] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: mishaps.append(context))
        one, _ = make_bus(tmp_path, "a")
        two, heard = make_bus(tmp_path, "b")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(datagram, str(tmp_path / "b-0.sock"))
        one.announce(AccountID(1), ModSeq(1))
        await soon(lambda: (1, 1) in heard)
        one.close()
        two.close()

    loops.run(run())
    assert mishaps == []


def test_a_full_queue_holds_nobody_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        one, _ = make_bus(tmp_path, "a")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
            deaf.bind(str(tmp_path / "deaf.sock"))
            for number in range(500):  # Linux keeps some ten datagrams for who does not read
                one.announce(AccountID(1), ModSeq(number))
                await asyncio.sleep(0)
        one.close()

    loops.run(run())
    assert caplog.records == [], "it is no news: who does not read looks by itself"


def test_a_folder_with_a_long_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100) / "bus"
    folder.mkdir(parents=True)

    async def run() -> None:
        one, _ = make_bus(folder, "a")
        two, heard = make_bus(folder, "b")
        one.announce(AccountID(1), ModSeq(2))
        await soon(lambda: heard == [(1, 2)])
        one.close()
        two.close()
        assert list(folder.iterdir()) == []

    loops.run(run())


def test_who_is_alone_knows_it(tmp_path: Path) -> None:
    async def run() -> None:
        one, _ = make_bus(tmp_path, "a")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as dead:
            dead.bind(str(tmp_path / "dead.sock"))
        assert one.alone(), "a socket that nobody serves is nobody"
        two, _ = make_bus(tmp_path, "a")
        assert not one.alone()
        assert not two.alone()
        two.close()
        assert one.alone()
        one.close()

    loops.run(run())
