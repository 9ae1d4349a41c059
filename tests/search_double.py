"""A mailbox in memory for searches, a plain index of it, and the naive reading of what a key means.

Invariant: the naive evaluator shares only the text of a mail and the form in which texts are compared with the real one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bustia.message.describe import describe
from bustia.message.facts import MailFacts
from bustia.model import search_key
from bustia.model.flags import system_flag
from bustia.model.numbers import MailID
from bustia.model.search_key import DateIs, DateKind, DateSide, HasHeader, HasText, SearchKey, TextField
from bustia.store.api import Column, Content
from bustia.store.search.comparable import comparable
from bustia.store.search.mail_text import mail_text
from bustia.store.search.source import MailText, TextPart

NOW = 1_700_000_000


@dataclass(frozen=True)
class Message:
    """One message of the double: its place and its octets; `here` is False while only the header was fetched."""

    uid: int
    mail: int
    octets: bytes
    flags: int = 0
    modseq: int = 1
    internal_date: int = NOW
    saved: int = NOW
    here: bool = True

    @property
    def facts(self) -> MailFacts:
        return describe(self.octets)

    @property
    def text(self) -> MailText:
        return mail_text(self.octets)


class Octets:
    """A `Content` in memory."""

    def __init__(self, octets: bytes) -> None:
        self.size = len(octets)
        self._octets = octets

    def read(self, start: int, end: int) -> bytes:
        return self._octets[start:end]


class Index:
    """A `SearchTextSource` that knows some mails, and names as candidates all that a trigram index would."""

    def __init__(self, messages: Sequence[Message], known: frozenset[int]) -> None:
        self.known = {one.mail: one.text for one in messages if one.mail in known}
        self.asked = 0

    def indexed(self, mails: Sequence[int]) -> list[bool]:
        self.asked += 1
        return [mail in self.known for mail in mails]

    def candidates(self, part: TextPart, term: bytes) -> frozenset[int] | None:
        text = term.decode()
        if len(text) < 3:
            return None
        trigrams = {text[at : at + 3] for at in range(len(text) - 2)}
        of_part = {
            mail: (one.header + one.mime if part is TextPart.HEADER else one.body).decode()
            for mail, one in self.known.items()
        }
        return frozenset(mail for mail, one in of_part.items() if all(trigram in one for trigram in trigrams))

    def texts(self, mails: Sequence[int], parts: frozenset[TextPart]) -> Iterator[tuple[int, MailText]]:
        for mail in mails:
            if mail in self.known:
                yield mail, self.known[mail]


class Mailbox:
    """A `SearchSource` over messages in memory; counts what it is asked for."""

    def __init__(self, messages: Sequence[Message], index: Index | None = None) -> None:
        self.now = NOW
        self.messages = messages
        self.uids = [one.uid for one in messages]
        self.flags = [one.flags for one in messages]
        self.index = index
        self.opened = 0
        self.rows_read = 0

    def flag(self, name: str) -> int:
        return system_flag(name) or {"$work": 32}.get(name.lower(), 0)

    def rows(
        self, positions: Sequence[int], columns: Sequence[Column], most: int | None = None
    ) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []
        for at in positions:
            self.rows_read += 1
            found.append(tuple(self._value(self.messages[at], column) for column in columns))
            if most is not None:
                most -= sum(len(value) for value in found[-1] if isinstance(value, bytes))
                if most <= 0:
                    break
        return found

    def contents(self, mails: Sequence[MailID]) -> dict[MailID, Content]:
        self.opened += len(mails)
        return {MailID(one.mail): Octets(one.octets) for one in self.messages if one.mail in mails and one.here}

    def _value(self, message: Message, column: Column) -> object:
        if hasattr(message, column.value):
            return getattr(message, column.value)
        return getattr(message.facts, column.value)


def matches(key: SearchKey, message: Message) -> bool:
    """Whether a message matches, read off RFC 9051 §6.4.4 one key at a time."""
    match key:
        case search_key.All():
            return True
        case search_key.And(keys):
            return all(matches(one, message) for one in keys)
        case search_key.Or(left, right):
            return matches(left, message) or matches(right, message)
        case search_key.Not(inner):
            return not matches(inner, message)
        case search_key.UIDs(uids):
            return message.uid in uids
        case search_key.HasFlag(name, present):
            bit = system_flag(name) or {"$work": 32}.get(name.lower(), 0)
            return bool(message.flags & bit) is present
        case search_key.SizeIs(octets, larger):
            return len(message.octets) > octets if larger else len(message.octets) < octets
        case search_key.ModSeqSince(modseq):
            return message.modseq >= modseq
        case search_key.WithinSeconds(seconds, younger):
            age = NOW - message.internal_date
            return age <= seconds if younger else age >= seconds
        case DateIs():
            return _date_matches(key, message)
        case HasHeader(name, text):
            return _field_has(message, name.lower(), text)
        case HasText():
            return _text_matches(key, message)
    raise AssertionError(key)


def _date_matches(key: DateIs, message: Message) -> bool:
    if key.kind is DateKind.SENT:
        ordinal = message.facts.sent_day
        if ordinal is None:
            return False
        day = datetime.date.fromordinal(ordinal)
    else:
        seconds = message.internal_date if key.kind is DateKind.ARRIVED else message.saved
        day = datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
    return {DateSide.BEFORE: day < key.day, DateSide.ON: day == key.day, DateSide.SINCE: day >= key.day}[key.side]


def _text_matches(key: HasText, message: Message) -> bool:
    term = comparable(key.text)
    text = message.text
    if key.where is TextField.BODY:
        return term in text.body
    if key.where is TextField.TEXT:
        return any(term in one for one in (text.header, text.mime, text.body))
    return _field_has(message, key.where.value, key.text)


def _field_has(message: Message, name: str, text: str) -> bool:
    for line in message.text.header.split(b"\n")[1:]:
        of_name, _, value = line.partition(b":")
        if of_name == name.encode() and comparable(text) in value:
            return True
    return False
