"""Any octets, cut anywhere, give POP3 commands or BadCommand at the server's end, and events or BadReply at the client's, never another exception."""

from __future__ import annotations

from contextlib import suppress

from bustia.protocol.pop3.client import ClientConnection
from bustia.protocol.pop3.commands import BadCommand, List, Retr, State, parse_command, write_command
from bustia.protocol.pop3.replies import BadReply
from bustia.protocol.pop3.server import ServerConnection


def seeds() -> list[bytes]:
    """Sessions from both ends, after the octet that says how they are cut."""
    return [
        b"\x00CAPA\r\nUSER ann@example.org\r\nPASS two words\r\nSTAT\r\nTOP 1 0\r\nQUIT\r\n",
        b"\x06AUTH PLAIN AGFubgBzZWNyZXQ=\r\nLIST 1\r\nUIDL\r\nRETR 2\r\nDELE 2\n\r\n",
        b"\xff+OK ready\r\n+OK 2 messages\r\n1 10\r\n2 20\r\n.\r\n+OK 12 octets\r\n..dot\r\n.\r\n-ERR [IN-USE] no\r\n",
    ]


def check(data: bytes) -> None:
    cut = (data[0] if data else 0) + 1
    server, client = ServerConnection(), ClientConnection()
    server.state = State.TRANSACTION if cut % 2 else State.AUTHORIZATION
    for command in (List(), Retr(1), List(1)):
        client.send(command)
    replying = True
    for at in range(1, len(data), cut):
        server.receive(data[at : at + cut])
        client.receive(data[at : at + cut])
        _obey(server)
        if replying:
            replying = _read(client)


def _obey(server: ServerConnection) -> None:
    while True:
        with suppress(BadCommand):
            command = server.next_command()
            if command is None:
                return
            assert parse_command(write_command(command).removesuffix(b"\r\n")) == command


def _read(client: ClientConnection) -> bool:
    try:
        while client.next_event() is not None:
            pass
    except BadReply:
        return False
    return True
