"""FETCH: what it gives, what it marks, and that numbers never shift while it runs."""

from __future__ import annotations

import base64
import random
from dataclasses import replace

import pytest

from bustia.message.describe import describe
from bustia.server.imap import fetch_content
from pair import Client, Server, mail, paired


@paired()
async def test_number_beyond_the_mailbox_is_bad(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("SELECT INBOX")
    for command in ("FETCH 1 FLAGS", "FETCH * FLAGS", "FETCH 1:* FLAGS"):
        assert b"No such message number" in await alice.bad(command)
    assert await alice.ok("UID FETCH 1:* FLAGS") == []
    await alice.bad("FETCH 0 FLAGS")
    await alice.bad("FETCH 1 NONSENSE")
    await alice.bad("FETCH 1 BODY[MIME]")


@paired()
async def test_body_comes_byte_for_byte_and_sets_seen_for_both(alice: Client, bob: Client, server: Server) -> None:
    octets = b"Subject: bare\nX: \xe9\r\n\r\nline\rline\nline\r\n\r\n.\r\n"
    await alice.append(octets)
    await alice.ok("SELECT INBOX")
    await bob.ok("SELECT INBOX")
    fetched = await alice.ok("FETCH 1 BODY[]")
    assert fetched == [b"* 1 FETCH (BODY[] {%d}\r\n%b FLAGS (\\Seen \\Recent))" % (len(octets), octets)]
    assert await bob.ok("NOOP") == [b"* 1 FETCH (UID 1 FLAGS (\\Seen))"]
    assert b"FLAGS" not in (await alice.ok("FETCH 1 BODY[]"))[0]


@paired()
@pytest.mark.parametrize(
    "item", ["BODY.PEEK[]", "RFC822.HEADER", "BODY.PEEK[HEADER.FIELDS (Subject)]", "ENVELOPE", "BODY"]
)
async def test_peeking_marks_nothing(alice: Client, bob: Client, server: Server, item: str) -> None:
    await alice.append(mail())
    await alice.ok("SELECT INBOX")
    await alice.ok(f"FETCH 1 {item}")
    assert (await alice.ok("FETCH 1 FLAGS")) == [b"* 1 FETCH (FLAGS (\\Recent))"]


@paired()
@pytest.mark.parametrize(
    "item", ["RFC822", "RFC822.TEXT", "BODY[TEXT]", "BODY[HEADER.FIELDS (Subject)]", "BODY[1]<0.2>"]
)
async def test_reading_marks_seen(alice: Client, bob: Client, server: Server, item: str) -> None:
    await alice.append(mail())
    await alice.ok("SELECT INBOX")
    assert b"FLAGS (\\Seen \\Recent)" in (await alice.ok(f"FETCH 1 ({item})"))[0]


@paired()
async def test_sections_of_a_message_with_parts(alice: Client, bob: Client, server: Server) -> None:
    inner = b"Subject: inner\r\n\r\ninner body\r\n"
    octets = (
        b"Subject: outer\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n"
    )
    await alice.append(octets)
    await alice.ok("SELECT INBOX")
    expected = {
        "HEADER": octets[: octets.index(b"\r\n\r\n") + 4],
        "TEXT": octets[octets.index(b"\r\n\r\n") + 4 :],
        "1": b"first",
        "1.MIME": b"\r\n",
        "2": inner,
        "2.MIME": b"Content-Type: message/rfc822\r\n\r\n",
        "2.HEADER": b"Subject: inner\r\n\r\n",
        "2.TEXT": b"inner body\r\n",
        "2.HEADER.FIELDS (Subject)": b"Subject: inner\r\n\r\n",
        "HEADER.FIELDS.NOT (Subject)": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
        "HEADER.FIELDS (X-None)": b"\r\n",
    }
    for section, value in expected.items():
        assert await alice.ok(f"FETCH 1 BODY.PEEK[{section}]") == [
            b"* 1 FETCH (BODY[%b] {%d}\r\n%b)" % (section.encode(), len(value), value)
        ], section
    assert await alice.ok("FETCH 1 BODY.PEEK[3]") == [b"* 1 FETCH (BODY[3] NIL)"]
    assert await alice.ok("FETCH 1 BODY.PEEK[]<9.5>") == [b"* 1 FETCH (BODY[]<9> {5}\r\nouter)"]
    assert await alice.ok("FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]<9.3>") == [
        b"* 1 FETCH (BODY[HEADER.FIELDS (Subject)]<9> {3}\r\nout)"
    ]
    assert await alice.ok("FETCH 1 BODY.PEEK[]<90000.5>") == [b"* 1 FETCH (BODY[]<90000> {0}\r\n)"]


@paired()
async def test_macros_and_doubled_items(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail())
    await alice.ok("SELECT INBOX")
    fast = (await alice.ok("FETCH 1 FAST"))[0]
    assert b"FLAGS (" in fast
    assert b'INTERNALDATE "14-Nov-2023 22:13:20 +0000"' in fast
    assert b"RFC822.SIZE %d" % len(mail()) in fast
    assert (await alice.ok("FETCH 1 (UID UID UID)")) == [b"* 1 FETCH (UID 1)"]
    assert (await alice.ok("UID FETCH 1 (UID)")) == [b"* 1 FETCH (UID 1)"]


@paired()
async def test_message_that_went_unannounced_is_passed_over_and_numbers_stay(
    alice: Client, bob: Client, server: Server
) -> None:
    for number in (1, 2, 3):
        await alice.append(mail(number))
    await alice.ok("SELECT INBOX")
    await bob.ok("SELECT INBOX")
    await alice.ok("STORE 2 +FLAGS.SILENT (\\Deleted)")
    await bob.ok("NOOP")
    await alice.ok("EXPUNGE")
    untagged, tagged = await bob.command("FETCH 1:3 (UID)")
    assert untagged == [b"* 1 FETCH (UID 1)", b"* 3 FETCH (UID 3)"]
    assert tagged.startswith(b"NO [EXPUNGEISSUED]")
    assert await bob.ok("FETCH 3 (UID)") == [b"* 3 FETCH (UID 3)"]
    assert await bob.ok("UID FETCH 1:3 (UID)") == [b"* 1 FETCH (UID 1)", b"* 3 FETCH (UID 3)", b"* 2 EXPUNGE"]


@paired()
async def test_big_section_is_streamed_whole_and_in_part(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_content, "BATCH", 300_000)
    noise = base64.encodebytes(random.Random(7).randbytes(700_000)).replace(b"\n", b"\r\n")
    octets = (
        b"Subject: big\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
        + noise
        + b"--b\r\n\r\n"
        + noise
        + b"--b--\r\n"
    )
    await alice.append(octets)
    await alice.ok("SELECT INBOX")
    size = len(octets)
    assert await alice.ok("UID FETCH 1 (BODY.PEEK[])") == [b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%b)" % (size, octets)]
    assert await alice.ok("FETCH 1 BODY.PEEK[]<5.900000>") == [
        b"* 1 FETCH (BODY[]<5> {900000}\r\n%b)" % octets[5:900_005]
    ]
    part = noise.removesuffix(b"\r\n")
    assert await alice.ok("FETCH 1 (BODY.PEEK[1] RFC822.SIZE BODY.PEEK[2] BODY.PEEK[HEADER])") == [
        b"* 1 FETCH (RFC822.SIZE %d BODY[HEADER] {%d}\r\n%b BODY[1] {%d}\r\n%b)"
        % (size, octets.index(b"--b"), octets[: octets.index(b"--b")], len(part), part),
        b"* 1 FETCH (UID 1 BODY[2] {%d}\r\n%b)" % (len(part), part),
    ]


@paired()
@pytest.mark.parametrize("item", ["RFC822", "BODY[]"])
async def test_section_sent_as_a_piece_stands_among_other_items(
    alice: Client, bob: Client, server: Server, item: str
) -> None:
    octets = mail(1, "line with NUL \0 and %d %b\r\n" * 400)
    await alice.ok(b"APPEND INBOX (\\Seen) ~{%d+}\r\n" % len(octets) + octets)
    await alice.ok("SELECT INBOX")
    assert await alice.ok(f"FETCH 1 ({item} UID)") == [
        b"* 1 FETCH (%b {%d}\r\n%b UID 1)" % (item.encode(), len(octets), octets)
    ]


@paired()
async def test_many_messages_come_in_batches_and_in_order(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_content, "BATCH", 1_000)
    for number in range(1, 21):
        await alice.append(mail(number))
    await alice.ok("SELECT INBOX")
    fetched = await alice.ok("FETCH 1:* BODY.PEEK[]")
    assert [line.split(b"\r\n", 1)[1] for line in fetched] == [mail(number) + b")" for number in range(1, 21)]


@paired()
async def test_octets_of_an_older_renderer_are_made_anew(
    alice: Client, bob: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alice.append(mail())
    await alice.ok("SELECT INBOX")
    before = await alice.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (Subject)])")

    def newer(octets: bytes) -> object:
        return replace(describe(octets), envelope=b"(new)")

    monkeypatch.setattr(fetch_content, "RENDERER", 99)
    monkeypatch.setattr(fetch_content, "describe", newer)
    after = await alice.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (Subject)])")
    assert b"ENVELOPE (new)" in after[0]
    assert after[0].split(b"BODYSTRUCTURE")[1] == before[0].split(b"BODYSTRUCTURE")[1]


@paired()
async def test_changedsince_tells_what_changed_with_its_modseq(alice: Client, bob: Client, server: Server) -> None:
    for number in (1, 2, 3):
        await alice.append(mail(number))
    await alice.ok("SELECT INBOX (CONDSTORE)")
    modseq = int((await alice.ok("STATUS INBOX (HIGHESTMODSEQ)"))[-1].split()[-1].rstrip(b")"))
    await bob.ok("SELECT INBOX")
    await bob.ok("STORE 2 +FLAGS (\\Flagged)")
    fetched = await alice.ok(f"FETCH 1:* (FLAGS) (CHANGEDSINCE {modseq})")
    assert fetched[0] == b"* 2 FETCH (FLAGS (\\Flagged \\Recent) MODSEQ (%d))" % (modseq + 1)
    assert await alice.ok(f"UID FETCH 1:* (UID) (CHANGEDSINCE {modseq + 1})") == []
