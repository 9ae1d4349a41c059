"""Measures with several connections at once: parallel APPEND, short mixed sessions, and how soon IDLE is told.

The clients run in PROCESSES processes, each with a thread a connection; the monotonic clock is the same in all of them.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

from bench.clients import Imap
from bench.servers import PASSWORD, user
from bench.single import LIST, Ground

PROCESSES = 2
APPENDS = 800  # messages a run, on all connections together
SESSIONS = 16  # connections at once in the mixed measure
MIXED_SECONDS = 6.0
MIXED_MAIL = 100  # messages in each mailbox of the mixed measure
LISTED = 50  # messages that a session lists
TOLD = 20  # messages that IDLE is told of


@dataclass(frozen=True, slots=True)
class Work:
    """What one connection does; picklable, for it goes to another process."""

    port: int
    account: int
    messages: tuple[bytes, ...]
    begin: float  # of the monotonic clock, when all are logged in

    def connect(self) -> Imap:
        """A session of this connection's account."""
        return Imap(self.port, user(self.account), PASSWORD)


def measure(ground: Ground) -> None:
    """Everything here."""
    append(ground, 1)
    append(ground, 8)
    mixed(ground)
    idle(ground)


def spread(job: Callable[[Work], tuple[float, int]], works: list[Work]) -> list[tuple[float, int]]:
    """The job's (end, count) for each work, all at once."""
    shares = [works[first::PROCESSES] for first in range(PROCESSES) if works[first::PROCESSES]]
    with ProcessPoolExecutor(len(shares)) as pool:
        return [result for share in pool.map(_threads, [job] * len(shares), shares) for result in share]


def _threads(job: Callable[[Work], tuple[float, int]], works: list[Work]) -> list[tuple[float, int]]:
    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(job, works))


def append(ground: Ground, connections: int) -> None:
    """Small messages, each connection into an account of its own and waiting for each OK."""
    for _ in range(3):
        begin = time.monotonic() + 0.5
        each = APPENDS // connections
        works = [
            Work(
                ground.server.imap, account, tuple(map(ground.bag.small_message, range(account, account + each))), begin
            )
            for account in range(1, connections + 1)
        ]
        ends = [end for end, _ in spread(_append, works)]
        rate = each * connections / (max(ends) - begin)
        ground.figures.add(f"APPEND on {connections} connection{'s' if connections > 1 else ''}", rate)


def _append(work: Work) -> tuple[float, int]:
    with work.connect() as imap:
        imap.fresh("appended")
        time.sleep(max(0.0, work.begin - time.monotonic()))
        for message in work.messages:
            imap.append("appended", message, "\\Seen")
        return time.monotonic(), len(work.messages)


def mixed(ground: Ground) -> None:
    """Sessions of login, list, one body, one flag, IDLE and logout, as many as go in MIXED_SECONDS."""
    mails = tuple(map(ground.bag.small_message, range(MIXED_MAIL)))
    for account in range(1, SESSIONS + 1):
        with ground.connect(account) as imap:
            imap.fresh("mixed")
            for message in mails:
                imap.append("mixed", message)
    begin = time.monotonic() + 0.5
    results = spread(_sessions, [Work(ground.server.imap, account, (), begin) for account in range(1, SESSIONS + 1)])
    ground.figures.add("mixed sessions", sum(count for _, count in results) / (max(end for end, _ in results) - begin))


def _sessions(work: Work) -> tuple[float, int]:
    rng = random.Random(work.account)
    time.sleep(max(0.0, work.begin - time.monotonic()))
    count = 0
    while time.monotonic() < work.begin + MIXED_SECONDS:
        with work.connect() as imap:
            imap.select("mixed")
            listed = imap.run(LIST.replace(b"1:*", b"%d:%d" % (MIXED_MAIL - LISTED + 1, MIXED_MAIL)))
            uid = rng.choice(re.findall(rb"\bUID (\d+)", listed))
            imap.run(b"UID FETCH %b (BODY.PEEK[])" % uid)
            imap.run(b"UID STORE %b %bFLAGS (\\Seen)" % (uid, rng.choice([b"+", b"-"])))
            imap.idle()
            imap.done()
            imap.logout()
        count += 1
    return time.monotonic(), count


def idle(ground: Ground) -> None:
    """From the moment that one connection sends an APPEND to EXISTS on another one that is in IDLE."""
    rng = random.Random(3)
    with ground.connect() as writer, ground.connect() as watcher, ThreadPoolExecutor(1) as pool:
        writer.fresh("idle")
        watcher.select("idle")
        watcher.idle()
        for number in range(TOLD):
            time.sleep(rng.uniform(0.03, 0.1))  # a server that looks every so often must not be met in step
            told = pool.submit(_told, watcher, b"* %d EXISTS\r\n" % (number + 1))
            start = time.perf_counter()
            writer.append("idle", ground.bag.small_message(number))
            ground.figures.add("IDLE told after", (told.result() - start) * 1e3)
        watcher.done()


def _told(watcher: Imap, mark: bytes) -> float:
    watcher.until(mark)
    return time.perf_counter()
