"""Two servers on one directory, several sessions on each, random commands at once: every session is told a consistent story, and all the same in the end.

`BUSTIA_COMMANDS` says how many commands each session sends, `BUSTIA_SEED` which.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

from bustia.net.socket import SocketStream
from bustia.net.stream import StreamLimits
from bustia.store.sqlite.verify import verify
from demo_process import Demo, demo
from pair import Client, mail
from tracking import Tracker

COMMANDS = int(os.environ.get("BUSTIA_COMMANDS", "100"))
SEED = int(os.environ.get("BUSTIA_SEED", "1"))
SESSIONS = 4  # on each server
HANG_SECONDS = 600
ARGUMENTS = ("--empty", "--accounts", "1", "--password", "secret")
FLAGS = ("\\Seen", "\\Flagged", "\\Deleted", "$Work")
EVERYTHING = "UID FETCH 1:* (UID FLAGS MODSEQ)"


@asynccontextmanager
async def connected(server: Demo, name: str) -> AsyncIterator[Client]:
    """A client that has logged in."""
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_connection(lambda: SocketStream(StreamLimits()), server.host, server.ports["imap"])
    try:
        client = Client(stream, name)
        await client.response()
        await client.ok('LOGIN u1@bench.test "secret"')
        yield client
    finally:
        stream.close()


def command(random: Random, messages: int) -> str:
    """A random command for a mailbox of so many messages."""
    number, flag = random.randint(1, max(messages, 1)), random.choice(FLAGS)
    sign = random.choice("+-")
    some = f"{number}:{min(number + 2, max(messages, 1))}"
    choices = [
        f"STORE {some} {sign}FLAGS ({flag})",
        f"STORE {some} {sign}FLAGS.SILENT ({flag})",
        f"UID STORE {number}:* {sign}FLAGS ({flag})",
        f"FETCH {some} (UID FLAGS MODSEQ)",
        "FETCH 1:* (UID FLAGS)",
        "SEARCH DELETED",
        "UID SEARCH UNSEEN",
        f"COPY {some} INBOX",
        f"UID MOVE {number}:{number + 3} Archive",
        "NOOP",
        "CHECK",
        "EXPUNGE",
    ]
    return random.choice(choices)


async def session(tracker: Tracker, seed: int, numbers: itertools.count[int]) -> None:
    """Random commands, one after the other."""
    random = Random(seed)
    for _ in range(COMMANDS):
        if random.random() < 0.25 or not tracker.messages:
            message = mail(next(numbers))
            tagged = await tracker.ask(f"APPEND INBOX {{{len(message)}+}}\r\n{message.decode()}")
        else:
            tagged = await tracker.ask(command(random, len(tracker.messages)))
        assert tagged.startswith((b"OK", b"NO [EXPUNGEISSUED]")), tagged


async def story(servers: list[Demo], stack: AsyncExitStack) -> None:
    """All sessions at work, then each asked for what it was told and for what is."""
    trackers = []
    for number, server in enumerate(SESSIONS * servers):
        client = await stack.enter_async_context(connected(server, f"s{number}x"))
        trackers.append(Tracker(client, f"session {number}"))
        await trackers[-1].select("INBOX")
    numbers = itertools.count(1)
    await asyncio.gather(*(session(tracker, 100 * SEED + n, numbers) for n, tracker in enumerate(trackers)))
    for tracker in trackers:
        await tracker.ask("NOOP")  # says all that happened, from the log
    told = [[(message.uid, message.flags) for message in tracker.messages] for tracker in trackers]
    fresh = Tracker(await stack.enter_async_context(connected(servers[0], "fresh")), "fresh")
    await fresh.select("INBOX")
    for tracker, before in zip(trackers, told, strict=True):
        await tracker.ask(EVERYTHING)
        assert tracker.messages == fresh.messages
        for message, (uid, flags) in zip(fresh.messages, before, strict=True):
            assert uid in (0, message.uid)
            assert flags in (None, message.flags), "a change was not told"


def test_sessions_of_two_servers_are_told_one_story(tmp_path: Path) -> None:
    async def guarded() -> None:
        async with asyncio.timeout(HANG_SECONDS):
            with demo(tmp_path, *ARGUMENTS) as one, demo(tmp_path, *ARGUMENTS) as other:
                async with AsyncExitStack() as stack:
                    await story([one, other], stack)

    asyncio.run(guarded())
    (path,) = tmp_path.glob("accounts/*/mail.db")
    assert list(verify(path)) == []
