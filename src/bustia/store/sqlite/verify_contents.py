"""Octets against their hash, facts against their octets."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator

import apsw

from bustia.message.describe import describe
from bustia.message.facts import RENDERER
from bustia.store.sqlite import frames, sql
from bustia.store.sqlite.contents import MAX_FRAMES
from bustia.store.sqlite.facts_rows import FACTS_COLUMNS, MAIL_COLUMNS, facts_values, mail_values
from bustia.store.sqlite.finding import Finding, Kind


def altered_contents(connection: apsw.Connection) -> Iterator[Finding]:
    """Contents whose octets are not those that were stored, and frames that belong to none."""
    for digest, content, packed_ends in connection.execute("SELECT digest, id, frame_ends FROM content ORDER BY id"):
        where = f"content {content}"
        try:
            ends = frames.read_numbers(packed_ends)
            octets = _octets(connection, content, ends)
        except ValueError as error:
            yield Finding(Kind.FRAME, where, str(error))
            continue
        if hashlib.sha256(octets).digest() != digest:
            yield Finding(Kind.CONTENT, where, "the octets are not those of the hash")
    for (frame,) in sql.rows(
        connection, "SELECT id FROM frame WHERE id / ? NOT IN (SELECT id FROM content)", (MAX_FRAMES,)
    ):
        yield Finding(Kind.FRAME, f"frame {frame}", "belongs to no content")


def _octets(connection: apsw.Connection, content: int, ends: array[int]) -> bytes:
    """All octets of a content. Raises ValueError for frames that are missing, too many, or do not open."""
    if sorted(set(ends)) != list(ends) or (ends and ends[0] < 1):
        raise ValueError("the frames' ends do not rise")
    bounds = (content * MAX_FRAMES, (content + 1) * MAX_FRAMES - 1)
    found = sql.rows(connection, "SELECT id, octets FROM frame WHERE id BETWEEN ? AND ? ORDER BY id", bounds)
    if [frame - bounds[0] for frame, _ in found] != list(range(len(ends))):
        raise ValueError(f"{len(found)} frames where {len(ends)} are due")
    starts = [0, *ends][: len(ends)]
    return b"".join(
        frames.unpack(frame, end - start) for (_, frame), start, end in zip(found, starts, ends, strict=True)
    )


def altered_facts(connection: apsw.Connection) -> Iterator[Finding]:
    """Mails whose facts are not what `describe` says of their octets; those of another renderer are left out, but for their size."""
    for mail, content, packed_ends, renderer, size in connection.execute(
        "SELECT mail.id, content.id, frame_ends, renderer, size FROM mail JOIN content USING(digest) ORDER BY mail.id"
    ):
        where = f"mail {mail}"
        try:
            octets = _octets(connection, content, frames.read_numbers(packed_ends))
        except ValueError:
            continue  # told by altered_contents
        if size != len(octets):
            yield Finding(Kind.FACT, where, f"size is {size} where the octets are {len(octets)}")
        if renderer > RENDERER or renderer < 1:
            yield Finding(Kind.FACT, where, f"renderer {renderer} is not known")
        if renderer != RENDERER:
            continue
        facts = describe(octets)
        yield from _differences(
            connection, where, f"SELECT {MAIL_COLUMNS} FROM mail WHERE id = ?", mail, mail_values(facts)
        )
        yield from _differences(
            connection, where, f"SELECT {FACTS_COLUMNS} FROM facts WHERE mail = ?", mail, facts_values(facts)
        )


def _differences(
    connection: apsw.Connection, where: str, statement: str, mail: int, due: tuple[object, ...]
) -> Iterator[Finding]:
    cursor = connection.execute(statement, (mail,))
    names = [name for name, _ in cursor.get_description()] if (found := cursor.fetchone()) else []
    for name, value, expected in zip(names, found or (), due, strict=False):
        if value != expected:
            yield Finding(Kind.FACT, where, f"{name} is not what the octets say")
