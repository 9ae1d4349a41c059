"""Clients that attack where the server waits for a line: in IDLE, in AUTHENTICATE, before login (threats C1, C4, C11)."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from bustia.protocol.imap.response import Continuation
from bustia.protocol.imap.server import Limits, ServerConnection, TooLong
from bustia.server.imap.settings import ImapSettings
from pair import Client, run, running

HUGE = b"{%d+}\r\n" % 2_000_000  # more than is drained


@pytest.mark.parametrize("command", [b"a IDLE\r\n", b"a AUTHENTICATE PLAIN\r\n"])
def test_huge_literal_where_a_line_is_awaited_ends_the_session(tmp_path: Path, command: bytes) -> None:
    async def test() -> None:
        async with running(tmp_path) as server:
            client = await server.client() if b"IDLE" in command else server.connect()
            client.send(command)
            while not (await client.response()).startswith(b"+"):
                pass
            client.send(HUGE)
            said = await client.closed()
            assert said[0].startswith(b"* BYE [TOOBIG]")

    run(test())


def test_nothing_is_held_of_what_follows_a_literal_that_ended_the_session() -> None:
    wire = ServerConnection(Limits())
    wire.expect_authenticate_response("a")
    assert [type(event) for event in wire.receive(HUGE)] == [TooLong]
    wire.receive(b"x" * 1_000_000)
    assert wire.held == 0
    assert wire.send(Continuation())


async def _speak_on(client: Client, octets: bytes) -> None:
    for turn in itertools.count():
        client.send(octets)
        await asyncio.sleep(0.001 if turn % 10 == 9 else 0)


@pytest.mark.parametrize("octets", [b"x", b"a NOOP\r\n" * 1_000])
@pytest.mark.parametrize("before", [b"", b"a AUTHENTICATE PLAIN\r\n"])
def test_time_to_log_in_is_limited_in_all_for_a_client_that_never_stops_speaking(
    tmp_path: Path, octets: bytes, before: bytes
) -> None:
    async def test() -> None:
        settings = ImapSettings(login_seconds=0.1, bad_commands=1_000_000)
        async with running(tmp_path, settings=settings) as server:
            client = server.connect()
            client.send(before)
            speaking = asyncio.ensure_future(_speak_on(client, octets))
            try:
                async with asyncio.timeout(10):
                    said = await client.closed()
            finally:
                speaking.cancel()
            assert said[-1].startswith(b"* BYE")

    run(test())
