"""Sections that come from the stored octets: many small messages in one read, a big one in pieces.

Invariant: at most BATCH octets of sections (or one header) are held besides the stream's own bounded buffer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bustia.message.describe import describe
from bustia.message.facts import RENDERER
from bustia.message.section import extract, locate
from bustia.model.numbers import MailID
from bustia.protocol.imap.fetch import BodySection, FetchItem, FetchRows, Item
from bustia.protocol.imap.fetch_rows import write_streamed_row
from bustia.server.imap.context import Context
from bustia.server.imap.fetch_plan import Plan
from bustia.store.api import Account, Column, ReadTxn

BATCH = 524_288  # octets of sections read and told at once; twice as many send 10 % faster and cost each client that does not read twice the memory
ALIGNED = 262_144  # octets; the contents' frames, so that no frame is opened twice (design §2 rule 16)

PIECE = 4_096  # octets; below, copying costs less than saying in pieces

Row = tuple[Any, ...]
Values = list[bytes | None]  # the sections of one row
Ready = dict[int, Values]  # the sections of rows by UID


async def refresh(account: Account, plan: Plan, rows: list[Row]) -> list[Row]:
    """Rows with what an older renderer wrote made anew from the content (design §2, rule on ready octets)."""
    at = plan.extra(Column.RENDERER)
    if all(row[at] == RENDERER for row in rows):
        return rows
    mail_at = plan.extra(Column.MAIL)
    return [row if row[at] == RENDERER else await _rendered(account, plan, row, row[mail_at]) for row in rows]


async def _rendered(account: Account, plan: Plan, row: Row, mail: MailID) -> Row:
    def read(txn: ReadTxn) -> dict[Column, object]:
        content = txn.contents((mail,)).get(mail)
        if content is None:
            return {}
        facts = describe(content.read(0, content.size))
        return {
            Column.ENVELOPE: facts.envelope,
            Column.BODY: facts.body,
            Column.BODY_STRUCTURE: facts.body_structure,
            Column.HEADER_CACHE: facts.header_cache,
            Column.HEADER_SIZE: facts.header_size,
            Column.PARTS: facts.parts,
        }

    fresh = await account.read(read, heavy=True)
    return tuple(fresh.get(column, value) for column, value in zip(plan.columns, row, strict=True))


def read_ready(plan: Plan, rows: list[Row], limit: int, txn: ReadTxn) -> Ready | None:
    """The sections of these rows by UID; None if they are more than `limit` octets, or need an older renderer's parts made anew."""
    at = plan.extra(Column.RENDERER)
    if any(row[at] != RENDERER for row in rows) or sum(_size(plan, row) for row in rows) > limit:
        return None
    values = _read(plan, rows, txn)
    return {row[0]: value for row, value in zip(rows, values, strict=True) if value is not None}


def tell_ready(context: Context, plan: Plan, told: list[Row], ready: Ready, uids: list[int]) -> int:
    """Tells rows whose sections were read with them; returns how many were there."""
    count = 0
    for uid, row in zip(uids, told, strict=True):
        if uid in ready:
            _say(context, plan, row, ready[uid])
            count += 1
    return count


async def tell_content(context: Context, plan: Plan, rows: list[Row], told: list[Row]) -> int:
    """Tells rows with sections; `told` are the same rows as the wire wants them, without their sections. Returns how many were there.

    While one batch is formatted and sent, a thread reads the next: half of the time of a long answer.
    """
    batches = list(_batches(plan, rows))
    count = 0
    upcoming = _begin(context, plan, rows, batches[0]) if batches else None
    try:
        for at, batch in enumerate(batches):
            current, upcoming = upcoming, None
            if current is None:
                count += await _tell_big(context, plan, rows[batch.start], told[batch.start])
                values: list[Values | None] = []
            else:
                values = await current
            if at + 1 < len(batches):
                upcoming = _begin(context, plan, rows, batches[at + 1])
            for place, value in zip(batch, values, strict=False):
                if value is not None:
                    _say(context, plan, told[place], value)
                    count += 1
            if at + 1 < len(batches):
                await context.connection.flush()
    finally:
        if upcoming is not None:
            upcoming.cancel()
    return count


def _begin(context: Context, plan: Plan, rows: list[Row], batch: range) -> asyncio.Future[list[Values | None]] | None:
    """Begins to read a batch; None for one message too big for a batch, which is read while it is told."""
    if len(batch) == 1 and _size(plan, rows[batch.start]) > BATCH:
        return None
    return asyncio.ensure_future(context.account.read(partial(_read, plan, rows[batch.start : batch.stop]), heavy=True))


def _say(context: Context, plan: Plan, told: Row, values: Values) -> None:
    """Says one row. A single section of some size goes as a piece of its own: that spares copying it twice."""
    place, _ = plan.sections[0]
    octets = values[0]
    if len(values) > 1 or octets is None or len(octets) < PIECE:
        context.say(FetchRows(plan.items, [_filled(plan, told, values)]))
        return
    head, tail = write_streamed_row(plan.items, told, place - 1, len(octets))
    context.say_octets(head)
    context.say_octets(octets)
    context.say_octets(tail)


def _batches(plan: Plan, rows: list[Row]) -> Iterator[range]:
    """Runs of rows whose sections fit one batch, or of one row."""
    start = held = 0
    for at, row in enumerate(rows):
        size = _size(plan, row)
        if at > start and held + size > BATCH:
            yield range(start, at)
            start, held = at, 0
        held += size
    if start < len(rows):
        yield range(start, len(rows))


