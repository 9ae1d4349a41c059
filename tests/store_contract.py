"""What the contract suite needs of any store: one account, driven without an event loop of the test's own, with a clock that the test moves.

Invariant: only `store.api` is used on what a backend makes; a new backend is one more entry of BACKENDS.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bustia.model.flags import NO_FLAGS, Flags
from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.numbers import MAX_UID, UID, AccountID, MailboxID
from bustia.model.reason import Reason, Refused
from bustia.store.api import Arrival, Column, Prepared, ReadTxn, Store, WriteTxn
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.settings import StoreSettings
from bustia.store.sqlite.store import SqliteStore
from bustia.store.sqlite.verify import verify

T = TypeVar("T")

NOW = 1_700_000_000  # seconds since 1970 UTC, when every test begins
ALL = NumberSet(((1, MAX_UID),))


def _sqlite(root: Path, clock: Callable[[], float]) -> Store:
    numbers = itertools.count()
    settings = StoreSettings(look_seconds=3600, ballast_octets=0)
    return SqliteStore(root, clock, lambda: f"n{next(numbers)}", settings)


def _sqlite_faults(root: Path) -> list[object]:
    return list(verify(root / "accounts" / "1" / "mail.db"))


@dataclass(frozen=True)
class Backend:
    """How a kind of store is made below a folder with a clock, and what its own check finds wrong in account 1 once it is closed."""

    make: Callable[[Path, Callable[[], float]], Store]
    faults: Callable[[Path], list[object]]


BACKENDS: dict[str, Backend] = {"sqlite": Backend(_sqlite, _sqlite_faults)}


class Box:
    """One account of a running store."""

    def __init__(self, root: Path, backend: str) -> None:
        self.now = NOW
        self.used = False
        self.root = root
        self._backend = BACKENDS[backend]
        self._runner = asyncio.Runner()
        self._store = self._start()

    def _start(self) -> Store:
        store = self._backend.make(self.root, lambda: float(self.now))
        self._runner.run(store.start())
        return store

    def restart(self) -> None:
        """Ends the store and starts it again on the same data."""
        self._runner.run(self._store.aclose())
        self._store = self._start()

    def close(self) -> None:
        """Ends the store, which must be sound, whatever the test did to it."""
        self._runner.run(self._store.aclose())
        self._runner.close()
        if self.used:
            assert self._backend.faults(self.root) == []

    def read(self, fn: Callable[[ReadTxn], T]) -> T:
        """What `fn` gives in a read transaction."""
        self.used = True
        return self._runner.run(self._store.account(AccountID(1)).read(fn))

    def write(self, fn: Callable[[WriteTxn], T]) -> T:
        """What `fn` gives in a write transaction, flushed."""
        self.used = True
        return self._runner.run(self._store.account(AccountID(1)).write(fn))

    # The steps that most tests begin with.

    @property
    def inbox(self) -> MailboxID:
        """The number of INBOX."""
        return self.read(lambda txn: txn.mailbox(MailboxName(INBOX)).id)

    def create(self, name: str) -> MailboxID:
        """Makes a mailbox."""
        return self.write(lambda txn: txn.create_mailbox(MailboxName(name))).id

    def append(self, mailbox: MailboxID, *flags: Flags, uidl: str | None = None) -> list[UID]:
        """Files a mail for each of `flags`, one without flags if none is given."""
        arrivals = [arrival(number, each, uidl) for number, each in enumerate(flags or (NO_FLAGS,))]
        return self.write(lambda txn: txn.append(mailbox, arrivals))

    def rows(self, mailbox: MailboxID, *columns: Column) -> list[tuple[object, ...]]:
        """All messages of a mailbox."""
        return self.read(lambda txn: txn.messages(mailbox, ALL, columns))

    def column(self, mailbox: MailboxID, column: Column) -> list[object]:
        """One column of all messages of a mailbox."""
        return [row[0] for row in self.rows(mailbox, column)]


@contextmanager
def box(root: Path, backend: str) -> Iterator[Box]:
    """A `Box` that is closed at the end."""
    opened = Box(root, backend)
    try:
        yield opened
    finally:
        opened.close()


def mail(number: int, size: int = 0) -> Prepared:
    """A small mail, another for each number; `size` octets of body more."""
    return prepare(octets(number, size))


def octets(number: int, size: int = 0) -> bytes:
    """The octets of `mail`."""
    return b"From: a@example.org\r\nSubject: mail %d\r\n\r\ntext %d\r\n%s" % (number, number, b"x" * size)


def arrival(number: int, flags: Flags = NO_FLAGS, uidl: str | None = None) -> Arrival:
    """`mail(number)` as it arrives."""
    return Arrival(mail(number), flags, NOW - number, uidl)


def reason_of(box: Box, fn: Callable[[WriteTxn], object]) -> Reason:
    """Why the store refuses `fn`; fails the test if it does not."""
    try:
        box.write(fn)
    except Refused as refused:
        return refused.reason
    raise AssertionError("not refused")


def numbers(*values: int) -> NumberSet:
    """A set of these numbers."""
    return NumberSet.of(values)
