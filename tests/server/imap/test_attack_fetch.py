"""FETCH answers of any size cost a bounded buffer, however long a sender makes an ENVELOPE and a client its items (threats C1, C5, F2)."""

from __future__ import annotations

import re

import pytest

from bustia.message.section import Section, SectionKind, SectionText
from bustia.protocol.imap.fetch import BodySection, FetchItem, Item, is_modest
from bustia.server.imap import fetch, fetch_content
from bustia.server.imap.context import Context
from bustia.server.imap.fetch_plan import planned
from bustia.server.listener import Connection
from pair import Client, Server, mail, paired

BATCH = 2_000
LONG = ", ".join(f"person{number}@example.org" for number in range(100))  # more than a batch in ENVELOPE and header


class Pieces:
    """Notes how many octets wait in the session each time that they are given to the stream."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetch, "BATCH", BATCH)
        monkeypatch.setattr(fetch, "SMALL", BATCH)
        monkeypatch.setattr(fetch_content, "BATCH", BATCH)
        self.most = 0
        flush, say = Connection.flush, Context.say_octets
        waiting = 0

        def noted_say(context: Context, octets: bytes) -> None:
            nonlocal waiting
            waiting += len(octets)
            self.most = max(self.most, waiting)
            say(context, octets)

        async def noted_flush(connection: Connection) -> None:
            nonlocal waiting
            waiting = 0
            await flush(connection)

        monkeypatch.setattr(Context, "say_octets", noted_say)
        monkeypatch.setattr(Connection, "flush", noted_flush)


def sequence_numbers(lines: list[bytes]) -> list[int]:
    return [int(line.split()[1]) for line in lines]


@pytest.mark.parametrize("items", ["ENVELOPE", "BODY.PEEK[HEADER.FIELDS (To)]", "UID BODYSTRUCTURE ENVELOPE"])
@paired()
async def test_many_long_envelopes_are_told_one_batch_at_a_time(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch, items: str
) -> None:
    pieces = Pieces(monkeypatch)
    await alice.append(b"To: " + LONG.encode() + b"\r\n\r\nbody\r\n")
    await alice.ok("SELECT INBOX")
    await alice.ok("COPY 1 INBOX")
    await alice.ok("NOOP")
    for _ in range(4):
        await alice.ok("COPY 1:2 INBOX")
        await alice.ok("NOOP")
    lines = await alice.ok(f"FETCH 1:* ({items})")
    assert sequence_numbers(lines) == list(range(1, 11))
    assert all(b"person99" in line for line in lines)
    assert pieces.most < 8_000


@paired()
async def test_a_batch_that_ends_before_messages_that_are_gone_tells_the_others(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "BATCH", BATCH)
    for number in range(6):
        await alice.append(b"Subject: %d\r\nTo: " % number + LONG.encode() + b"\r\n\r\nbody\r\n")
    await alice.ok("SELECT INBOX")
    await bob.ok("SELECT INBOX")
    await bob.ok("STORE 2,3,6 +FLAGS.SILENT (\\Deleted)")
    await bob.ok("EXPUNGE")
    untagged, tagged = await alice.command("FETCH 1:6 (ENVELOPE)")
    assert sequence_numbers([line for line in untagged if b"ENVELOPE" in line]) == [1, 4, 5]
    assert tagged.startswith(b"NO [EXPUNGEISSUED]")


@paired()
async def test_long_items_make_short_slices(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = Pieces(monkeypatch)
    for number in range(10):
        await alice.append(mail(number))
    await alice.ok("SELECT INBOX")
    lines = await alice.ok("FETCH 1:* (BODY.PEEK[HEADER.FIELDS (" + "From " * 300 + "To)])")
    assert sequence_numbers(lines) == list(range(1, 11))
    assert pieces.most < 2 * BATCH


@paired()
async def test_many_sections_of_one_message_are_told_in_several_answers(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = Pieces(monkeypatch)
    octets = mail(1, "x" * 70 + "\r\n") * 10
    await alice.append(octets)
    await alice.ok("SELECT INBOX")
    items = " ".join(f"BODY.PEEK[]<{first}.900>" for first in range(50))
    lines = await alice.ok(f"FETCH 1 (FLAGS {items})")
    assert len(lines) > 10
    assert lines[0].startswith(b"* 1 FETCH (FLAGS (")
    assert all(line.startswith(b"* 1 FETCH (UID 1 BODY[]<") for line in lines[1:])
    found = re.findall(rb"BODY\[\]<([0-9]+)> \{([0-9]+)\}", b"".join(lines))
    assert [int(first) for first, _ in found] == list(range(50))
    assert pieces.most < 2 * BATCH


def fields(*names: bytes) -> tuple[FetchItem, ...]:
    return (Item.UID, BodySection(Section((), SectionText(SectionKind.HEADER_FIELDS, names)), peek=True))


def test_what_is_worked_out_for_modest_items_alone_is_kept() -> None:
    modest, long = fields(b"From", b"To"), fields(*(b"X-%d" % number for number in range(300)))
    assert is_modest(modest)
    assert planned(modest, True) is planned(modest, True)
    many: tuple[FetchItem, ...] = fields(b"From") * 17
    for hostile in (long, fields(b"x" * 1_025), many):
        assert not is_modest(hostile)
        assert planned(hostile, True) is not planned(hostile, True)
        assert planned(hostile, True) == planned(hostile, True)
