"""The handle on one account that sessions share: a number, its waiting writes, and the way to reader, writer and watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bustia.model.numbers import AccountID, ModSeq
from bustia.store.api import ReadTxn, WriteTxn
from bustia.store.sqlite.reader import Reader
from bustia.store.sqlite.watches import Watches
from bustia.store.sqlite.writer import WriteQueue, Writer

T = TypeVar("T")


class SqliteAccount:
    """`store.api.Account` over `accounts/<id>/mail.db`; keeps no file open."""

    __slots__ = ("__weakref__", "_reader", "_watches", "_writer", "_writes", "id")

    def __init__(self, account: AccountID, reader: Reader, writer: Writer, watches: Watches) -> None:
        self.id = account
        self._writes = WriteQueue(account)
        self._reader = reader
        self._writer = writer
        self._watches = watches

    async def read(self, fn: Callable[[ReadTxn], T], *, heavy: bool = False) -> T:
        """Runs `fn` on one state. Raises Refused BUSY, DISK_FULL, DAMAGED or what `fn` raises."""
        return await self._reader.read(self.id, fn, heavy)

    async def write(self, fn: Callable[[WriteTxn], T], *, heavy: bool = False) -> T:
        """Runs `fn` in a transaction, flushed when this returns. Raises Refused DISK_FULL, BUSY, DAMAGED or what `fn` raises."""
        return await self._writer.write(self._writes, fn, heavy)

    def watch(self, told: Callable[[ModSeq], None]) -> Callable[[], None]:
        """Calls `told` in the event loop after every change by anyone; returns what ends the watch, safe to call twice."""
        return self._watches.add(self.id, told)
