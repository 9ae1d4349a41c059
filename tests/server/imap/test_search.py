"""SEARCH in the old form and the extended one, by numbers and UIDs, and what it may speak of."""

from __future__ import annotations

import pytest

from pair import Client, Server, mail, paired


async def five(alice: Client, bob: Client) -> None:
    for number in range(1, 6):
        await alice.append(mail(number))
    await alice.ok("SELECT INBOX")
    await alice.ok("STORE 1 +FLAGS.SILENT (\\Deleted)")
    await alice.ok("EXPUNGE")  # so that numbers and UIDs differ
    await bob.ok("SELECT INBOX")


@paired()
@pytest.mark.parametrize(
    "key", ["", "NONSENSE", "SUBJECT", "SINCE yesterday", "(ALL", "NOT", "OR ALL", "RETURN (NONSENSE) ALL", "UID"]
)
async def test_broken_search_is_bad(alice: Client, bob: Client, server: Server, key: str) -> None:
    await five(alice, bob)
    await alice.bad(f"SEARCH {key}")


@paired()
async def test_unknown_charset_is_told_which_ones_are_known(alice: Client, bob: Client, server: Server) -> None:
    await five(alice, bob)
    tagged = await alice.no("SEARCH CHARSET KLINGON SUBJECT x")
    assert tagged.startswith(b"NO [BADCHARSET (US-ASCII UTF-8)]")


@paired()
async def test_charset_may_be_any_astring(alice: Client, bob: Client, server: Server) -> None:
    """RFC 3501 §9, search."""
    await five(alice, bob)
    for name in (b"utf-8", b'"UTF-8"', b"{5+}\r\nUTF-8"):
        assert await bob.ok(b"SEARCH CHARSET " + name + b" SUBJECT 4") == [b"* SEARCH 3"]


@paired()
async def test_numbers_and_uids(alice: Client, bob: Client, server: Server) -> None:
    await five(alice, bob)
    assert await bob.ok("SEARCH SUBJECT 3") == [b"* SEARCH 2"]
    assert await bob.ok("UID SEARCH SUBJECT 3") == [b"* SEARCH 3"]
    assert await bob.ok("UID SEARCH 1:2") == [b"* SEARCH 2 3"]
    assert await bob.ok("UID SEARCH UID 1:2") == [b"* SEARCH 2"]
    assert await bob.ok("SEARCH NOT ALL") == [b"* SEARCH"]
    assert await bob.ok("SEARCH 9") == [b"* SEARCH"]
    assert await bob.ok("SEARCH OR SUBJECT 2 NOT SUBJECT number") == [b"* SEARCH 1"]
    assert await bob.ok(b"SEARCH CHARSET UTF-8 SUBJECT {1+}\r\n4") == [b"* SEARCH 3"]


@paired()
async def test_recent_is_the_sessions_own(alice: Client, bob: Client, server: Server) -> None:
    await five(alice, bob)
    assert await alice.ok("SEARCH NEW") == [b"* SEARCH 1 2 3 4"]
    assert await bob.ok("SEARCH RECENT") == [b"* SEARCH"]
    assert await bob.ok("SEARCH OLD") == [b"* SEARCH 1 2 3 4"]


@paired()
async def test_extended_results(alice: Client, bob: Client, server: Server) -> None:
    await five(alice, bob)
    line = (await bob.ok("UID SEARCH RETURN (MIN MAX COUNT ALL) ALL"))[0]
    assert line.endswith(b"UID MIN 2 MAX 5 ALL 2:5 COUNT 4")
    assert (await bob.ok("SEARCH RETURN () SUBJECT 3"))[0].endswith(b"ALL 2")
    assert (await bob.ok("SEARCH RETURN (MIN COUNT) SUBJECT nothing"))[0].endswith(b") COUNT 0")


