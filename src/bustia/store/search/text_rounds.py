"""The rounds of a search that look at text: the index, subjects, header fields, whole mails.

Invariants
- A round reads only mails that are undecided and that one of its own leaves could still match.
- Texts are held one mail at a time, contents are opened in batches of MAILS_AT_ONCE, kept header fields are read in batches of some OCTETS_AT_ONCE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import compress
from typing import cast

from bustia.message.facts import HEADER_CACHE_FIELDS
from bustia.model.numbers import MailID
from bustia.model.search_key import HasHeader, HasText
from bustia.store.api import Column
from bustia.store.search import positions
from bustia.store.search.comparable import comparable
from bustia.store.search.mail_text import header_text, mail_body, mail_text
from bustia.store.search.narrowing import Narrowing
from bustia.store.search.needle import Needle, Place, needle
from bustia.store.search.source import MailText, SearchSource, TextPart

MAILS_AT_ONCE = 256  # mails asked for by one statement: few statements, and a bounded list of open contents
OCTETS_AT_ONCE = (
    1_048_576  # of kept header fields; the next mail's may be as long as a mail, whatever its sender likes (threats F2)
)

_Needles = dict[HasText | HasHeader, Needle]


def _needles(search: Narrowing, *places: Place) -> _Needles:
    """The text leaves that look in these places and are not known at some undecided position."""
    found: _Needles = {}
    for leaf in search.leaves():
        if isinstance(leaf, HasText | HasHeader) and search.open_at(leaf):
            one = needle(leaf)
            if one.place in places:
                found[leaf] = one
    return found


def _open(search: Narrowing, needles: _Needles) -> list[int]:
    """The positions where one of these leaves is not known."""
    wanted = 0
    for leaf in needles:
        wanted |= search.open_at(leaf)
    return positions.listed(wanted)


def ask_index(search: Narrowing, source: SearchSource) -> None:
    """Rules out what the index knows not to have a term."""
    needles = _needles(search, *Place)
    if source.index is None or not needles:
        return
    at = _open(search, needles)
    mails = _mails(source, at)
    known = positions.of_positions(compress(at, source.index.indexed(mails)), search.size)
    for leaf, one in needles.items():
        candidates: set[int] = set()
        for part in one.parts():
            of_part = source.index.candidates(part, one.clue())
            if of_part is None:
                break
            candidates |= of_part
        else:
            hits = positions.of_positions(compress(at, [mail in candidates for mail in mails]), search.size)
            if one.clue_decides():
                search.found(leaf, known, hits)
            else:
                search.excluded(leaf, known & ~hits)


def read_subjects(search: Narrowing, source: SearchSource) -> None:
    """Decides SUBJECT by the subjects that are kept decoded beside every mail."""
    needles = _needles(search, Place.SUBJECT)
    at = _open(search, needles)
    if not at:
        return
    subjects = [comparable(" " + cast(str, subject)) for (subject,) in source.rows(at, (Column.SUBJECT,))]
    looked = positions.of_positions(at, search.size)
    for leaf, one in needles.items():
        hits = (position for position, subject in zip(at, subjects, strict=True) if one.term in subject)
        search.found(leaf, looked, positions.of_positions(hits, search.size))


def read_headers(search: Narrowing, source: SearchSource) -> None:
    """Decides FROM, TO, CC, BCC and HEADER."""
    needles = _needles(search, Place.FIELD)
    cached = all(one.name in HEADER_CACHE_FIELDS for one in needles.values())
    _read(search, source, needles, frozenset((TextPart.HEADER,)), _cached_headers if cached else _headers)


def read_texts(search: Narrowing, source: SearchSource) -> None:
    """Decides BODY and TEXT."""
    needles = _needles(search, Place.BODY, Place.TEXT)
    parts = frozenset(part for one in needles.values() for part in one.parts())
    _read(search, source, needles, parts, _bodies if parts == {TextPart.BODY} else _whole)


TEXT_ROUNDS = (ask_index, read_subjects, read_headers, read_texts)

_Reader = Callable[[SearchSource, Sequence[int]], Iterator[tuple[int, MailText]]]


def _read(
    search: Narrowing, source: SearchSource, needles: _Needles, parts: frozenset[TextPart], read: _Reader
) -> None:
    """Decides these leaves by the mails' texts: from the index where it has them, else by `read`."""
    at = _open(search, needles)
    for start in range(0, len(at), MAILS_AT_ONCE):
        chunk = at[start : start + MAILS_AT_ONCE]
        matching: dict[HasText | HasHeader, list[int]] = {leaf: [] for leaf in needles}
        for position, text in _texts(source, chunk, parts, read):
            for leaf, one in needles.items():
                if one.matches(text):
                    matching[leaf].append(position)
        looked = positions.of_positions(chunk, search.size)
        for leaf, hits in matching.items():
            search.found(leaf, looked, positions.of_positions(hits, search.size))


