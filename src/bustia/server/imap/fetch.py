"""FETCH and UID FETCH: in slices, each told before the next is read.

Invariants
- Sequence numbers are made from the client's view at the moment of writing; no slice changes that view.
- Between slices the client's reading is waited for, and a slice has few rows and few octets, so an answer of any size costs a bounded buffer, and
  the loop serves others meanwhile. A sender chooses how long an ENVELOPE is, and COPY makes a thousand of it (threats C5, F2).
- \\Seen is set before a section is told (RFC 9051 §6.4.5), and what is told with it are the flags after that.
- A message that another session has expunged is passed over; if it was asked for by number the command ends with NO [EXPUNGEISSUED]
  (RFC 2180 §4.1.2, RFC 5530 §3).
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import partial
from typing import Any

from bustia.message.fields import header_fields
from bustia.message.section import Partial
from bustia.model.flags import SEEN, FlagChange
from bustia.model.number_set import NumberSet
from bustia.model.numbers import MailboxID, ModSeq
from bustia.protocol.imap.fetch import Fetch, FetchItem, FetchRows, Item
from bustia.server.imap.context import MANY, Context
from bustia.server.imap.done import BEYOND, EXPUNGE_ISSUED, Done
from bustia.server.imap.fetch_content import BATCH, Ready, read_ready, refresh, tell_content, tell_ready
from bustia.server.imap.fetch_plan import Plan, planned
from bustia.server.imap.selected import Selected
from bustia.store.api import Column, FlagsChanged, ReadTxn, WriteTxn

SLICE = 500  # rows of one read: 0.15 ms in the loop when warm (design §2 rule 15)
FEW = 8  # messages whose rows and sections are read together; single ones are most of what people's clients ask for
SMALL = 65_536  # octets of their sections that are read like rows: a thread's turn would cost more (docs/decisions/008)
FLAGS_SLICE = 5_000  # rows told at once where the view alone answers: about 1 ms of the loop

Row = tuple[Any, ...]  # values in the order of a plan's columns


async def fetch(context: Context, command: Fetch) -> Done:
    """Answers FETCH (RFC 9051 §6.4.5); MODSEQ and CHANGEDSINCE turn CONDSTORE on (RFC 7162 §3.1)."""
    selected = context.selected
    items = _items(command, context.condstore)
    if Item.MODSEQ in items:
        context.enable_condstore()
    uids = selected.resolve(command.numbers, command.by_uid, context.saved)
    if uids is None:
        return BEYOND
    if command.changed_since is not None:
        uids = await _changed(context, uids, ModSeq(command.changed_since))
    plan = planned(items, not selected.read_only)
    size = FLAGS_SLICE if plan.only_flags else max(1, min(SLICE, BATCH // plan.echo))
    at = told = 0
    while at < len(uids):
        if at:
            await context.connection.flush()
            await asyncio.sleep(0)  # others' turn, though the client reads as fast as we write
        count, last = await _tell(context, plan, uids[at : at + size])
        told += count
        at = at + size if last is None else bisect_right(uids, last, at)
    if told < len(uids) and not command.by_uid and not command.numbers.saved:
        return EXPUNGE_ISSUED
    return Done("FETCH completed")


def _items(command: Fetch, condstore: bool) -> tuple[FetchItem, ...]:
    """The items to tell: the UID first by UID FETCH (RFC 9051 §6.4.9), MODSEQ with CHANGEDSINCE (RFC 7162 §3.1.4.1)."""
    items = command.items
    if command.by_uid and Item.UID not in items:
        items = (Item.UID, *items)
    if (command.changed_since is not None or (condstore and Item.FLAGS in items)) and Item.MODSEQ not in items:
        items = (*items, Item.MODSEQ)
    return items


async def _changed(context: Context, uids: Sequence[int], since: ModSeq) -> Sequence[int]:
    """Those of `uids` with a modseq above `since`."""
    mailbox = context.selected.mailbox
    changes = await context.account.read(lambda txn: txn.changes(mailbox, since))
    changed = {uid for uid, _, _ in changes.changed}
    return [uid for uid in uids if uid in changed]


async def _tell(context: Context, plan: Plan, uids: Sequence[int]) -> tuple[int, int | None]:
    """Tells one slice; returns how many of its messages were there, and the last UID if the slice may go on behind it."""
    selected = context.selected
    wanted = selected.as_set(uids)
    ready: Ready | None = None
    if plan.only_flags:
        rows = await _flag_rows(context, plan, wanted)
    elif plan.sections and len(uids) <= FEW:
        few = partial(_read_few, plan, selected.mailbox, wanted)
        rows, ready = await context.account.read(partial(few, SMALL))
        if ready is None:
            rows, ready = await context.account.read(partial(few, BATCH), heavy=True)
    else:
        rows = await _rows(context, plan, wanted)
    last = rows[-1][0] if rows and rows[-1][0] != uids[-1] else None
    if plan.marks_seen:
        rows, plan = await _mark_seen(context, plan, rows)
    if Column.RENDERER in plan.columns:
        rows = await refresh(context.account, plan, rows)
    if plan.flags_at is not None:
        at = plan.flags_at
        await context.know(row[at] for row in rows)
    told = told_rows(plan, selected, rows)
    if ready is not None:
        return tell_ready(context, plan, told, ready, [row[0] for row in rows]), last
    if plan.sections:
        return await tell_content(context, plan, rows, told), last
    context.say(FetchRows(plan.items, told))
    return len(rows), last


async def _flag_rows(context: Context, plan: Plan, wanted: NumberSet) -> list[Row]:
    """Rows of UID and flags alone, from the view that the store keeps in memory."""
    mailbox = context.selected.mailbox

    def read(txn: ReadTxn) -> list[Row]:
        view = txn.view(mailbox)
        rows: list[Row] = []
        for first, last in wanted.ranges:
            span = slice(bisect_left(view.uids, first), bisect_right(view.uids, last))
            uids, flags = view.uids[span], view.flags[span]
            rows.extend(zip(*(uids if column is Column.UID else flags for column in plan.columns), strict=True))
        return rows

    return await context.account.read(read)


async def _rows(context: Context, plan: Plan, wanted: NumberSet) -> list[Row]:
    mailbox = context.selected.mailbox
    return await context.account.read(lambda txn: txn.messages(mailbox, wanted, plan.columns, BATCH))


def _read_few(
    plan: Plan, mailbox: MailboxID, wanted: NumberSet, limit: int, txn: ReadTxn
) -> tuple[list[Row], Ready | None]:
    """Rows and, where they are of this renderer and have at most `limit` octets, their sections: one read instead of two."""
    rows: list[Row] = txn.messages(mailbox, wanted, plan.columns, BATCH)
    return rows, read_ready(plan, rows, limit, txn)


async def _mark_seen(context: Context, plan: Plan, rows: list[Row]) -> tuple[list[Row], Plan]:
    """Sets \\Seen where it is not; then the flags (and under CONDSTORE the modseq) are told with the slice (RFC 7162 §3.1.4.2)."""
    at = plan.extra(Column.FLAGS)
    unseen = NumberSet.of(row[0] for row in rows if not row[at] & SEEN)
    if not unseen:
        return rows, plan
    mailbox = context.selected.mailbox

    def mark(txn: WriteTxn) -> tuple[ModSeq, FlagsChanged, ModSeq]:
        before = txn.modseq()
        return before, txn.change_flags(mailbox, unseen, FlagChange.ADD, SEEN), txn.modseq()

    before, changed, after = await context.account.write(mark, heavy=len(unseen) > MANY)
    context.selected.told(changed.messages)
    context.wrote(before, after)
    extra = (Item.FLAGS, Item.MODSEQ) if context.condstore else (Item.FLAGS,)
    wider = planned(tuple(dict.fromkeys((*plan.items, *extra))), True)
    return await _rows(context, wider, NumberSet.of(row[0] for row in rows)), wider


def told_rows(plan: Plan, selected: Selected, rows: list[Row]) -> list[Row]:
    """Rows as the wire wants them: the number first, flags as octets, cached sections cut out of the header cache."""
    numbers = selected.numbers([row[0] for row in rows])
    end = plan.width
    if plan.flags_at is None:
        told = [(number, *row[1:end]) for number, row in zip(numbers, rows, strict=True)]
    else:
        at, after = plan.flags_at, plan.flags_at + 1
        octets = selected.flag_octets
        if selected.recent:
            recent = selected.recent
            told = [
                (number, *row[1:at], octets(row[at], row[0] in recent), *row[after:end])
                for number, row in zip(numbers, rows, strict=True)
            ]
        else:
            told = [
                (number, *row[1:at], octets(row[at]), *row[after:end])
                for number, row in zip(numbers, rows, strict=True)
            ]
    if plan.cached:
        at = plan.extra(Column.HEADER_CACHE)
        caches = [row[at] for row in rows]
        for place, names, span in plan.cached:
            told = [
                (*row[:place], cut(header_fields(cache, names, False), span), *row[place + 1 :])
                for row, cache in zip(told, caches, strict=True)
            ]
    return told


def cut(octets: bytes, partial: Partial | None) -> bytes:
    """What `<first.count>` leaves (RFC 9051 §6.4.5.1)."""
    return octets if partial is None else octets[partial.first : partial.first + partial.count]
