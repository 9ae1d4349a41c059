"""Bringing `search.db` up to `mail.db`, behind delivery (design §2, rule 20).

Invariants
- `mail.db` is only read, in transactions as short as a batch, so that checkpoints go on.
- Texts are made outside any transaction of `search.db`, and filed in one; a kill at any point costs at most the batch under way.
- Mails come in the order of their numbers. What that passes over, a mail whose content came later or one that is gone, a whole comparison finds (`_sweep`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import apsw

from bustia.model.numbers import MailID
from bustia.model.reason import Refused
from bustia.store.search.mail_text import mail_text
from bustia.store.sqlite import search_db, sql
from bustia.store.sqlite.connection import Patience, connect
from bustia.store.sqlite.contents import contents_of
from bustia.store.sqlite.text_writer import IndexedMail, LeaseLost, TextWriter
from bustia.store.sqlite.upkeep import give_back_pages

BATCH_MAILS = 100  # filed by one transaction: 100 mails of the usual mix are some 60 ms of work
BATCH_OCTETS = 4_194_304  # of mail read for one transaction, unless one mail alone is larger
SWEEP_SECONDS = (
    3_600  # between two comparisons of all mails, some 20 ms for 10,000: so long the texts of an expunged mail may stay
)
SWEEP_MAILS = 5_000  # compared at once
BUSY_SECONDS = 10.0  # how long the indexer waits for another process's commit
CACHE_OCTETS = 1_048_576  # page cache for `mail.db`: each page is read once


@dataclass(frozen=True, slots=True)
class Indexed:
    """What a run came to: how many mails it filed, and whether nothing is left to do."""

    mails: int
    complete: bool


def index_account(
    mail_db: Path, search_db_path: Path, *, clock: Callable[[], float], holder: str, stop: Callable[[], bool]
) -> Indexed:
    """Indexes what is new, until that is done or `stop()` says so between two batches.

    `clock` gives seconds since 1970 UTC; `holder` is a name no other indexer has. Not complete when stopped, or when another indexer has the account.
    Raises apsw.Error when `mail.db` cannot be read.
    """
    patience = Patience(BUSY_SECONDS)
    with closing(connect(mail_db, patience, CACHE_OCTETS)) as mail:
        try:
            with closing(search_db.open_writing(search_db_path, patience)) as search:
                return _Run(mail, TextWriter(search, holder), clock, stop).run(search)
        except (apsw.CorruptError, apsw.NotADBError):
            if mail.pragma("quick_check(1)") != "ok":
                raise
            search_db.remove(search_db_path)
            return Indexed(0, complete=False)


class _Run:
    def __init__(
        self, mail: apsw.Connection, writer: TextWriter, clock: Callable[[], float], stop: Callable[[], bool]
    ) -> None:
        self._mail = mail
        self._writer = writer
        self._clock = clock
        self._stop = stop
        self._done = 0

    def run(self, search: apsw.Connection) -> Indexed:
        try:
            self._writer.take(self._now())
            if search_db.is_stale(search, self._mail):
                self._writer.make_anew(self._now())
            complete = self._new_mails() and self._sweep(search)
            self._writer.give_back()
        except LeaseLost:
            complete = False
        return Indexed(self._done, complete)

    def _now(self) -> int:
        return int(self._clock())

    def _new_mails(self) -> bool:
        """Files the mails above the last indexed one; whether that came to its end."""
        indexed = self._writer.indexed()
        last = indexed.ranges[-1][1] if indexed else 0
        while not self._stop():
            chosen = sql.rows(
                self._mail,
                "SELECT id, substr(digest, 1, ?), size FROM mail WHERE id > ? AND digest IS NOT NULL ORDER BY id LIMIT ?",
                (search_db.DIGEST_OCTETS, last, BATCH_MAILS),
            )
            if not chosen:
                return True
            for batch in _batches(chosen):
                self._file(batch)
            last = chosen[-1][0]
        return False

    def _file(self, batch: list[sql.Row]) -> None:
        mails = []
        self._mail.execute("BEGIN")
        try:
            contents = contents_of(self._mail, [MailID(mail) for mail, _, _ in batch])
            for mail, digest, _ in batch:
                content = contents.get(MailID(mail))
                if content is None:
                    continue
                try:
                    octets = content.read(0, content.size)
                except Refused:
                    continue  # a damaged content: `verify` finds it, a search of it says so
                mails.append(IndexedMail(mail, digest, mail_text(octets)))
        finally:
            self._mail.execute("ROLLBACK")
        self._writer.add(mails, self._now())
        self._done += len(mails)

    def _sweep(self, search: apsw.Connection) -> bool:
        """Compares all mails with the index if it is time for that: files what was passed over, forgets what is gone and gives its room back."""
        now = self._now()
        if 0 <= now - self._writer.swept() < SWEEP_SECONDS:
            return True
        (last,) = sql.only_row(self._mail, "SELECT last_mail FROM account")
        for first in range(1, last + 1, SWEEP_MAILS):
            if self._stop():
                return False
            self._compare(first, first + SWEEP_MAILS - 1)
        self._writer.remove(list(self._writer.digests(last + 1, 2**63 - 1)), self._now())
        while give_back_pages(search):
            if self._stop():
                return False
        self._writer.note_sweep(now)
        return True

    def _compare(self, first: int, last: int) -> None:
        here: dict[int, bytes] = dict(
            sql.rows(
                self._mail,
                "SELECT id, substr(digest, 1, ?) FROM mail WHERE id BETWEEN ? AND ? AND digest IS NOT NULL",
                (search_db.DIGEST_OCTETS, first, last),
            )
        )
        filed = self._writer.digests(first, last)
        gone = [mail for mail, digest in filed.items() if here.get(mail) != digest]
        if gone:
            self._writer.remove(gone, self._now())
        passed_over = sorted(mail for mail, digest in here.items() if filed.get(mail) != digest)
        for start in range(0, len(passed_over), BATCH_MAILS):
            self._file([(mail, here[mail], 0) for mail in passed_over[start : start + BATCH_MAILS]])


def _batches(chosen: list[sql.Row]) -> Iterator[list[sql.Row]]:
    """The rows (mail, digest, size) cut so that none holds more than BATCH_OCTETS, unless it is one mail."""
    batch: list[sql.Row] = []
    octets = 0
    for row in chosen:
        if batch and octets + row[2] > BATCH_OCTETS:
            yield batch
            batch, octets = [], 0
        batch.append(row)
        octets += row[2]
    if batch:
        yield batch
