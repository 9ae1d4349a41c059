"""Lines and announced literals, cut anywhere, on both sides of each limit."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.protocol.wire import (
    Announced,
    BadLine,
    CommandLimits,
    CommandReader,
    Complete,
    Discarded,
    Event,
    LineReader,
    Literal,
    Problem,
)

LIMITS = CommandLimits(line=64, kept=100, literals=3, drained=50)


def lines(octets: bytes, limit: int, cut: int | None = None) -> list[bytes | BadLine]:
    """All lines of `octets`, fed in pieces of `cut`."""
    reader = LineReader(limit)
    found: list[bytes | BadLine] = []
    step = cut or max(1, len(octets))
    for at in range(0, len(octets), step):
        reader.receive(octets[at : at + step])
        while (line := reader.next_line()) is not None:
            found.append(line)
    return found


def events(
    octets: bytes, cut: int | None = None, limits: CommandLimits = LIMITS, *, sink: list[bytes] | None = None
) -> list[Event]:
    """All events of `octets`; each literal is kept, or handed to `sink` where one is given."""
    reader = CommandReader(limits)
    found: list[Event] = []
    step = cut or max(1, len(octets))
    for at in range(0, len(octets), step):
        reader.receive(octets[at : at + step])
        while (event := reader.next_event()) is not None:
            found.append(event)
            if isinstance(event, Announced):
                if sink is not None:
                    reader.accept_into(sink.append)
                else:
                    reader.accept()
    return found


@pytest.mark.parametrize("cut", [None, 1, 7])
def test_lines_are_given_without_their_end(cut: int | None) -> None:
    assert lines(b"one\r\n\r\ntwo \rthree\r\nhalf", 64, cut) == [b"one", b"", b"two \rthree"]


@pytest.mark.parametrize("cut", [None, 1])
def test_bare_line_feed_ends_a_line_that_is_not_obeyed(cut: int | None) -> None:
    assert lines(b"QUIT\nNOOP\r\n", 64, cut) == [BadLine(b"QUIT", b"QUIT", Problem.BARE_LINE_FEED), b"NOOP"]


@pytest.mark.parametrize("cut", [None, 1, 7])
def test_line_limit_counts_the_line_end(cut: int | None) -> None:
    longest, longer = b"x" * 62, b"x" * 63
    assert lines(longest + b"\r\n", 64, cut) == [longest]
    (bad, after) = lines(longer + b"\r\nNOOP\r\n", 64, cut)
    assert isinstance(bad, BadLine)
    assert bad.problem is Problem.LINE_TOO_LONG
    assert bad.head[:63] == longer[:63]
    assert after == b"NOOP"


def test_endless_line_costs_no_memory() -> None:
    reader = LineReader(8192)
    chunk = b"x" * 65_536
    tracemalloc.start()
    for _ in range(160):  # 10 MB
        reader.receive(chunk)
        assert reader.next_line() is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reader.held <= 8192
    assert peak < 400_000
    reader.receive(b"\r\nNOOP\r\n")
    assert isinstance(reader.next_line(), BadLine)
    assert reader.next_line() == b"NOOP"


def test_take_gives_octets_between_lines() -> None:
    reader = LineReader(64)
    reader.receive(b"DATA\r\n..\r\nQUIT\r\n")
    assert reader.next_line() == b"DATA"
    assert reader.take(4) == b"..\r\n"
    assert reader.next_line() == b"QUIT"
    assert reader.take(4) == b""


def test_discard_forgets_half_lines_and_skipped_ones() -> None:
    reader = LineReader(16)
    reader.receive(b"x" * 20)
    assert reader.next_line() is None
    reader.discard()
    reader.receive(b"NOOP\r\n")
    assert reader.next_line() == b"NOOP"


@given(
    st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"{3+}\r\n", b"x" * 20]), max_size=30).map(b"".join),
    st.integers(1, 9),
)
def test_lines_do_not_depend_on_the_cut(octets: bytes, cut: int) -> None:
    assert lines(octets, 32, cut) == lines(octets, 32)


@pytest.mark.parametrize("cut", [None, 1, 7])
def test_literals_stand_between_texts(cut: int | None) -> None:
    octets = b"A1 LOGIN {5+}\r\na\r\nb\x00 ~{2}\r\nxy\r\nA2 NOOP\r\n"
    assert [event for event in events(octets, cut) if not isinstance(event, Announced)] == [
        Complete((b"A1 LOGIN ", Literal(5, b"a\r\nb\x00", False), b" ", Literal(2, b"xy", True), b"")),
        Complete((b"A2 NOOP",)),
    ]


def test_waiting_literal_is_announced_before_it_is_sent() -> None:
    reader = CommandReader(LIMITS)
    reader.receive(b"A1 APPEND x ~{12}\r\n")
    announced = reader.next_event()
    assert announced == Announced(12, True, True, (b"A1 APPEND x ",))
    with pytest.raises(RuntimeError):
        reader.next_event()
    assert reader.accept()
    assert reader.next_event() is None


def test_refused_waiting_literal_is_answered_at_once_and_the_next_line_is_a_command() -> None:
    reader = CommandReader(LIMITS)
    reader.receive(b"A1 LOGIN {9999999999}\r\nA2 NOOP\r\n")
    assert isinstance(reader.next_event(), Announced)
    assert not reader.accept()
    assert reader.next_event() == Discarded(b"A1 LOGIN {9999999999}", Problem.LITERAL_TOO_LONG, fatal=False)
    assert reader.next_event() == Complete((b"A2 NOOP",))


@pytest.mark.parametrize("cut", [None, 1, 7])
def test_refused_literal_under_way_is_drained_and_never_a_command(cut: int | None) -> None:
    reader = CommandReader(LIMITS)
    octets = b"A1 APPEND x {16+}\r\nA2 DELETE box\r\n\r {3+}\r\n\r\nZ\r\nA3 NOOP\r\n"
    found: list[Event] = []
    for at in range(0, len(octets), cut or len(octets)):
        reader.receive(octets[at : at + (cut or len(octets))])
        while (event := reader.next_event()) is not None:
            if isinstance(event, Announced):
                reader.refuse()
            else:
                found.append(event)
    assert found == [Discarded(b"A1 APPEND x {16+}", Problem.REFUSED, fatal=False), Complete((b"A3 NOOP",))]


def test_refused_literal_beyond_what_is_drained_is_fatal() -> None:
    for size, fatal in ((50, False), (51, True)):
        reader = CommandReader(LIMITS)
        reader.receive(b"A1 APPEND x {%d+}\r\n" % size + b"x" * size + b"\r\n")
        assert isinstance(reader.next_event(), Announced)
        reader.refuse()
        assert reader.next_event() == Discarded(b"A1 APPEND x {%d+}" % size, Problem.REFUSED, fatal)


def test_kept_octets_of_one_command_are_limited_together() -> None:
    fits = b"A1 {40+}\r\n" + b"x" * 40 + b" {44+}\r\n" + b"y" * 44 + b"\r\n"
    assert isinstance(events(fits)[-1], Complete)
    above = b"A1 {40+}\r\n" + b"x" * 40 + b" {50+}\r\n" + b"y" * 50 + b"\r\n"
    assert events(above)[-1] == Discarded(b"A1 {40+}", Problem.LITERAL_TOO_LONG, fatal=False)


def test_literals_of_one_command_are_counted() -> None:
    assert isinstance(events(b"A1" + b" {1+}\r\nx" * 3 + b"\r\n")[-1], Complete)
    assert events(b"A1" + b" {1+}\r\nx" * 4 + b"\r\n")[-1] == Discarded(
        b"A1 {1+}", Problem.TOO_MANY_LITERALS, fatal=False
    )


def test_literals_beyond_the_count_are_drained_as_often_once_more_and_are_fatal_then() -> None:
    answered = events(b"A1" + b" {1+}\r\nx" * 6 + b"\r\n")[-1]
    assert answered == Discarded(b"A1 {1+}", Problem.TOO_MANY_LITERALS, fatal=False)
    assert answered in events(b"A1" + b" {1+}\r\nx" * 6 + b"\r\n", cut=1)
    ended = events(b"A1" + b" {1+}\r\nx" * 7 + b"\r\n")[3]
    assert ended == Discarded(b"A1 {1+}", Problem.TOO_MANY_LITERALS, fatal=True)


def test_literals_that_are_thrown_away_are_not_kept() -> None:
    reader = CommandReader(CommandLimits(literals=20_000, drained=100_000))
    reader.receive(b"A1 SEARCH {1+}\r\nx")
    assert isinstance(reader.next_event(), Announced)
    reader.refuse()
    tracemalloc.start()
    for _ in range(10):
        reader.receive(b" {1+}\r\nx" * 1_000)
        assert reader.next_event() is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000
    assert reader.held < 1_000


def test_size_beyond_64_bits_is_a_size() -> None:
    announced = events(b"A1 LOGIN {" + b"9" * 22 + b"}\r\n")
    assert isinstance(announced[0], Announced)
    assert announced[0].size > 2**64
    assert announced[-1] == Discarded(b"A1 LOGIN {" + b"9" * 22 + b"}", Problem.LITERAL_TOO_LONG, fatal=False)


def test_literal_announced_by_a_line_that_is_too_long_is_no_command() -> None:
    octets = b"A1 LOGIN " + b"x" * 200 + b" {9+}\r\nA2 NOOP\r\n\r\nA3 NOOP\r\n"
    for cut in (None, 1, 7):
        found = events(octets, cut)
        assert [type(event) for event in found] == [Discarded, Complete]
        assert found[-1] == Complete((b"A3 NOOP",))


def test_literal_announced_by_a_line_with_a_bare_line_feed_is_no_command() -> None:
    found = events(b"A1 LOGIN {9+}\nA2 NOOP\r\n\r\nA3 NOOP\r\n")
    assert found == [Discarded(b"A1 LOGIN {9+}", Problem.BARE_LINE_FEED, fatal=False), Complete((b"A3 NOOP",))]


def test_big_literal_goes_to_the_sink_piece_by_piece() -> None:
    sunk: list[bytes] = []
    found = events(b"A1 APPEND x {5000+}\r\n" + b"m" * 5000 + b"\r\n", 7, sink=sunk)
    assert b"".join(sunk) == b"m" * 5000
    assert max(map(len, sunk)) <= 7
    assert found[-1] == Complete((b"A1 APPEND x ", Literal(5000, None, False), b""))


def test_discard_forgets_a_command_under_way() -> None:
    reader = CommandReader(LIMITS)
    reader.receive(b"A1 LOGIN {10+}\r\nhalf")
    assert isinstance(reader.next_event(), Announced)
    reader.accept()
    assert reader.next_event() is None
    reader.discard()
    reader.receive(b"A2 NOOP\r\n")
    assert reader.next_event() == Complete((b"A2 NOOP",))


@given(
    st.lists(
        st.sampled_from(
            [b"A1 x", b" ", b"{2}\r\n", b"{3+}\r\n", b"~{0+}\r\n", b"\r\n", b"\n", b"{60+}\r\n", b"x" * 40]
        ),
        max_size=20,
    ).map(b"".join),
    st.integers(1, 9),
)
def test_events_do_not_depend_on_the_cut(octets: bytes, cut: int) -> None:
    assert events(octets, cut) == events(octets)
