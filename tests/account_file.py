"""One account's `mail.db` and `search.db` without a store around them: file mail, index it, search it, step by step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bustia.model.flags import NO_FLAGS
from bustia.model.mailbox import INBOX, MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.search_key import HasText, SearchKey, TextField
from bustia.store.api import BIN_SECONDS, Arrival
from bustia.store.sqlite import schema, search_db
from bustia.store.sqlite.bin import empty_bin
from bustia.store.sqlite.cache import AccountCache
from bustia.store.sqlite.connection import Patience, connect, make_file
from bustia.store.sqlite.indexer import SWEEP_SECONDS, Indexed, index_account
from bustia.store.sqlite.prepare import prepare
from bustia.store.sqlite.read_txn import SqliteReadTxn
from bustia.store.sqlite.text_index import TextIndex
from bustia.store.sqlite.write_txn import SqliteWriteTxn

NOW = 1_700_000_000
CACHE = 1 << 20


def mail(subject: str, body: str = "") -> bytes:
    """A small message."""
    return f"From: ada@example.org\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode()


class AccountFile:
    """An account in `folder`; `now` is its clock. `lagged` counts how often a search asked for mail that is not indexed."""

    def __init__(self, folder: Path) -> None:
        self.mail_db = folder / "mail.db"
        self.search_db = folder / "search.db"
        self.now = NOW
        self.lagged = 0
        make_file(self.mail_db)
        self.connection = connect(self.mail_db, Patience(0), CACHE)
        schema.create(self.connection, NOW)
        self._cache = AccountCache()

    def close(self) -> None:
        self.connection.close()

    def change(self, fn: Callable[[SqliteWriteTxn], object]) -> None:
        """Runs `fn` in a transaction of its own."""
        self.connection.execute("BEGIN IMMEDIATE")
        txn = SqliteWriteTxn(self.connection, self.now, self._cache, None)
        fn(txn)
        self.connection.execute("COMMIT")
        txn.publish()

    def append(self, *octets: bytes) -> None:
        """Files messages in INBOX."""
        arrivals = [Arrival(prepare(one), NO_FLAGS, NOW) for one in octets]
        self.change(lambda txn: txn.append(txn.mailbox(MailboxName(INBOX)).id, arrivals))

    def purge(self, uid: int) -> None:
        """Expunges a message of INBOX and lets the bin forget it."""
        one = NumberSet(((uid, uid),))
        self.change(lambda txn: txn.expunge(txn.mailbox(MailboxName(INBOX)).id, one, only_deleted=False))
        self.now += BIN_SECONDS + SWEEP_SECONDS
        with self.connection:
            assert empty_bin(self.connection, self.now)

    def index(self, stop: Callable[[], bool] = lambda: False, holder: str = "test") -> Indexed:
        """One run of the indexer."""
        return index_account(self.mail_db, self.search_db, clock=lambda: self.now, holder=holder, stop=stop)

    def search(self, key: SearchKey | str, *, indexed: bool = True) -> list[int]:
        """UIDs of INBOX that match a key, or have a text in the body."""
        if isinstance(key, str):
            key = HasText(TextField.BODY, key)
        self.connection.execute("BEGIN")
        try:
            with TextIndex(self.search_db, self.connection, self._lagging) as index:
                txn = SqliteReadTxn(self.connection, self.now, self._cache, index if indexed else None)
                return txn.search(txn.mailbox(MailboxName(INBOX)).id, key)
        finally:
            self.connection.execute("ROLLBACK")

    def in_index(self, column: str) -> list[object]:
        """A column of the index's table of texts."""
        connection = connect(self.search_db, Patience(0), CACHE)
        try:
            return [value for (value,) in connection.execute(f"SELECT {column} FROM text ORDER BY mail")]
        finally:
            connection.close()

    def damage_index(self) -> None:
        """Overwrites the middle of the index's file; its write-ahead log is empty, for nobody has it open."""
        octets = bytearray(self.search_db.read_bytes())
        octets[4096:] = b"\xa5" * (len(octets) - 4096)
        self.search_db.write_bytes(octets)

    def forget_index(self) -> None:
        search_db.remove(self.search_db)

    def _lagging(self) -> None:
        self.lagged += 1
