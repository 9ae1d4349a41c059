"""COPY, MOVE, EXPUNGE and their UID forms: what one does and the other sees."""

from __future__ import annotations

from pair import Client, Server, mail, names, paired


async def three(alice: Client, bob: Client) -> None:
    for number in (1, 2, 3):
        await alice.append(mail(number))
    await alice.ok("SELECT INBOX")
    await bob.ok("SELECT INBOX")


@paired()
async def test_copy_and_move_to_a_missing_mailbox_offer_trycreate(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    for command in ("COPY 1 Nowhere", "UID COPY 1 Nowhere", "MOVE 1 Nowhere", "UID MOVE 1 Nowhere"):
        assert b"NO [TRYCREATE]" in await alice.tagged(command)
    assert await bob.ok("NOOP") == []


@paired()
async def test_number_beyond_the_mailbox_is_bad_and_a_missing_uid_is_nothing(
    alice: Client, bob: Client, server: Server
) -> None:
    await three(alice, bob)
    for command in ("COPY 4 Trash", "MOVE 2:4 Trash"):
        await alice.bad(command)
    for command in ("UID COPY 400 Trash", "UID MOVE 400 Trash", "UID EXPUNGE 400"):
        assert await alice.tagged(command) in (b"OK COPY completed", b"OK MOVE completed", b"OK EXPUNGE completed")
    assert await bob.ok("STATUS Trash (MESSAGES)") == [b"* STATUS Trash (MESSAGES 0)"]


@paired()
async def test_copy_keeps_flags_and_tells_the_new_uids(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    await alice.ok("STORE 3 +FLAGS (\\Flagged Work)")
    tagged = await alice.tagged("COPY 1,3 Archive")
    assert tagged.split()[1] == b"[COPYUID"
    assert tagged.split()[3:5] == [b"1,3", b"1:2]"]
    await bob.ok("SELECT Archive")
    assert b"FLAGS (\\Flagged Work \\Recent)" in (await bob.ok("FETCH 2 FLAGS"))[0]


@paired()
async def test_copy_into_the_same_mailbox_makes_new_messages(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    untagged, tagged = await alice.command("COPY 1 INBOX")
    assert tagged.startswith(b"OK [COPYUID")
    assert b"* 4 EXISTS" in untagged
    assert b"* 4 EXISTS" in await bob.ok("NOOP")


@paired()
async def test_move_into_the_same_mailbox_gives_a_new_uid(alice: Client, bob: Client, server: Server) -> None:
    """RFC 6851 §3.3: allowed where COPY into it is."""
    await three(alice, bob)
    untagged, _ = await alice.command("MOVE 1 INBOX")
    assert b" 1 4]" in untagged[0]  # COPYUID
    assert untagged[1:3] == [b"* 1 EXPUNGE", b"* 3 EXISTS"]
    assert await alice.ok("UID SEARCH ALL") == [b"* SEARCH 2 3 4"]
    assert (await bob.ok("NOOP"))[:2] == [b"* 1 EXPUNGE", b"* 3 EXISTS"]
    assert await bob.ok("UID SEARCH ALL") == [b"* SEARCH 2 3 4"]


@paired()
async def test_move_tells_the_uids_before_the_expunges(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    untagged, _ = await alice.command("MOVE 1:2 Archive")
    assert [line.split()[:3] for line in untagged[:3]] == [
        [b"*", b"OK", b"[COPYUID"],
        [b"*", b"1", b"EXPUNGE"],
        [b"*", b"1", b"EXPUNGE"],
    ]
    assert await bob.ok("NOOP") == [b"* 1 EXPUNGE", b"* 1 EXPUNGE"]
    assert b"UID 3" in (await bob.ok("FETCH 1 UID"))[0]


@paired()
async def test_expunge_takes_only_deleted_ones(alice: Client, bob: Client, server: Server) -> None:
    await three(alice, bob)
    await alice.ok("STORE 1,3 +FLAGS.SILENT (\\Deleted)")
    assert await bob.ok("NOOP") == [
        b"* 1 FETCH (UID 1 FLAGS (\\Deleted))",
        b"* 3 FETCH (UID 3 FLAGS (\\Deleted))",
    ]
    assert list(names(await alice.ok("UID EXPUNGE 2:3"))) == [b"EXPUNGE", b"RECENT"]
    assert await bob.ok("NOOP") == [b"* 3 EXPUNGE"]
    assert (await alice.ok("EXPUNGE"))[0] == b"* 1 EXPUNGE"
    assert await bob.ok("NOOP") == [b"* 1 EXPUNGE"]
    assert b"UID 2" in (await bob.ok("FETCH 1 UID"))[0]


@paired()
async def test_copy_by_number_of_a_message_that_went_unannounced_copies_nothing(
    alice: Client, bob: Client, server: Server
) -> None:
    await three(alice, bob)
    await alice.ok("STORE 2 +FLAGS.SILENT (\\Deleted)")
    await alice.ok("EXPUNGE")
    tagged = await bob.no("COPY 1:3 Archive")
    assert tagged.startswith(b"NO [EXPUNGEISSUED]")
    assert await alice.ok("STATUS Archive (MESSAGES)") == [b"* STATUS Archive (MESSAGES 0)"]
