"""STORE and UID STORE, plain, silent and conditional."""

from __future__ import annotations

import pytest

from pair import Client, Server, mail, paired


async def three(alice: Client, bob: Client) -> None:
    for number in (1, 2, 3):
        await alice.append(mail(number))
    await bob.ok("SELECT INBOX")
    await alice.ok("SELECT INBOX")


@paired()
@pytest.mark.parametrize(
    "command",
    [
        "STORE 1 FLAGS (\\Recent)",
        "STORE 1 FLAGS (\\Bogus)",
        "STORE 1 FLAGS (\\Seen",
        "STORE 1 *FLAGS (\\Seen)",
        "STORE 4 FLAGS ()",
    ],
)
async def test_broken_store_is_bad(alice: Client, bob: Client, server: Server, command: str) -> None:
    await three(alice, bob)
    await alice.bad(command)
    assert await bob.ok("NOOP") == []


@paired()
async def test_keyword_too_long_changes_nothing(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    assert b"[LIMIT]" in await alice.no("STORE 1 +FLAGS (\\Seen " + "k" * 300 + ")")
    assert await bob.ok("NOOP") == []


@paired()
async def test_store_tells_both(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    assert await alice.ok("STORE 1:2 +FLAGS (\\Seen)") == [b"* 1 FETCH (FLAGS (\\Seen))", b"* 2 FETCH (FLAGS (\\Seen))"]
    assert await bob.ok("NOOP") == [
        b"* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))",
        b"* 2 FETCH (UID 2 FLAGS (\\Seen \\Recent))",
    ]
    assert await alice.ok("UID STORE 2 -FLAGS (\\Seen)") == [b"* 2 FETCH (UID 2 FLAGS ())"]
    assert await alice.ok("STORE 3 FLAGS.SILENT (\\Draft)") == []
    assert await alice.ok("NOOP") == []
    assert await bob.ok("NOOP") == [
        b"* 2 FETCH (UID 2 FLAGS (\\Recent))",
        b"* 3 FETCH (UID 3 FLAGS (\\Draft \\Recent))",
    ]


@paired()
async def test_silent_store_still_tells_what_another_changed(alice: Client, bob: Client, server: Server) -> None:
    """RFC 3501 §6.4.6, Note: else the client would think that its own flags are all there are."""
    await three(alice, bob)
    await bob.ok("STORE 1 +FLAGS.SILENT (\\Flagged)")
    await bob.append(mail(4), mailbox="Trash")
    assert await alice.ok("STORE 1:2 +FLAGS.SILENT (\\Seen)") == [b"* 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen))"]
    assert await alice.ok("NOOP") == []


@paired()
async def test_new_keyword_is_told_to_both_before_its_use(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    lists = [
        b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)",
        b"* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work \\*)] Flags permitted",
    ]
    assert await alice.ok("STORE 1 +FLAGS (work)".replace("work", "Work")) == [*lists, b"* 1 FETCH (FLAGS (Work))"]
    assert await bob.ok("NOOP") == [*lists, b"* 1 FETCH (UID 1 FLAGS (Work \\Recent))"]
    assert await alice.ok("STORE 1 -FLAGS (WORK unknown)") == [b"* 1 FETCH (FLAGS ())"]


@paired()
async def test_unchangedsince_spares_what_another_changed(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    modseq = int((await alice.ok("STATUS INBOX (HIGHESTMODSEQ)"))[-1].split()[-1].rstrip(b")"))
    await bob.ok("STORE 2 +FLAGS.SILENT (\\Flagged)")
    untagged, tagged = await alice.command(f"STORE 1:3 (UNCHANGEDSINCE {modseq}) +FLAGS.SILENT (\\Seen)")
    assert tagged.startswith(b"OK [MODIFIED 2]")
    assert b"* 1 FETCH (UID 1 MODSEQ (%d))" % (modseq + 2) in untagged
    assert b"* 2 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ (%d))" % (modseq + 1) in untagged
    untagged, tagged = await alice.command(f"UID STORE 2 (UNCHANGEDSINCE {modseq + 1}) +FLAGS (\\Seen)")
    assert untagged == [b"* 2 FETCH (UID 2 FLAGS (\\Flagged \\Seen) MODSEQ (%d))" % (modseq + 3)]
    assert tagged == b"OK STORE completed"


@paired()
async def test_store_on_a_message_that_went_unannounced(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    await alice.ok("STORE 2 +FLAGS.SILENT (\\Deleted)")
    await bob.ok("NOOP")
    await alice.ok("EXPUNGE")
    untagged, tagged = await bob.command("STORE 2:3 +FLAGS (\\Seen)")
    assert untagged == [b"* 3 FETCH (FLAGS (\\Seen \\Recent))"]
    assert tagged.startswith(b"NO [EXPUNGEISSUED]")
    assert await bob.tagged("STORE 2:3 +FLAGS.SILENT (\\Flagged)") == b"OK STORE completed"
    assert (await alice.ok("NOOP"))[-1] == b"* 2 FETCH (UID 3 FLAGS (\\Flagged \\Seen))"


@paired()
async def test_two_sessions_alternate_and_agree(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    for step in range(10):
        one, other = (alice, bob) if step % 2 else (bob, alice)
        await one.ok(f"STORE {step % 3 + 1} {'+-'[step // 5]}FLAGS (\\Flagged)")
        await other.ok("NOOP")
    assert [
        line.replace(b" \\Recent", b"").replace(b"\\Recent", b"") for line in await bob.ok("FETCH 1:3 FLAGS")
    ] == await alice.ok("FETCH 1:3 FLAGS")
