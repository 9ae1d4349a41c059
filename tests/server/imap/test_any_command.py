"""Any command that can be written gets one tagged answer that our own client can read, and never the one for a bug.

The commands are those of the grammar's property tests; half of them are turned to a mailbox and messages that exist.
"""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bustia.model.number_set import SequenceSet
from bustia.protocol.imap.append import Append
from bustia.protocol.imap.auth import Authenticate, Login
from bustia.protocol.imap.client import ClientConnection
from bustia.protocol.imap.commands import Command
from bustia.protocol.imap.idle import Idle
from bustia.protocol.imap.mailbox import Select
from bustia.protocol.imap.response import AtomCode, Status
from bustia.protocol.imap.responses import Unreadable
from pair import HANG, PASSWORD, USER, Server, mail, run, running
from protocol.imap.strategies import commands


def turned(command: Any) -> Any:
    """The command, about INBOX and messages 1 to 3 where it names a mailbox or messages."""
    names = {field.name for field in fields(command)}
    if "mailbox" in names and not isinstance(command, Append):
        command = replace(command, mailbox="INBOX")
    if "numbers" in names:
        command = replace(command, numbers=SequenceSet(((1, 3),)))
    return command


def askable(command: object) -> bool:
    """Leaves out what needs more than one line: IDLE ends by another, and AUTHENTICATE may ask."""
    return not isinstance(command, (Append, Idle, Authenticate, Login))


some_commands = st.lists(
    commands().filter(askable).flatmap(lambda command: st.sampled_from([command, turned(command)])),
    min_size=1,
    max_size=8,
)


async def answers(server: Server, asked: list[Any]) -> list[Status]:
    """The tagged answers to the commands, each sent when the one before is answered; fewer if the server says BYE."""
    stream = server.connect().stream
    client = ClientConnection()
    tagged: list[Status] = []
    first: list[Command] = [Login(USER, PASSWORD), Select("INBOX")]
    for command in [*first, *asked]:
        tag = client.send(command)
        while tag in client.pending:
            stream.write(client.take())
            octets = await stream.read(HANG)
            if not octets:
                return tagged
            for response in client.receive(octets):
                assert not isinstance(response, Unreadable), (command, response)
                if isinstance(response, Status) and response.tag is not None:
                    tagged.append(response)
    return tagged


@given(some_commands)
@settings(max_examples=25)
def test_any_command_gets_a_readable_answer_and_no_bug(asked: list[Any]) -> None:
    async def test() -> None:
        with TemporaryDirectory() as folder:
            async with running(Path(folder)) as server:
                filler = await server.client("F")
                for number in range(1, 4):
                    await filler.append(mail(number))
                tagged = await answers(server, asked)
                assert len(tagged) > 2  # LOGIN, SELECT and at least one of ours
                assert not [status for status in tagged if status.code == AtomCode("SERVERBUG")]

    run(test())
