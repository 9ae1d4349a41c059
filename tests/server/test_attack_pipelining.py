"""A client that sends thousands of commands at once shares the event loop with everybody else, whatever the protocol (threats C2, C5)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, cast

import pytest

from bustia.model.mailbox import MailboxName
from bustia.net.stream import Stream
from bustia.server import listener
from bustia.server.auth import Authenticator
from bustia.server.imap import list as list_
from bustia.server.imap.service import imap_service
from bustia.server.listener import Service
from bustia.store.sqlite.store import SqliteStore
from loops import run, turns_while
from mail_server import lmtp, mail_server, pop3
from pair import running
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
        async def conversation() -> None:
            while await client.read(20):
                pass

        async with mail_server(tmp_path, make) as server:
            client = server.connect()
            client.write(command * COMMANDS + last)
            assert await turns_while(conversation()) > COMMANDS

    run(scenario())


def test_list_with_many_patterns_leaves_turns_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "TURN_SECONDS", 0.0)

    async def scenario() -> None:
        async with running(tmp_path) as server:
            alice = await server.client()
            mailboxes = 40 * list_.NAMES_AT_ONCE
            names = [MailboxName.parse(f"m{number}") for number in range(mailboxes)]
            await server.account.write(lambda txn: [txn.create_mailbox(name) for name in names], heavy=True)
            patterns = " ".join(f"*m*{number}" for number in range(100))
            assert await turns_while(alice.ok(f'LIST "" ({patterns})')) > 40

    run(scenario())


def test_much_is_written_in_pieces_that_are_waited_for() -> None:
    class Deaf:
        written: ClassVar[list[int]] = []

        def write(self, data: memoryview) -> None:
            self.written.append(len(data))

        async def drain(self) -> None:
            if len(self.written) == 3:
                raise ConnectionAbortedError

    async def scenario() -> None:
        connection = listener.Connection(cast(Stream, Deaf()), "deaf")
        connection.say(b"x" * (5 * listener.WRITTEN + 1))
        with pytest.raises(ConnectionAbortedError):
            await connection.flush()

    run(scenario())
    assert Deaf.written == [listener.WRITTEN] * 3
