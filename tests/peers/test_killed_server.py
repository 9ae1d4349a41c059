"""A server that is killed at any moment: what it acknowledged is there after a restart, whole and once, and its files are sound (threats A1, B1).

`BUSTIA_KILLS` says how often it is killed, `BUSTIA_SEED` which random choices the clients make. A kill loses nothing that is only in the page cache:
what a power cut would lose is the matter of `test_flush_before_answer.py` and `test_power_cut.py`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from bustia.store.sqlite.verify import verify
from demo_process import Demo, demo, started
from kill_journal import ImapUser, Maildrop

KILLS = int(os.environ.get("BUSTIA_KILLS", "30"))
SEED = int(os.environ.get("BUSTIA_SEED", "1"))
MOST_ANSWERS = 80  # acknowledgements before a kill
HANG_SECONDS = 60
ARGUMENTS = ("--empty", "--accounts", "2", "--password", "secret")
LOGINS = [("u1@bench.test", "secret"), ("u2@bench.test", "secret")]


class Answers:
    """Counts acknowledgements of all clients."""

    def __init__(self) -> None:
        self._count = threading.Semaphore(0)

    def one(self) -> None:
        self._count.release()

    def wait(self, count: int) -> None:
        """Returns after so many more."""
        for _ in range(count):
            assert self._count.acquire(timeout=HANG_SECONDS), "the server hangs"


def faults(directory: Path) -> list[object]:
    """What `verify` finds in all accounts."""
    return [fault for path in directory.glob("accounts/*/mail.db") for fault in verify(path)]


def kill_at_work(
    server: Demo, clients: Sequence[Callable[[dict[str, int]], None]], answers: Answers, count: int
) -> None:
    """Lets all clients work at once and kills the server after so many answers."""
    with ThreadPoolExecutor(len(clients)) as pool:
        at_work = [pool.submit(client, server.ports) for client in clients]
        try:
            answers.wait(count)
        finally:
            server.process.kill()
        for client in at_work:
            client.result()


def test_what_a_killed_server_acknowledged_is_there_whole_and_once(tmp_path: Path) -> None:
    random = Random(SEED)
    answers = Answers()
    users = [ImapUser(name, LOGINS[0], SEED, answers.one) for name in ("ann", "bob")]
    drop = Maildrop(LOGINS[1], SEED, answers.one)
    clients = [*(user.work for user in users), drop.post, drop.take]
    checks = [*(user.check for user in users), drop.check]
    for _ in range(KILLS):
        with started(tmp_path, *ARGUMENTS) as server:
            for check in checks:
                check(server.ports)
            assert faults(tmp_path) == []
            kill_at_work(server, clients, answers, random.randint(1, MOST_ANSWERS))
    with demo(tmp_path, *ARGUMENTS) as server:
        for check in checks:
            check(server.ports)
    assert faults(tmp_path) == []
