"""`Column`s as SQL: which tables a question about messages needs, so that lists read narrow rows only."""

from __future__ import annotations

from functools import lru_cache

from bustia.store.api import Column

_MESSAGE = {
    Column.UID: "message.uid",
    Column.FLAGS: "message.flags",
    Column.MODSEQ: "message.modseq",
    Column.MAIL: "message.mail",
    Column.SAVED: "message.saved",
    Column.UIDL: "coalesce(message.uidl, printf('%x.%x', :uid_validity, message.uid))",  # as uidls.made_uidl
}
_MAIL = {
    column: f"mail.{column.value}"
    for column in (
        Column.INTERNAL_DATE,
        Column.SIZE,
        Column.POP3_SIZE,
        Column.HEADER_SIZE,
        Column.ENVELOPE,
        Column.BODY_STRUCTURE,
        Column.HAS_8BIT,
        Column.SENT_DAY,
        Column.RENDERER,
    )
}
_FACTS = {
    column: f"facts.{column.value}"
    for column in (Column.BODY, Column.PARTS, Column.HEADER_CACHE, Column.PREVIEW, Column.SUBJECT)
}
_SQL = {**_MESSAGE, **_MAIL, **_FACTS}
_LONG = {Column.ENVELOPE, Column.BODY, Column.BODY_STRUCTURE, Column.PARTS, Column.HEADER_CACHE}


@lru_cache(maxsize=256)
def long_places(columns: tuple[Column, ...]) -> tuple[int, ...]:
    """Where the columns stand whose values a sender can make as long as the mail."""
    return tuple(place for place, column in enumerate(columns) if column in _LONG)


@lru_cache(maxsize=256)
def statement(columns: tuple[Column, ...], condition: str, more_flags: bool) -> str:
    """SELECT of these columns, rising by UID, with :mailbox, :wanted and :uid_validity to bind; `condition` is of `sql.wanted`.

    `more_flags` adds that column at the end.
    """
    wanted = [_SQL[column] for column in columns]
    if more_flags:
        wanted.append("message.more_flags")
    tables = (
        f"FROM json_each(:wanted) AS wanted CROSS JOIN message ON message.mailbox = :mailbox AND message.{condition}"
    )
    if not _MAIL.keys().isdisjoint(columns):
        tables += " CROSS JOIN mail ON mail.id = message.mail"
    if not _FACTS.keys().isdisjoint(columns):
        tables += " CROSS JOIN facts ON facts.mail = message.mail"
    return f"SELECT {', '.join(wanted)} {tables}"
