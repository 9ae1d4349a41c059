"""Searching in `search.db`: which mails may have a term, and their texts to see whether they do.

Invariants
- The file is opened at the first question, in one read transaction, and only for one search: no idle session keeps it open.
- Whatever is wrong with the file, the answer is "not indexed": the search then reads the mails themselves. No error of this file is ever taken for
  one of `mail.db`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import apsw
import zstandard

from bustia.model.number_set import EMPTY, NumberSet
from bustia.store.search.needle import TRIGRAM
from bustia.store.search.source import MailText, TextPart
from bustia.store.sqlite import search_db, sql
from bustia.store.sqlite.connection import Patience
from bustia.store.sqlite.uid_sets import read_uid_set

MAX_TRIGRAMS = 24  # of a term that are asked for: more would hardly rule out more, and the text decides anyway
BUSY_SECONDS = 1.0  # how long a search waits for the index before it does without

_log = logging.getLogger(__name__)


class TextIndex:
    """A `SearchTextSource` over the file at `path`, for one read transaction on `mail`; used by one thread, closed by `with`.

    `lagging()` is called when a mail is asked for that is not indexed, or nothing can be read.
    """

    def __init__(self, path: Path, mail: apsw.Connection, lagging: Callable[[], None]) -> None:
        self._path = path
        self._mail = mail
        self._lagging = lagging
        self._connection: apsw.Connection | None = None
        self._indexed: NumberSet | None = None  # None before the first question

    def __enter__(self) -> TextIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def indexed(self, mails: Sequence[int]) -> list[bool]:
        found = _members(self._open(), mails)
        if not all(found):
            self._lagging()
        return found

    def candidates(self, part: TextPart, term: bytes) -> frozenset[int] | None:
        trigrams = _trigrams(term.decode())
        if not trigrams or not self._open():
            return None
        try:
            return frozenset(mail for (mail,) in self._rows(_CANDIDATES, (_query(trigrams), part.value)))
        except apsw.Error as error:
            self._give_up(error)
            return None

    def texts(self, mails: Sequence[int], parts: frozenset[TextPart]) -> Iterator[tuple[int, MailText]]:
        if not self._open():
            return
        header = "header" if TextPart.HEADER in parts else "NULL"
        body = "body" if TextPart.BODY in parts else "NULL"
        statement = f"SELECT mail, {header}, {body} FROM json_each(?) AS wanted CROSS JOIN text ON mail = wanted.value"
        decompressor = zstandard.ZstdDecompressor()

        def plain(compressed: bytes | None) -> bytes:
            return b"" if compressed is None else decompressor.decompress(compressed)

        try:
            for mail, fields, of_body in self._rows(statement, (json.dumps(mails),)):
                own, _, mime = plain(fields).partition(b"\0")
                yield mail, MailText(own, mime, plain(of_body))
        except (apsw.Error, zstandard.ZstdError) as error:
            self._give_up(error)

    def _rows(self, statement: str, bindings: apsw.Bindings) -> Iterator[sql.Row]:
        return iter(()) if self._connection is None else self._connection.execute(statement, bindings)

    def _open(self) -> NumberSet:
        """The mails that are indexed, as of the first question."""
        if self._indexed is None:
            self._indexed = EMPTY
            try:
                self._connection = search_db.open_reading(self._path, Patience(BUSY_SECONDS))
                if self._connection is not None:
                    self._connection.execute("BEGIN")
                    if not search_db.is_stale(self._connection, self._mail):
                        self._indexed = read_uid_set(sql.only_row(self._connection, "SELECT indexed FROM state")[0])
            except (apsw.Error, LookupError, ValueError) as error:
                self._give_up(error)
        return self._indexed

    def _give_up(self, error: Exception) -> None:
        """Does without the index from here on; a damaged one goes, and the indexer makes another."""
        _log.warning("the search index %s cannot be read: %s", self._path, error)
        self._indexed = EMPTY
        self._close()
        self._lagging()
        if isinstance(error, apsw.CorruptError | apsw.NotADBError):
            search_db.remove(self._path)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close(force=True)
            self._connection = None


_CANDIDATES = "SELECT rowid >> 1 FROM term WHERE term MATCH ? AND rowid & 1 = ?"


def _trigrams(text: str) -> list[str]:
    """The trigrams of a term that lie in one word: the index holds each word of a text once, so it knows no others."""
    found = (text[at : at + TRIGRAM] for at in range(len(text) - TRIGRAM + 1))
    return [trigram for trigram in dict.fromkeys(found) if not any(map(str.isspace, trigram))]


def _query(trigrams: list[str]) -> str:
    """The FTS5 query for all these trigrams, or for MAX_TRIGRAMS of them spread over the term."""
    step = -(-len(trigrams) // MAX_TRIGRAMS)
    return " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in trigrams[::step])


def _members(numbers: NumberSet, asked: Sequence[int]) -> list[bool]:
    """Whether each is a member."""
    if len(numbers.ranges) == 1:
        first, last = numbers.ranges[0]
        return [first <= number <= last for number in asked]
    return [number in numbers for number in asked]
