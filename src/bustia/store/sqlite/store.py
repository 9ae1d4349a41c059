"""All accounts below one root, in SQLite files: what is started, shared and ended once per process.

Layout: `accounts/<id>/mail.db` and `search.db`, `directory.db`, `bus/<process>.sock`, `damaged/<id>`, `spool/`, `ballast`.
Folders are 0700, files 0600.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from weakref import WeakValueDictionary

from bustia.model.numbers import AccountID, ModSeq
from bustia.store.bus import Bus
from bustia.store.sqlite.account import SqliteAccount
from bustia.store.sqlite.ballast import Ballast
from bustia.store.sqlite.connection import flush_names, make_folder
from bustia.store.sqlite.damage import DamagedAccounts
from bustia.store.sqlite.directory import SqliteDirectory
from bustia.store.sqlite.group import GroupCommit
from bustia.store.sqlite.index_queue import IndexQueue
from bustia.store.sqlite.open_accounts import OpenAccounts
from bustia.store.sqlite.reader import Reader
from bustia.store.sqlite.settings import StoreSettings
from bustia.store.sqlite.spool import FileSpool
from bustia.store.sqlite.threads import Threads
from bustia.store.sqlite.watches import Watches
from bustia.store.sqlite.writer import Writer


class SqliteStore:
    """`store.api.Store` below the folder `root`; used from one event loop.

    `clock` gives seconds since 1970 UTC, `new_id` a fresh name of letters and digits at each call.
    """

    def __init__(
        self,
        root: Path,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        settings: StoreSettings | None = None,
    ) -> None:
        settings = settings or StoreSettings()
        self.directory = SqliteDirectory(root)
        self._root = root
        self._new_id = new_id
        self._settings = settings
        self._ballast = Ballast(root / "ballast", settings.ballast_octets)
        self.damaged = DamagedAccounts(root / "damaged")
        self._read_threads = Threads("store-reader", settings.reader_threads)
        self._write_threads = Threads("store-writer", settings.writer_threads)
        self._accounts = OpenAccounts(
            root / "accounts",
            settings,
            clock,
            self.damaged,
            self._ballast,
            self._write_threads.submit,
            self._note_opened,
        )
        self._watches = Watches(self._accounts, self._read_threads, settings.look_seconds)
        self._bus = Bus(root / "bus", f"{os.getpid()}-{new_id()}", self._watches.changed)
        self._index = IndexQueue(self._accounts.folder, clock, new_id())
        self._reader = Reader(self._accounts, self._read_threads, clock, self._note)
        group = GroupCommit(self._accounts, clock, lambda: self._ballast.gone)
        self._writer = Writer(self._accounts, group, self._write_threads, self._changed, settings.quick_seconds)
        self._handles: WeakValueDictionary[AccountID, SqliteAccount] = WeakValueDictionary()
        self._looking: asyncio.Task[None] | None = None

    def account(self, account: AccountID) -> SqliteAccount:
        """The one handle of this process on an account; its file is made at the first use."""
        handle = self._handles.get(account)
        if handle is None:
            handle = self._handles[account] = SqliteAccount(account, self._reader, self._writer, self._watches)
        return handle

    def spool(self) -> FileSpool:
        return FileSpool(self._root / "spool", self._new_id(), self._ballast)

    async def start(self) -> None:
        """Makes the folders, joins the bus and starts the threads, in the running event loop."""
        for name in ("accounts", "bus", "spool"):
            make_folder(self._root / name)
        for folder in (self._root, *self._root.absolute().parents):  # whoever made the root did not flush its name
            with contextlib.suppress(PermissionError):
                flush_names(folder)
        self.damaged.start()
        self._read_threads.start()
        self._write_threads.start()
        self._bus.start()
        await self._write_threads.run(self._ballast.restore)
        if self._bus.alone():  # the whole server starts anew: what stopped may serve again if it proves sound
            self._read_threads.submit(self._accounts.readmit_sound)
        if self._settings.index_texts:
            self._index.start()
        self._looking = asyncio.create_task(self._watches.keep_looking(self._tidy))

    async def aclose(self) -> None:
        """Ends them; waits for writes under way."""
        if self._looking is None:
            return
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)
        self._looking = None
        await self._writer.close()
        if self._settings.index_texts:
            await self._write_threads.run(self._index.stop)
        await self._write_threads.run(self._read_threads.stop)
        await self._write_threads.run(self._accounts.close_all)
        self._bus.close()
        self._write_threads.stop()
        self.directory.close()

    def _changed(self, account: AccountID, modseq: ModSeq) -> None:
        self._watches.changed(account, modseq)
        self._bus.announce(account, modseq)
        self._note(account)

    def _note(self, account: AccountID) -> None:
        if self._settings.index_texts:
            self._index.note(account)

    def _note_opened(self, account: AccountID) -> None:
        if self._settings.index_texts:
            self._index.note_opened(account)

    def _tidy(self) -> None:
        self._bus.forget_peers()
        self._write_threads.submit(self._accounts.tend)
        self._write_threads.submit(self._accounts.close_idle)
        self._write_threads.submit(self._ballast.restore)