def _texts(
    source: SearchSource, chunk: Sequence[int], parts: frozenset[TextPart], read: _Reader
) -> Iterator[tuple[int, MailText]]:
    """The texts at these positions, in any order; two positions may hold one mail."""
    waiting: dict[int, list[int]] = {}
    for place, mail in zip(chunk, _mails(source, chunk), strict=True):
        waiting.setdefault(mail, []).append(place)
    if source.index is not None:
        for indexed, text in source.index.texts(sorted(waiting), parts):
            for position in waiting.pop(indexed):
                yield position, text
    yield from read(source, sorted(position for where in waiting.values() for position in where))


def _mails(source: SearchSource, at: Sequence[int]) -> list[MailID]:
    return [mail for (mail,) in cast(list[tuple[MailID]], source.rows(at, (Column.MAIL,)))]


def _cached_headers(source: SearchSource, at: Sequence[int]) -> Iterator[tuple[int, MailText]]:
    """The often-wanted fields, which every backend keeps as they stand."""
    for position, (octets,) in _each(source, at, (Column.HEADER_CACHE,)):
        yield position, MailText(header_text(cast(bytes, octets)), b"", b"")


def _headers(source: SearchSource, at: Sequence[int]) -> Iterator[tuple[int, MailText]]:
    """Whole headers; of a mail whose content is not here the often-wanted fields."""
    for position, mail, size, cached in _rows(source, at, Column.HEADER_SIZE):
        content = source.contents((mail,)).get(mail)
        octets = cached if content is None else content.read(0, size)
        yield position, MailText(header_text(octets), b"", b"")


def _whole(source: SearchSource, at: Sequence[int]) -> Iterator[tuple[int, MailText]]:
    """Whole mails; of one whose content is not here the often-wanted fields."""
    return ((position, mail_text(octets)) for position, octets in _octets(source, at))


def _bodies(source: SearchSource, at: Sequence[int]) -> Iterator[tuple[int, MailText]]:
    """The bodies of mails; none of one whose content is not here."""
    return ((position, mail_body(octets)) for position, octets in _octets(source, at))


def _octets(source: SearchSource, at: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    for position, mail, size, cached in _rows(source, at, Column.SIZE):
        content = source.contents((mail,)).get(mail)
        yield position, cached if content is None else content.read(0, size)


def _rows(source: SearchSource, at: Sequence[int], size: Column) -> Iterator[tuple[int, MailID, int, bytes]]:
    for position, (mail, octets, cached) in _each(source, at, (Column.MAIL, size, Column.HEADER_CACHE)):
        yield position, MailID(cast(int, mail)), cast(int, octets), cast(bytes, cached)


def _each(
    source: SearchSource, at: Sequence[int], columns: Sequence[Column]
) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Each position with its row; never many long rows at once."""
    done = 0
    while done < len(at):
        rows = source.rows(at[done:], columns, OCTETS_AT_ONCE)
        if not rows:
            raise LookupError("messages of the view have no rows")
        yield from zip(at[done:], rows, strict=False)
        done += len(rows)
