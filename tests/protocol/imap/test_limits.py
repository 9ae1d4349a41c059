"""Each limit of a command's grammar, on both sides of it, and that time grows no faster than the command."""

from __future__ import annotations

import time

import pytest

from bustia.protocol.imap.cursor import MAX_DEPTH
from bustia.protocol.imap.fetch import MAX_ITEMS
from bustia.protocol.imap.general import MAX_ID_FIELDS
from bustia.protocol.imap.list import MAX_PATTERNS
from bustia.protocol.imap.search_key import MAX_KEYS
from bustia.protocol.imap.section import MAX_PART_LEVELS
from bustia.protocol.imap.server import AFTER_LOGIN, CommandEvent
from protocol.imap.wires import server_for


def is_obeyed(command: bytes) -> bool:
    (event,) = server_for().receive(b"a " + command + b"\r\n")
    return isinstance(event, CommandEvent)


def many(before: bytes, each: bytes, count: int, after: bytes = b"") -> bytes:
    return before + b" ".join([each] * count) + after


@pytest.mark.parametrize(
    ("before", "each", "after", "limit"),
    [
        (b"SEARCH ", b"ALL", b"", MAX_KEYS),
        (b"SEARCH ", b"NOT", b" ALL", MAX_DEPTH),
        (b'LIST "" (', b"x", b")", MAX_PATTERNS),
        (b"FETCH 1 (", b"UID", b")", MAX_ITEMS),
        (b"ID (", b'"a" NIL', b")", MAX_ID_FIELDS),
    ],
)
def test_as_many_as_the_limit_and_no_more(before: bytes, each: bytes, after: bytes, limit: int) -> None:
    assert is_obeyed(many(before, each, limit, after))
    assert not is_obeyed(many(before, each, limit + 1, after))


def test_part_numbers_go_as_deep_as_the_limit() -> None:
    deepest = b".".join([b"1"] * MAX_PART_LEVELS)
    assert is_obeyed(b"FETCH 1 BODY[" + deepest + b"]")
    assert not is_obeyed(b"FETCH 1 BODY[" + deepest + b".1]")


HALF = AFTER_LOGIN.line // 2 - 100


@pytest.mark.parametrize(
    ("before", "each"),
    [
        (b"UID FETCH 1", b",1:*"),
        (b"SEARCH ", b"("),
        (b"SEARCH ", b"(ALL "),
        (b"SEARCH ", b"NOT "),
        (b'LOGIN "', b'\\"'),
        (b'LOGIN "', b"\\"),
        (b"SELECT ", b"&"),
        (b"SELECT ", b"&AOk-x"),
        (b"SELECT ", b"&AOk"),
        (b"SELECT ", b"&-"),
        (b"ID (", b'"a" NIL '),
        (b"ENABLE", b" X"),
        (b"SEARCH TEXT ", b"x"),
        (b"SEARCH ", b"OR "),
        (b"", b"x"),
        (b"", b"{1"),
        (b"FETCH 1 BODY[", b"1."),
        (b"FETCH 1 (", b"BODY["),
        (b"STORE 1 FLAGS ", b"\\a "),
        (b'LIST "" ', b"*"),
        (b"AUTHENTICATE PLAIN ", b"A==="),
    ],
    ids=lambda octets: repr(octets[:20]),
)
def test_time_is_linear_in_the_length(before: bytes, each: bytes) -> None:
    def best(octets: int) -> float:
        line = b"a " + before + each * (octets // len(each)) + b"\r\n"
        spent: list[float] = []
        for _ in range(7):
            start = time.thread_time()
            list(server_for().receive(line))
            spent.append(time.thread_time() - start)
        return min(spent)

    # Four times would be quadratic, in each of three looks; one look alone may meet a busy machine.
    assert any(best(2 * HALF) < 3 * best(HALF) + 0.002 for _ in range(3))
