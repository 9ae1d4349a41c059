"""Who may log in, and what that costs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event

import pytest

from bustia.model.reason import Reason, Refused
from bustia.net.memory import memory_pair
from bustia.net.stream import Stream, StreamLimits
from bustia.server.auth import Authenticator, password_hasher
from bustia.server.settings import AuthSettings
from bustia.store.sqlite.directory import SqliteDirectory
from loops import run

QUICK = AuthSettings(memory_kib=8, passes=1, workers=1, waiting=2)
USER, PASSWORD = "alice@example.org", "contrasenya·ñ"


class House:
    """An authenticator over a directory with one user, and a clock that the test moves."""

    def __init__(self, root: Path, settings: AuthSettings = QUICK) -> None:
        self.now = 0.0
        self.checks = 0
        self.directory = SqliteDirectory(root)
        self.hasher = password_hasher(settings)
        self.record = self.directory.create(USER, self.hasher(PASSWORD))
        self.authenticator = Authenticator(self.directory, settings, key=b"k" * 32, clock=lambda: self.now)
        verify = self.authenticator._verify

        def counted(password_hash: str, password: str) -> bool:
            self.checks += 1
            return verify(password_hash, password)

        self.authenticator._verify = counted  # type: ignore[method-assign]  # the cost is what the test is about


def stream(host: str = "127.0.0.1", tls: bool = False) -> Stream:
    return memory_pair(StreamLimits(), host=host, tls=tls)[1]


async def refused(house: House, name: str, password: str, over: Stream | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        await house.authenticator.login(name, password, over or stream())
    return caught.value


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        (USER, "wrong"),
        ("nobody@example.org", PASSWORD),
        (USER, ""),
        (USER, "x" * 1025),
        (USER, "a\0b"),
        (USER, "\ud800"),
    ],
)
def test_every_failure_has_one_text(house: House, name: str, password: str) -> None:
    async def scenario() -> None:
        found = await refused(house, name, password)
        assert (found.reason, found.text) == (Reason.AUTHENTICATION_FAILED, "Authentication failed")

    run(scenario())


def test_unknown_and_disabled_cost_a_check_too(house: House) -> None:
    async def scenario() -> None:
        await refused(house, "nobody@example.org", PASSWORD)
        assert house.checks == 1
        house.directory.set_enabled(house.record.id, False)
        await refused(house, USER, PASSWORD)
        assert house.checks == 2

    run(scenario())


def test_right_password_in_any_normal_form_and_any_case_of_the_address(house: House) -> None:
    async def scenario() -> None:
        assert (await house.authenticator.login(USER, PASSWORD, stream())).id == house.record.id
        assert (await house.authenticator.login(USER.upper(), "contrasenya·n\u0303", stream())).id == house.record.id

    run(scenario())


def test_success_is_remembered_for_a_while_and_failure_never(house: House) -> None:
    async def scenario() -> None:
        for _ in range(3):
            await house.authenticator.login(USER, PASSWORD, stream())
        assert house.checks == 1
        for _ in range(2):
            await refused(house, USER, "wrong")
        assert house.checks == 3
        house.now = QUICK.remembered_seconds
        await house.authenticator.login(USER, PASSWORD, stream())
        assert house.checks == 4

    run(scenario())


def test_changed_password_ends_the_old_one_at_once(house: House) -> None:
    async def scenario() -> None:
        await house.authenticator.login(USER, PASSWORD, stream())
        house.directory.set_password(house.record.id, house.hasher("another"))
        await refused(house, USER, PASSWORD)
        await house.authenticator.login(USER, "another", stream())
        house.directory.set_enabled(house.record.id, False)
        await refused(house, USER, "another")

    run(scenario())


def test_password_is_not_looked_at_without_tls_from_another_machine(house: House) -> None:
    async def scenario() -> None:
        assert (await refused(house, USER, PASSWORD, stream("192.0.2.1"))).reason is Reason.PRIVACY_REQUIRED
        assert house.checks == 0
        await house.authenticator.login(USER, PASSWORD, stream("192.0.2.1", tls=True))
        await house.authenticator.login(USER, PASSWORD, stream("::ffff:127.0.0.1"))

    run(scenario())


def test_more_checks_than_may_wait_are_put_off_before_any_work(house: House) -> None:
    async def scenario() -> None:
        gate = Event()
        house.authenticator._verify = lambda *_: gate.wait(20)  # type: ignore[method-assign]  # a check that takes long
        under_way = [asyncio.create_task(house.authenticator.login(USER, f"guess {n}", stream())) for n in range(3)]
        await asyncio.sleep(0)
        assert (await refused(house, USER, "guess")).reason is Reason.BUSY
        gate.set()
        await asyncio.gather(*under_way)

    run(scenario())


def test_a_hash_of_something_else_is_a_failure(tmp_path: Path) -> None:
    async def scenario() -> None:
        house = House(tmp_path)
        house.directory.set_password(house.record.id, "$6$not$argon2")
        await refused(house, USER, PASSWORD)

    run(scenario())


def test_key_must_be_long_enough(house: House) -> None:
    with pytest.raises(ValueError):
        Authenticator(house.directory, QUICK, key=b"short")
