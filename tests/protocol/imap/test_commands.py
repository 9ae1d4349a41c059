"""The command table as a whole: every command goes from the client's end to the server's and is the same value there."""

from __future__ import annotations

import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.number_set import SequenceSet
from bustia.protocol.imap.append import Append
from bustia.protocol.imap.capability import CAPABILITIES
from bustia.protocol.imap.commands import BY_NAME, BY_TYPE, COMMANDS, Command, State, holds_expunge
from bustia.protocol.imap.copy import Expunge
from bustia.protocol.imap.fetch import Fetch, Item
from bustia.protocol.imap.server import AppendStart, CommandEvent
from bustia.protocol.imap.writer import Literals
from protocol.imap.strategies import appends, commands
from protocol.imap.wires import CUTS, client_for, run, server_for

LITERALS = (Literals.SYNCHRONISING, Literals.NON_SYNCHRONISING, Literals.SMALL_NON_SYNCHRONISING)


@given(
    st.booleans().flatmap(lambda utf8: st.tuples(st.just(utf8), commands(utf8))),
    st.sampled_from(LITERALS),
    st.sampled_from(CUTS),
)
def test_every_command_arrives_as_it_was_sent(case: tuple[bool, Command], literals: Literals, cut: int) -> None:
    utf8, command = case
    client, server = client_for(utf8), server_for(utf8)
    client._literals = literals
    tag = client.send(command)
    events, _ = run(client, server, cut)
    assert events == [CommandEvent(tag, command)]


@given(appends, st.booleans(), st.sampled_from(LITERALS), st.sampled_from(CUTS))
def test_a_message_goes_to_the_sink_octet_for_octet(
    case: tuple[Append, bytes], utf8: bool, literals: Literals, cut: int
) -> None:
    command, message = case
    client, server = client_for(utf8), server_for(utf8)
    client._literals = literals
    tag = client.send(command, message)
    events, got = run(client, server, cut)
    assert got == message
    assert events == [
        AppendStart(tag, command, waits=literals is Literals.SYNCHRONISING),
        CommandEvent(tag, command),
    ]


def test_the_table_has_each_command_type_and_no_other() -> None:
    assert set(BY_TYPE) == set(typing.get_args(Command))
    assert len(BY_NAME) == len(COMMANDS)


def test_what_a_command_needs_is_announced() -> None:
    assert {spec.needs for spec in COMMANDS if spec.needs} <= {row.name for row in CAPABILITIES}


def test_no_command_is_allowed_after_logout() -> None:
    assert not any(State.LOGOUT in spec.states for spec in COMMANDS)


@pytest.mark.parametrize("by_uid", [False, True])
def test_expunges_are_held_back_by_number_only(by_uid: bool) -> None:
    assert holds_expunge(Fetch(SequenceSet(((1, 1),)), (Item.UID,), by_uid)) is not by_uid
    assert not holds_expunge(Expunge(SequenceSet(((1, 1),)) if by_uid else None))


def test_only_fetch_store_and_search_hold_expunges() -> None:
    assert {spec.name for spec in COMMANDS if spec.holds_expunge} == {b"FETCH", b"STORE", b"SEARCH"}
