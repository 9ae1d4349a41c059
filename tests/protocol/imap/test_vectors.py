"""One list of octets and values, run through reader and writer, cut anywhere, with other commands behind."""

from __future__ import annotations

import pytest

from bustia.protocol.imap.commands import Command, write_command
from bustia.protocol.imap.general import Noop
from bustia.protocol.imap.responses import Answer
from bustia.protocol.imap.server import AppendStart, BadCommandEvent, CommandEvent, Event
from bustia.protocol.imap.writer import Literals, Writer
from protocol.imap.wires import CUTS, client_for, pieces, server_for
from vectors.imap import ANSWERS, BAD_COMMANDS, COMMANDS, OTHER_SPELLINGS


def events(octets: bytes, cut: int) -> list[Event]:
    server = server_for()
    found: list[Event] = []
    for piece in pieces(octets, cut):
        for event in server.receive(piece):
            if isinstance(event, AppendStart):
                server.accept_message(len)
            else:
                found.append(event)
    return found


@pytest.mark.parametrize("octets", BAD_COMMANDS, ids=lambda octets: repr(octets[:40]))
@pytest.mark.parametrize("cut", CUTS)
def test_bad_command_is_refused_and_the_next_is_read(octets: bytes, cut: int) -> None:
    found = events(b"a " + octets + b"\r\nb NOOP\r\n", cut)
    assert [type(event) for event in found] == [BadCommandEvent, CommandEvent]
    assert isinstance(found[0], BadCommandEvent)
    assert found[0].tag == "a"
    assert found[1] == CommandEvent("b", Noop())


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("octets", "command"), [*COMMANDS, *OTHER_SPELLINGS], ids=lambda each: repr(each)[:40])
def test_command_is_read(octets: bytes, command: Command, cut: int) -> None:
    assert events(b"a " + octets + b"\r\nb NOOP\r\n", cut) == [CommandEvent("a", command), CommandEvent("b", Noop())]


@pytest.mark.parametrize(("octets", "command"), COMMANDS, ids=lambda each: repr(each)[:40])
def test_command_is_written(octets: bytes, command: Command) -> None:
    writer = Writer(Literals.NON_SYNCHRONISING)
    write_command(command, writer)
    assert writer.octets() == octets


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("octets", "answer"), ANSWERS, ids=lambda each: repr(each)[:40])
def test_answer_is_written_and_read(octets: bytes, answer: Answer, cut: int) -> None:
    assert server_for().send(answer) == octets + b"\r\n"
    client = client_for()
    assert [found for piece in pieces(octets + b"\r\n", cut) for found in client.receive(piece)] == [answer]
