"""GETQUOTA and GETQUOTAROOT."""

from __future__ import annotations

from pair import Client, Server, mail, paired


@paired()
async def test_unknown_root_is_refused(alice: Client, bob: Client, server: Server) -> None:
    assert b"[NONEXISTENT]" in await alice.no("GETQUOTA nothing")


@paired()
async def test_account_without_limits_has_no_quota_root(alice: Client, bob: Client, server: Server) -> None:
    assert await alice.ok("GETQUOTAROOT INBOX") == [b"* QUOTAROOT INBOX"]
    assert b"[NONEXISTENT]" in await alice.no('GETQUOTA ""')


@paired()
async def test_use_is_told_in_units_of_1024_octets(alice: Client, bob: Client, server: Server) -> None:
    await server.account.write(lambda txn: txn.set_quota(10 * 1024 + 5, 7))
    await alice.append(mail())
    assert await bob.ok('GETQUOTA ""') == [b'* QUOTA "" (STORAGE 1 10 MESSAGE 1 7)']


@paired()
async def test_status_tells_what_an_expunge_would_free(alice: Client, bob: Client, server: Server) -> None:
    size = len(mail(1))
    for options in ("", "(\\Deleted) ", ""):
        await alice.append(mail(1), options=options)

    async def freed() -> list[bytes]:
        return await bob.ok("STATUS INBOX (DELETED DELETED-STORAGE)")

    assert await freed() == [b"* STATUS INBOX (DELETED 1 DELETED-STORAGE %d)" % size]  # RFC 9208 §4.1.4
    await alice.ok("SELECT INBOX")
    await alice.ok("STORE 1:3 +FLAGS (\\Deleted)")
    assert await freed() == [b"* STATUS INBOX (DELETED 3 DELETED-STORAGE %d)" % (3 * size)]
    await alice.ok("STORE 1 FLAGS (\\Seen)")
    await alice.ok("UID EXPUNGE 3")
    assert await freed() == [b"* STATUS INBOX (DELETED 1 DELETED-STORAGE %d)" % size]


@paired()
async def test_copy_and_move_are_never_refused_for_room(alice: Client, bob: Client, server: Server) -> None:
    await alice.append(mail())
    await server.account.write(lambda txn: txn.set_quota(1, 1))
    await alice.ok("SELECT INBOX")
    await alice.ok("COPY 1 Trash")
    await alice.ok("MOVE 1 Trash")