@paired()
async def test_saved_result_is_used_by_other_commands(alice: Client, bob: Client, server: Server) -> None:
    await five(alice, bob)
    assert await bob.ok("SEARCH RETURN (SAVE) OR SUBJECT 3 SUBJECT 5") == []
    assert await bob.ok("FETCH $ UID") == [b"* 2 FETCH (UID 3)", b"* 4 FETCH (UID 5)"]
    assert await bob.ok("UID SEARCH $ SUBJECT 5") == [b"* SEARCH 5"]
    await bob.ok("SEARCH RETURN (SAVE MIN) ALL")
    assert await bob.ok("FETCH $ UID") == [b"* 1 FETCH (UID 2)"]
    await bob.no("SEARCH RETURN (SAVE) CHARSET KLINGON SUBJECT x")
    assert await bob.ok("FETCH $ UID") == []


@paired()
async def test_saved_result_may_be_narrowed_by_the_search_that_saves_anew(
    alice: Client, bob: Client, server: Server
) -> None:
    """RFC 5182 §2.2, example 5: `$` in the key means what was saved before."""
    await five(alice, bob)
    await bob.ok("SEARCH RETURN (SAVE) UID 2:4")
    assert (await bob.ok("UID SEARCH RETURN (SAVE ALL) $ NOT SUBJECT 3"))[0].endswith(b"ALL 2,4")
    assert await bob.ok("FETCH $ UID") == [b"* 1 FETCH (UID 2)", b"* 3 FETCH (UID 4)"]


@paired()
async def test_saved_result_forgets_what_is_expunged(alice: Client, bob: Client, server: Server) -> None:
    await five(alice, bob)
    await bob.ok("SEARCH RETURN (SAVE) SUBJECT 3")
    await alice.ok("UID STORE 3 +FLAGS.SILENT (\\Deleted)")
    await alice.ok("EXPUNGE")
    await bob.ok("NOOP")
    assert await bob.ok("FETCH $ UID") == []


@paired()
async def test_modseq_key_tells_the_highest_one(alice: Client, bob: Client, server: Server) -> None:
    await five(alice, bob)
    await alice.ok("UID STORE 4 +FLAGS.SILENT (\\Flagged)")
    modseq = int((await alice.ok("STATUS INBOX (HIGHESTMODSEQ)"))[-1].split()[-1].rstrip(b")"))
    assert (await bob.ok(f"UID SEARCH MODSEQ {modseq}"))[-1] != b""
    assert b"* SEARCH 4 (MODSEQ %d)" % modseq in await bob.ok(f"UID SEARCH MODSEQ {modseq}")
    assert b"* SEARCH" in await bob.ok(f"UID SEARCH MODSEQ {modseq + 1}")


@paired()
async def test_modseq_of_an_extended_result_is_that_of_what_is_told(alice: Client, bob: Client, server: Server) -> None:
    """RFC 4731 §3.2: of MIN or MAX alone its own, of both the higher one, else the highest of all."""
    await five(alice, bob)
    modseqs = {}
    for uid in (4, 5, 2):
        await alice.ok(f"UID STORE {uid} +FLAGS.SILENT (\\Flagged)")
        modseqs[uid] = int((await alice.ok("STATUS INBOX (HIGHESTMODSEQ)"))[-1].split()[-1].rstrip(b")"))
    await alice.append(mail(6))  # has the highest of all, and is not told to Bob before his first search is done
    for options, uid in (("MAX", 5), ("MIN", 2), ("MIN MAX", 2), ("COUNT", 2)):
        key = "MODSEQ 1" if uid == 5 else "MODSEQ 1 UID 1:5"
        told = await bob.ok(f"UID SEARCH RETURN ({options}) {key}")
        assert [line for line in told if b"ESEARCH" in line and line.endswith(b" MODSEQ %d" % modseqs[uid])]


@paired()
async def test_search_speaks_of_known_messages_only(alice: Client, bob: Client, server: Server) -> None:
    await five(alice, bob)
    await alice.append(mail(6))
    await alice.ok("UID STORE 2 +FLAGS.SILENT (\\Deleted)")
    await alice.ok("EXPUNGE")
    assert (await bob.ok("SEARCH ALL"))[0] == b"* SEARCH 2 3 4"
    assert (await bob.ok("SEARCH ALL"))[0] == b"* SEARCH 2 3 4 5"
    assert await bob.ok("UID SEARCH ALL") == [b"* SEARCH 3 4 5 6", b"* 1 EXPUNGE"]
