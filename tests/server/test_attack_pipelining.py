"""A client that sends thousands of commands at once shares the event loop with everybody else, whatever the protocol (threats C2, C5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bustia.server import listener
from bustia.server.auth import Authenticator
from bustia.server.imap.service import imap_service
from bustia.server.listener import Service
from bustia.store.sqlite.store import SqliteStore
from loops import run
from mail_server import lmtp, mail_server, pop3
from stores import NOW

COMMANDS = 3_000

Make = Callable[[SqliteStore, Authenticator], Service]


def imap() -> Make:
    return lambda store, authenticator: imap_service(store, authenticator, clock=lambda: float(NOW))


@pytest.mark.parametrize(
    ("make", "command", "last"),
    [
        (imap(), b"x CAPABILITY\r\n", b"x LOGOUT\r\n"),
        (pop3(), b"CAPA\r\n", b"QUIT\r\n"),
        (lmtp(), b"NOOP\r\n", b"QUIT\r\n"),
    ],
    ids=["IMAP", "POP3", "LMTP"],
)
def test_thousands_of_pipelined_commands_leave_turns_to_others(
    tmp_path: Path, make: Make, command: bytes, last: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "TURN_SECONDS", 0.0)

    async def scenario() -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with mail_server(tmp_path, make) as server:
            client = server.connect()
            task = asyncio.create_task(other())
            client.write(command * COMMANDS + last)
            while await client.read(20):
                pass
            task.cancel()
        assert turns > COMMANDS

    run(scenario())
