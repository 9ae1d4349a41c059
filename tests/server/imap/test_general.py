"""CAPABILITY, NOOP, CHECK, ID, ENABLE, LOGOUT."""

from __future__ import annotations

from pathlib import Path

from pair import Client, Server, mail, paired, run, running


def test_capabilities_before_login_tell_no_password_in_the_clear(tmp_path: Path) -> None:
    async def test() -> None:
        async with running(tmp_path) as server:
            near, far = server.connect(), server.connect(host="192.0.2.7")
            for client, offers in ((near, True), (far, False)):
                greeting = await client.response()
                assert greeting.startswith(b"* OK [CAPABILITY IMAP4rev1 ")
                capability = (await client.ok("CAPABILITY"))[0]
                for text in (greeting, capability):
                    assert (b"AUTH=PLAIN" in text) is offers
                    assert (b"LOGINDISABLED" in text) is not offers
                    assert b"STARTTLS" not in text
                    assert b"IMAP4rev2" not in text

    run(test())


@paired()
async def test_arguments_where_none_belong_are_bad(alice: Client, bob: Client, server: Server) -> None:
    for command in ("NOOP x", "CAPABILITY x", "LOGOUT x", "ID x", "ENABLE"):
        await alice.bad(command)


@paired()
async def test_noop_and_check_tell_news(alice: Client, bob: Client, server: Server) -> None:
    await alice.ok("SELECT INBOX")
    await bob.append(mail(1))
    assert b"* 1 EXISTS" in await alice.ok("NOOP")
    await bob.append(mail(2))
    assert b"* 2 EXISTS" in await alice.ok("CHECK")
    assert await alice.ok("NOOP") == []


@paired()
async def test_id_says_the_name_only(alice: Client, bob: Client, server: Server) -> None:
    assert await alice.ok('ID ("name" "test" "version" NIL)') == [b'* ID ("name" "Bustia")']
    assert await alice.ok("ID NIL") == [b'* ID ("name" "Bustia")']


@paired()
async def test_enable_passes_over_what_it_does_not_know(alice: Client, bob: Client, server: Server) -> None:
    assert await alice.ok("ENABLE X-GOOD-IDEA IMAP4rev2") == [b"* ENABLED"]
    assert await alice.ok("ENABLE condstore X-MORE") == [b"* ENABLED CONDSTORE"]


@paired()
async def test_condstore_adds_the_modseq_to_what_another_changes(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail())
    await alice.ok("ENABLE CONDSTORE")
    await alice.ok("SELECT INBOX")
    await bob.ok("SELECT INBOX")
    await bob.ok("STORE 1 +FLAGS (\\Seen)")
    assert b" MODSEQ (" in (await alice.ok("NOOP"))[0]
    assert (await bob.ok("FETCH 1 (MODSEQ)"))[0].startswith(b"* OK [HIGHESTMODSEQ ")  # RFC 7162 §3.1


@paired()
async def test_held_back_expunge_keeps_highestmodseq_low(alice: Client, bob: Client, server: Server) -> None:
    for number in (1, 2):
        await alice.append(mail(number), options="(\\Deleted) ")
    await alice.ok("SELECT INBOX (CONDSTORE)")
    await bob.ok("SELECT INBOX")
    before = await alice.ok("STATUS INBOX (HIGHESTMODSEQ)")
    await bob.ok("EXPUNGE")
    await alice.command("FETCH 1:2 FLAGS")  # hears of the expunge, and may not tell it
    untagged, _ = await alice.command("STATUS INBOX (HIGHESTMODSEQ)")
    assert untagged[0] == before[0]
    assert untagged[1:3] == [b"* 1 EXPUNGE", b"* 1 EXPUNGE"]
    assert (await alice.ok("STATUS INBOX (HIGHESTMODSEQ)"))[0] > before[0]


@paired()
async def test_logout_says_bye_first(alice: Client, bob: Client, server: Server) -> None:
    alice.send(b"x LOGOUT\r\ny NOOP\r\n")
    said = await alice.closed()
    assert said[0].startswith(b"* BYE")
    assert said[1].startswith(b"x OK")
    assert len(said) == 2
    await bob.ok("NOOP")
