"""Any octets, cut anywhere, give LMTP commands, a message or BadCommand; a message without fault has whole line ends and no NUL."""

from __future__ import annotations

from contextlib import suppress

from bustia.protocol.smtp.commands import BadCommand, Data, parse_command, write_command
from bustia.protocol.smtp.data import DataReader
from bustia.protocol.smtp.replies import write_reply
from bustia.protocol.smtp.server import ServerConnection

SIZE, LINE = 4096, 100


def seeds() -> list[bytes]:
    """Sessions, after the octet that says how they are cut."""
    start = b"LHLO example.org\r\nMAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
    return [
        b"\x00" + start + b"Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n",
        b"\x06" + start + b"x\n.\r\nMAIL FROM:<>\r\n\r\n.\r\nRSET\r\nNOOP\n",
        b'\xffLHLO [1.2.3.4]\r\nMAIL FROM:<@x:"a b\\""@[IPv6:::1]> SMTPUTF8\r\nRCPT TO:<Postmaster>\r\nVRFY x\r\nSTARTTLS\r\n',
    ]


def check(data: bytes) -> None:
    cut = (data[0] if data else 0) + 1
    connection = ServerConnection()
    message: DataReader | None = None
    text = b""
    for at in range(1, len(data), cut):
        connection.receive(data[at : at + cut])
        while True:
            if message is None:
                if _obey(connection):
                    message, text = DataReader(SIZE, LINE), b""
                    connection.begin_data(message)
                    continue
                break
            octets = connection.next_data()
            if octets is None:
                break
            text += octets
            if message.rest is not None:
                if message.fault is None:
                    _judge(text)
                message = None


def _obey(connection: ServerConnection) -> bool:
    """Reads commands; True when a message follows."""
    while True:
        try:
            command = connection.next_command()
        except BadCommand as bad:
            write_reply(bad.reply)
            continue
        if command is None:
            return False
        with suppress(BadCommand):
            assert parse_command(write_command(command).removesuffix(b"\r\n")) == command
        connection.advance(command)
        if isinstance(command, Data):
            return True


def _judge(text: bytes) -> None:
    assert len(text) <= SIZE
    assert 0 not in text
    assert text.count(b"\r") == text.count(b"\n") == text.count(b"\r\n")
    assert not text or text.endswith(b"\r\n")
    assert max(map(len, text.split(b"\r\n"))) <= LINE - 2