def _size(plan: Plan, row: Row) -> int:
    """The most octets that the row's sections can have, where they are to be read."""
    octets = 0
    for _, section in plan.sections:
        span = locate(row[plan.extra(Column.PARTS)], section.section)
        size = span[1] - span[0] if span is not None else row[plan.extra(Column.SIZE)]
        octets += size if section.partial is None else min(size, section.partial.count)
    return octets


def _read(plan: Plan, rows: Sequence[Row], txn: ReadTxn) -> list[Values | None]:
    """The sections of each row, None for a row whose content is gone."""
    mail_at, size_at = plan.extra(Column.MAIL), plan.extra(Column.SIZE)
    header_at, parts_at = plan.extra(Column.HEADER_SIZE), plan.extra(Column.PARTS)
    contents = txn.contents([row[mail_at] for row in rows])
    values: list[Values | None] = []
    for row in rows:
        content = contents.get(row[mail_at])
        if content is None:
            values.append(None)
            continue
        values.append(
            [
                extract(content.read, row[parts_at], row[header_at], row[size_at], item.section, item.partial)
                for _, item in plan.sections
            ]
        )
    return values


def _filled(plan: Plan, told: Row, values: Values) -> Row:
    row = list(told)
    for (place, _), value in zip(plan.sections, values, strict=True):
        row[place] = value
    return tuple(row)


async def _tell_big(context: Context, plan: Plan, row: Row, told: Row) -> int:
    """Tells one message whose sections are large: each that is too large for a batch ends a FETCH of its own, and is sent in pieces.

    Several FETCH responses for one message are as good as one (RFC 9051 §7.5.2): what is small comes first, up to a batch in each, and each but the
    first begins with the UID.
    """
    under_way = _Told(told[0])
    big: list[tuple[FetchItem, int, int]] = []
    sections = dict(plan.sections)
    for place, item in enumerate(plan.items, 1):
        section = sections.get(place)
        if section is None:
            under_way.add(item, told[place])
            continue
        span = _span(plan, row, section)
        if span is not None and span[1] - span[0] > BATCH:
            big.append((item, *span))
            continue
        one = replace(plan, sections=((place, section),))
        values = (await context.account.read(partial(_read, one, (row,)), heavy=True))[0]
        if values is None:
            return 0
        under_way.add(item, values[0], len(values[0] or b""))
        if under_way.held > BATCH:
            context.say(under_way.row())
            await context.connection.flush()
            under_way = _Told(told[0], row[0])
    for item, start, end in big:
        await _stream(context, under_way.values, told[0], item, (row[plan.extra(Column.MAIL)], start, end))
        under_way = _Told(told[0], row[0])
    if under_way.has_news:
        context.say(under_way.row())
    return 1


class _Told:
    """The items of one FETCH response while they are gathered; with `uid`, one that goes on where another for the same message ended."""

    __slots__ = ("_first", "held", "number", "values")

    def __init__(self, number: int, uid: int | None = None) -> None:
        self.number = number
        self.values: list[tuple[FetchItem, object]] = [] if uid is None else [(Item.UID, uid)]
        self._first = len(self.values)
        self.held = 0  # octets of sections

    def add(self, item: FetchItem, value: object, octets: int = 0) -> None:
        """Puts an item with its value behind the others."""
        self.values.append((item, value))
        self.held += octets

    @property
    def has_news(self) -> bool:
        """Whether it has more than the UID of one that goes on."""
        return len(self.values) > self._first

    def row(self) -> FetchRows:
        """The response."""
        return FetchRows(tuple(item for item, _ in self.values), [(self.number, *(value for _, value in self.values))])


def _span(plan: Plan, row: Row, section: BodySection) -> tuple[int, int] | None:
    """Where a section lies in the content, with its partial; None where it is made of header fields or is not there."""
    if section.section.text is not None and section.section.text.names:
        return None
    span = locate(row[plan.extra(Column.PARTS)], section.section)
    if span is None or section.partial is None:
        return span
    start = min(span[0] + section.partial.first, span[1])
    return start, min(start + section.partial.count, span[1])


async def _stream(
    context: Context,
    before: list[tuple[FetchItem, object]],
    number: int,
    item: FetchItem,
    span: tuple[MailID, int, int],
) -> None:
    """Sends one FETCH whose last item is a section, in pieces, waiting for the client's reading between them."""
    mail, start, end = span
    items = (*(each for each, _ in before), item)
    row = (number, *(value for _, value in before), None)
    head, tail = write_streamed_row(items, row, len(before), end - start)
    context.say_octets(head)
    at = start
    while at < end:
        stop = min(end, (at // ALIGNED) * ALIGNED + BATCH)
        piece = await context.account.read(partial(_piece, mail, at, stop), heavy=True)
        if len(piece) != stop - at:
            raise ConnectionAbortedError("a content went while it was sent: the literal cannot be completed")
        context.say_octets(piece)
        await context.connection.flush()
        at = stop
    context.say_octets(tail)


def _piece(mail: MailID, start: int, end: int, txn: ReadTxn) -> bytes:
    content = txn.contents((mail,)).get(mail)
    return b"" if content is None else content.read(start, end)
