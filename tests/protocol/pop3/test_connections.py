"""Both ends of a POP3 connection joined by octets, cut anywhere; and servers that break the rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.pop3.client import Answer, Challenge, ClientConnection, Event, Text, TextEnd
from bustia.protocol.pop3.commands import (
    Auth,
    BadCommand,
    Capa,
    Command,
    Dele,
    List,
    Noop,
    Quit,
    Retr,
    Stat,
    State,
    Top,
    Uidl,
)
from bustia.protocol.pop3.replies import BadReply, Reply
from bustia.protocol.pop3.server import ServerConnection, decode_initial, write_challenge


def read(client: ClientConnection, octets: bytes, cut: int) -> list[Event]:
    """All events of the octets."""
    found: list[Event] = []
    for at in range(0, len(octets), cut):
        client.receive(octets[at : at + cut])
        while (event := client.next_event()) is not None:
            found.append(event)
    return found


def joined(events: list[Event]) -> list[Event]:
    """The events with neighbouring texts as one."""
    found: list[Event] = []
    for event in events:
        before = found[-1] if found else None
        if isinstance(event, Text) and isinstance(before, Text):
            found[-1] = Text(before.octets + event.octets)
        else:
            found.append(event)
    return found


@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_answers_find_their_commands(cut: int) -> None:
    client = ClientConnection()
    commands: list[Command] = [Stat(), List(), List(1), Uidl(9), Retr(1), Top(1, 0), Noop()]
    for command in commands:
        client.send(command)
    octets = (
        b"+OK ready\r\n+OK 2 30\r\n+OK\r\n1 10\r\n2 20\r\n.\r\n+OK 1 10\r\n-ERR no such message\r\n"
        b"+OK\r\n..\r\ntext\r\n.\r\n-ERR [SYS/TEMP] later\r\n+OK\r\n"
    )
    assert joined(read(client, octets, cut)) == [
        Answer(None, Reply(True, "ready"), False),
        Answer(Stat(), Reply(True, "2 30"), False),
        Answer(List(), Reply(True), True),
        Text(b"1 10\r\n2 20\r\n"),
        TextEnd(),
        Answer(List(1), Reply(True, "1 10"), False),
        Answer(Uidl(9), Reply(False, "no such message"), False),
        Answer(Retr(1), Reply(True), True),
        Text(b".\r\ntext\r\n"),
        TextEnd(),
        Answer(Top(1, 0), Reply(False, "later", "SYS/TEMP"), False),
        Answer(Noop(), Reply(True), False),
    ]


@pytest.mark.parametrize("octets", [b"hello\r\n", b"+OK\r\n+OK\r\n", b"+OK" + b"x" * 20_000, b"+OK\n", b"-ERR [\r\n"])
def test_server_that_breaks_the_grammar(octets: bytes) -> None:
    with pytest.raises(BadReply):
        read(ClientConnection(), octets + b"\r\n", 1000)


def test_challenge_belongs_to_auth_only() -> None:
    client = ClientConnection()
    client.send(Auth(b"LOGIN"))
    octets = b"+OK\r\n" + write_challenge(b"Username:")
    assert read(client, octets, 3)[1:] == [Challenge(b"Username:")]
    assert client.respond(b"ann") == b"YW5u\r\n"
    assert client.respond(None) == b"*\r\n"
    client.discard()
    client.send(Stat())
    with pytest.raises(BadReply):
        read(client, write_challenge(b""), 9)


def test_answers_before_tls_are_forgotten() -> None:
    client = ClientConnection()
    read(client, b"+OK\r\n", 9)
    client.receive(b"+OK injected\r\n")
    client.discard()
    client.send(Capa())
    assert client.next_event() is None


def test_commands_are_allowed_by_state() -> None:
    server = ServerConnection()
    server.receive(b"STAT\r\nCAPA\r\n")
    with pytest.raises(BadCommand):
        server.next_command()
    assert server.next_command() == Capa()
    server.state = State.TRANSACTION
    server.receive(b"STAT\r\nSTLS\r\n")
    assert server.next_command() == Stat()
    with pytest.raises(BadCommand):
        server.next_command()


def test_initial_response_may_be_empty() -> None:
    assert decode_initial(b"=") == b""
    with pytest.raises(BadCommand):
        decode_initial(b"==")


after_login = st.sampled_from([Capa(), Stat(), List(), List(3), Uidl(), Retr(7), Dele(1), Top(2, 5), Noop(), Quit()])


@given(st.lists(after_login), st.integers(1, 9))
def test_commands_arrive_as_they_were_sent(commands: list[Command], cut: int) -> None:
    client, server = ClientConnection(), ServerConnection()
    server.state = State.TRANSACTION
    octets = b"".join(client.send(command) for command in commands)
    found: list[Command] = []
    for at in range(0, len(octets), cut):
        server.receive(octets[at : at + cut])
        while (command := server.next_command()) is not None:
            found.append(command)
    assert found == commands
