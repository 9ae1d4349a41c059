"""A SQLite store in a temporary folder, small mail to put into it, and other processes on the same store.

Invariant: no test waits for a time; HANG_SECONDS only ends a test that would wait for ever.
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from bustia.model.flags import NO_FLAGS
from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.numbers import UID, AccountID
from bustia.store.api import Arrival, ReadTxn, WriteTxn
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.settings import StoreSettings
from bustia.store.sqlite.store import SqliteStore

HANG_SECONDS = 30
NOW = 1_700_000_000  # seconds since 1970 UTC
ALICE = AccountID(1)
BOB = AccountID(2)
MAIL = prepare(b"From: a@example.org\r\nSubject: one\r\n\r\ntext\r\n")
NEVER_LOOKS = StoreSettings(
    look_seconds=3600,  # a change of another process comes by the bus or not at all
    quick_seconds=3600,  # a busy machine does not send writes through a thread
    ballast_octets=0,
    index_texts=False,
)

_PROGRAM = Path(__file__).with_name("store_process.py")


def make_store(root: Path, settings: StoreSettings = NEVER_LOOKS) -> SqliteStore:
    """A store that was not started, with a clock that stands."""
    numbers = itertools.count()
    return SqliteStore(root, lambda: float(NOW), lambda: f"n{next(numbers)}", settings)


@asynccontextmanager
async def open_store(root: Path, settings: StoreSettings = NEVER_LOOKS) -> AsyncIterator[SqliteStore]:
    """A store at work."""
    store = make_store(root, settings)
    await store.start()
    try:
        yield store
    finally:
        await store.aclose()


def append(txn: WriteTxn) -> UID:
    """Files MAIL in INBOX."""
    return txn.append(txn.mailbox(MailboxName(INBOX)).id, [Arrival(MAIL, NO_FLAGS, NOW)])[0]


def uids(txn: ReadTxn) -> list[int]:
    """What is in INBOX."""
    return list(txn.view(txn.mailbox(MailboxName(INBOX)).id).uids)


async def soon(done: Callable[[], bool]) -> None:
    """Lets the event loop run until `done`."""
    async with asyncio.timeout(HANG_SECONDS):
        while not done():  # noqa: ASYNC110 - what is waited for may happen in another process
            await asyncio.sleep(0.001)


@contextmanager
def other_process(root: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with the same store open that appends to ALICE's INBOX: one mail for each line it reads, answered by its UID."""
    process = subprocess.Popen(
        [sys.executable, str(_PROGRAM), str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def ask(process: subprocess.Popen[str], appends: int) -> list[int]:
    """Has the other process append so many mails, one commit each; their UIDs."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{appends}\n")
    process.stdin.flush()
    return [int(process.stdout.readline()) for _ in range(appends)]
