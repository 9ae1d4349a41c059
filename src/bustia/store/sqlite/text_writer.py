"""Changing `search.db`: texts in, texts out, and the lease of the one indexer.

Invariant: every change is one transaction that first makes sure of the lease, so that two indexers never file the same mail; one that was killed leaves nothing
half done, and its lease ends by time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw
import zstandard

from bustia.model.number_set import NumberSet
from bustia.store.search.source import MailText, TextPart
from bustia.store.sqlite import search_db, sql
from bustia.store.sqlite.uid_sets import read_uid_set, write_uid_set

LEASE_SECONDS = 60  # longer than any batch takes; so long an account waits after its indexer was killed
LEVEL = 3  # zstd: texts are written once and read often; higher levels gain little on them


class LeaseLost(Exception):
    """Another indexer holds the account now."""


@dataclass(frozen=True, slots=True)
class IndexedMail:
    """One mail to file: its number, its digest's first octets, its texts."""

    mail: int
    digest: bytes
    text: MailText


class TextWriter:
    """The indexer's hold on an open `search.db`; `holder` names it among all processes."""

    def __init__(self, connection: apsw.Connection, holder: str) -> None:
        self._connection = connection
        self._holder = holder
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)

    def take(self, now: int) -> None:
        """Takes the lease. Raises LeaseLost while another holds it; one that ends too far ahead is of a clock that jumped."""
        with self._connection:
            (holder, until) = sql.only_row(self._connection, "SELECT holder, held_until FROM state")
            if holder not in (None, self._holder) and now < until <= now + LEASE_SECONDS:
                raise LeaseLost
            self._connection.execute("UPDATE state SET holder = ?, held_until = ?", (self._holder, now + LEASE_SECONDS))

    def give_back(self) -> None:
        """Ends the lease, if it is still ours."""
        self._connection.execute("UPDATE state SET holder = NULL WHERE holder = ?", (self._holder,))

    def indexed(self) -> NumberSet:
        """The mails whose texts are here."""
        return read_uid_set(sql.only_row(self._connection, "SELECT indexed FROM state")[0])

    def swept(self) -> int:
        """When `note_sweep` last was, seconds since 1970 UTC."""
        return int(sql.only_row(self._connection, "SELECT swept FROM state")[0])

    def note_sweep(self, now: int) -> None:
        self._connection.execute("UPDATE state SET swept = ?", (now,))

    def digests(self, first: int, last: int) -> dict[int, bytes]:
        """The digests of the indexed mails first … last."""
        return dict(
            sql.rows(self._connection, "SELECT mail, digest FROM text WHERE mail BETWEEN ? AND ?", (first, last))
        )

    def add(self, mails: Sequence[IndexedMail], now: int) -> None:
        """Files mails that are not here yet, and renews the lease. Raises LeaseLost."""
        rows = [
            (
                one.mail,
                one.digest,
                self._compressor.compress(one.text.header + b"\0" + one.text.mime),
                self._compressor.compress(one.text.body),
            )
            for one in mails
        ]
        with self._connection:
            self._renew(now)
            self._connection.executemany("INSERT INTO text VALUES(?, ?, ?, ?)", rows)
            for one in mails:
                self._add_term(one.mail, TextPart.HEADER, one.text.header + one.text.mime)
                self._add_term(one.mail, TextPart.BODY, one.text.body)
            self._note_indexed(self.indexed() | NumberSet.of(one.mail for one in mails))

    def remove(self, mails: Iterable[int], now: int) -> None:
        """Forgets mails, and renews the lease. Raises LeaseLost."""
        gone = list(mails)
        with self._connection:
            self._renew(now)
            for mail in gone:
                self._connection.execute("DELETE FROM text WHERE mail = ?", (mail,))
                self._connection.execute("DELETE FROM term WHERE rowid BETWEEN ? AND ?", (2 * mail, 2 * mail + 1))
            self._note_indexed(self.indexed() - NumberSet.of(gone))

    def make_anew(self, now: int) -> None:
        """Forgets everything, and keeps the lease."""
        search_db.make_anew(self._connection)
        self.take(now)

    def _renew(self, now: int) -> None:
        """Holds on to the lease. Raises LeaseLost when another has taken it since, even if that one has given it back."""
        found = sql.row(
            self._connection,
            "UPDATE state SET held_until = ? WHERE holder = ? RETURNING 1",
            (now + LEASE_SECONDS, self._holder),
        )
        if found is None:
            raise LeaseLost

    def _add_term(self, mail: int, part: TextPart, text: bytes) -> None:
        words = " ".join(
            dict.fromkeys(text.decode("utf-8", "replace").split())
        )  # each once: no trigram over a space is asked for
        self._connection.execute("INSERT INTO term(rowid, text) VALUES(?, ?)", (2 * mail + part.value, words))

    def _note_indexed(self, mails: NumberSet) -> None:
        self._connection.execute("UPDATE state SET indexed = ?", (write_uid_set(mails),))
