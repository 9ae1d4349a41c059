"""POP3 sessions on a real store: bad input first, then what RFC 1939 promises, and what another session sees."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bustia.message.pop3_form import pop3_form
from bustia.model.mailbox import MailboxName
from bustia.model.number_set import NumberSet
from bustia.model.reason import Reason, Refused
from bustia.protocol.pop3.commands import (
    COMMANDS,
    Auth,
    Dele,
    List,
    Noop,
    Pass,
    Quit,
    Retr,
    Rset,
    Stat,
    Stls,
    Top,
    Uidl,
    User,
)
from bustia.protocol.pop3.replies import Reply
from bustia.protocol.sasl import base64
from bustia.protocol.sasl.exchange import Credentials, write_plain
from bustia.server.pop3.handlers import HANDLERS
from bustia.server.pop3.settings import Pop3Settings
from bustia.store.api import WriteTxn
from bustia.store.sqlite.account import SqliteAccount
from bustia.store.sqlite.write_txn import SqliteWriteTxn
from mail_server import EVERY, INBOX_NAME, MailServer, Pop3Client, logged_in, play_pop3
from pair import PASSWORD, USER
from stores import soon

ONE = b"Subject: one\r\n\r\nfirst\r\n.second\r\n..\r\nlast\r\n"
TWO = b"Subject: two\n\nbare\n.\nDELE 1\r\nno end"
PLAIN = base64.encode(write_plain(Credentials(USER, PASSWORD)))


def test_every_command_has_a_handler() -> None:
    assert set(HANDLERS) == {spec.type for spec in COMMANDS}


def test_commands_in_the_wrong_state_are_refused(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = Pop3Client(server.connect())
        await client.answer()
        for command in (Stat(), List(), Retr(1), Dele(1), Noop(), Rset(), Uidl(), Top(1, 0)):
            assert "state" in (await client.error(command)).text
        client = await logged_in(server)
        for wrong in (User(USER), Pass(PASSWORD), Auth(b"PLAIN"), Stls()):
            assert "state" in (await client.error(wrong)).text

    play_pop3(tmp_path, scenario)


@pytest.mark.parametrize("cut", [None, 1, 7])
def test_bad_lines_are_refused_and_the_session_goes_on(tmp_path: Path, cut: int | None) -> None:
    async def scenario(server: MailServer) -> None:
        client = await logged_in(server, cut)
        for octets in (b"\r\n", b"XYZZY\r\n", b"RETR\r\n", b"NOOP\n", b"NOOP " + b"x" * 5000 + b"\r\n", b"\0\xff\r\n"):
            assert not (await client.line(octets)).ok
            await client.ok(Noop())

    play_pop3(tmp_path, scenario)


@pytest.mark.parametrize("cut", [None, 1])
def test_sizes_and_octets_are_of_the_form_with_crlf(tmp_path: Path, cut: int | None) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO, b"")
        client = await logged_in(server, cut)
        forms = [pop3_form(octets) for octets in (ONE, TWO, b"")]
        assert await client.ok(Stat()) == f"3 {sum(map(len, forms))}"
        assert await client.text(List()) == b"".join(b"%d %d\r\n" % (n, len(form)) for n, form in enumerate(forms, 1))
        for number, form in enumerate(forms, 1):
            assert await client.ok(List(number)) == f"{number} {len(form)}"
            assert await client.text(Retr(number)) == form

    play_pop3(tmp_path, scenario)


def test_big_message_comes_in_slices_and_whole(tmp_path: Path) -> None:
    big = b"Subject: big\r\n\r\n" + b".line of text\r\n" * 60_000
    bare = b"Subject: bare\n\n" + b"x" * 262_127 + b"\r" + b".\ny\r" * 50_000 + b"z"

    async def scenario(server: MailServer) -> None:
        await server.append(big, bare)
        client = await logged_in(server)
        assert await client.text(Retr(1)) == big
        assert await client.text(Retr(2)) == pop3_form(bare)

    play_pop3(tmp_path, scenario)


def test_top_gives_header_and_lines(tmp_path: Path) -> None:
    long = b"Subject: long\r\n\r\n" + b"x" * 300_000 + b"\r\nsecond\r\nthird\r\n"

    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO, b"Subject: no body", long)
        client = await logged_in(server)
        assert await client.text(Top(1, 0)) == b"Subject: one\r\n\r\n"
        assert await client.text(Top(1, 2)) == b"Subject: one\r\n\r\nfirst\r\n.second\r\n"
        assert await client.text(Top(1, 1000)) == ONE
        assert await client.text(Top(2, 2)) == b"Subject: two\r\n\r\nbare\r\n.\r\n"
        assert await client.text(Top(3, 5)) == b"Subject: no body\r\n"
        assert await client.text(Top(3, 0)) == b"Subject: no body\r\n"
        assert await client.text(Top(4, 2)) == long.removesuffix(b"third\r\n")
        await client.error(Top(5, 0))

    play_pop3(tmp_path, scenario)


def test_pipelined_commands_are_answered_in_order(tmp_path: Path) -> None:
    messages = [b"Subject: %d\r\n\r\n%d\r\n" % (n, n) for n in range(100)]

    async def scenario(server: MailServer) -> None:
        await server.append(*messages)
        client = await logged_in(server)
        client.stream.write(b"".join(client.wire.send(Retr(n)) for n in range(1, 101)) + client.wire.send(Stat()))
        for message in messages:
            assert (await client.answer())[1] == message
        assert (await client.answer())[0].text.startswith("100 ")

    play_pop3(tmp_path, scenario)


def test_deleted_messages_are_hidden_until_rset(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO)
        client = await logged_in(server)
        await client.ok(Dele(1))
        for command in (Dele(1), List(1), Uidl(1), Retr(1), Top(1, 0)):
            await client.error(command)
        assert await client.ok(Stat()) == f"1 {len(pop3_form(TWO))}"
        assert (await client.text(Uidl())).startswith(b"2 ")
        assert (await client.text(List())).startswith(b"2 ")
        await client.ok(Rset())
        assert (await client.ok(Stat())).startswith("2 ")
        await client.ok(Quit())
        await client.closed()
        assert await server.stored() == [ONE, TWO]

    play_pop3(tmp_path, scenario)


def test_quit_expunges_what_was_marked(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO)
        client = await logged_in(server)
        await client.ok(Dele(1))
        assert await server.stored() == [ONE, TWO]
        await client.ok(Quit())
        assert await server.stored() == [TWO]

    play_pop3(tmp_path, scenario)


def test_without_quit_nothing_is_expunged(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE)
        client = await logged_in(server)
        await client.ok(Dele(1))
        client.stream.close()
        await soon(lambda: not server.listener.connections)
        assert await server.stored() == [ONE]

    play_pop3(tmp_path, scenario)


def test_snapshot_stays_while_others_change_the_mailbox(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        first, _ = await server.append(ONE, TWO)
        client = await logged_in(server)
        uidls = await client.text(Uidl())

        def expunge(txn: WriteTxn) -> None:
            txn.expunge(txn.mailbox(INBOX_NAME).id, NumberSet.of([first]), only_deleted=False)

        await server.account().write(expunge)
        await server.append(b"Subject: new\r\n\r\n")
        assert (await client.ok(Stat())).startswith("2 ")
        assert await client.text(Uidl()) == uidls
        assert await client.text(Retr(1)) == ONE
        await client.ok(Dele(1))
        await client.ok(Dele(2))
        await client.ok(Quit())
        assert await server.stored() == [b"Subject: new\r\n\r\n"]

    play_pop3(tmp_path, scenario)


def test_quit_spares_what_was_moved_away(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO)
        client = await logged_in(server)
        await client.ok(Dele(1))

        def move(txn: WriteTxn) -> None:
            txn.move(txn.mailbox(INBOX_NAME).id, EVERY, txn.mailbox(MailboxName("Archive")).id)

        await server.account().write(move)
        await client.ok(Quit())
        assert await server.stored(mailbox=MailboxName("Archive")) == [ONE, TWO]

    play_pop3(tmp_path, scenario)


def test_two_sessions_on_one_maildrop(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO)
        alice, other = await logged_in(server), await logged_in(server)
        await alice.ok(Dele(1))
        await other.ok(Dele(1))
        assert await other.text(Retr(2)) == pop3_form(TWO)
        await alice.ok(Quit())
        await other.ok(Dele(2))
        await other.ok(Quit())
        assert await server.stored() == []

    play_pop3(tmp_path, scenario)


def test_uidl_stays_and_is_unique(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE, ONE)
        client = await logged_in(server)
        listed = await client.text(Uidl())
        names = [line.split(b" ")[1] for line in listed.splitlines()]
        assert len(set(names)) == 2
        assert await client.ok(Uidl(2)) == f"2 {names[1].decode()}"
        again = await logged_in(server)
        assert await again.text(Uidl()) == listed

    play_pop3(tmp_path, scenario)


def test_session_ends_before_its_snapshot_expires(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE)
        client = await logged_in(server)
        await client.ok(Dele(1))
        await client.closed()
        assert await server.stored() == [ONE]

    play_pop3(tmp_path, scenario, Pop3Settings(session_seconds=0.05))


def test_times_that_break_the_rules_cannot_be_set() -> None:
    with pytest.raises(ValueError):
        Pop3Settings(inactive_seconds=599)
    with pytest.raises(ValueError):
        Pop3Settings(session_seconds=86_400)


def test_server_that_ends_says_so(tmp_path: Path) -> None:
    async def scenario(server: MailServer) -> None:
        client = await logged_in(server)
        stopping = asyncio.create_task(server.listener.stop())
        client.wire.send(Noop())
        reply, _ = await client.answer()
        assert reply == Reply(False, "The server ends", "SYS/TEMP")
        await client.closed()
        await stopping

    play_pop3(tmp_path, scenario)


def test_failed_quit_says_so_and_removes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(server: MailServer) -> None:
        await server.append(ONE)
        client = await logged_in(server)
        await client.ok(Dele(1))

        async def full(*_: object, **__: object) -> None:
            raise Refused(Reason.DISK_FULL)

        with monkeypatch.context() as patch:
            patch.setattr(SqliteAccount, "write", full)
            assert (await client.error(Quit())).code == "SYS/TEMP"
        await client.closed()
        assert await server.stored() == [ONE]

    play_pop3(tmp_path, scenario)


@pytest.mark.parametrize("ends_by_quit", [True, False])
def test_what_was_listed_and_downloaded_is_noted_also_without_quit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_by_quit: bool
) -> None:
    noted: list[tuple[NumberSet, NumberSet]] = []

    def note(self: WriteTxn, mailbox: object, listed: NumberSet, downloaded: NumberSet) -> None:
        noted.append((listed, downloaded))

    async def scenario(server: MailServer) -> None:
        await server.append(ONE, TWO, b"Subject: three\r\n\r\n")
        monkeypatch.setattr(SqliteWriteTxn, "note_pop3", note)
        client = await logged_in(server)
        await client.ok(Uidl(3))
        await client.text(Retr(2))
        if ends_by_quit:
            await client.ok(Quit())
        else:
            client.stream.close()
        await soon(lambda: not server.listener.connections)
        assert noted == [(NumberSet.of([3]), NumberSet()), (NumberSet(), NumberSet.of([2]))]

    play_pop3(tmp_path, scenario)
