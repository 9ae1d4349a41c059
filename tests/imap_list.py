"""Reads IMAP's parenthesized lists in answers, for tests that look at them from outside.

Own and small on purpose: a test of our writer must not use our parser.
"""

from __future__ import annotations

import re

Value = bytes | int | str | None | list["Value"]
"""A string is bytes, an atom str, a number int, NIL None."""

_QUOTED = re.compile(rb'"((?:[^"\\\r\n]|\\.)*)"')
_LITERAL = re.compile(rb"\{(\d+)\}\r\n")
_ATOM = re.compile(rb'[^ ()"{]+')


def read_list(octets: bytes) -> Value:
    """The one value that the octets hold; ValueError if they hold anything else."""
    value, end = _read(octets, 0)
    if end != len(octets):
        raise ValueError(f"more after the value: {octets[end : end + 40]!r}")
    return value


def read_items(line: bytes) -> dict[str, Value]:
    """Items of one `* n FETCH (…)` line with its literals inside."""
    items, _ = _read(line, line.index(b"("))
    assert isinstance(items, list)
    return {str(name): value for name, value in zip(items[::2], items[1::2], strict=True)}


def _read(octets: bytes, start: int) -> tuple[Value, int]:
    """The value at `start` and the offset after it."""
    if octets[start : start + 1] == b"(":
        values: list[Value] = []
        at = start + 1
        while octets[at : at + 1] != b")":
            at += octets[at : at + 1] == b" "
            value, at = _read(octets, at)
            values.append(value)
        return values, at + 1
    if (quoted := _QUOTED.match(octets, start)) is not None:
        return re.sub(rb"\\(.)", rb"\1", quoted[1]), quoted.end()
    if (literal := _LITERAL.match(octets, start)) is not None:
        end = literal.end() + int(literal[1])
        return octets[literal.end() : end], end
    atom = _ATOM.match(octets, start)
    if atom is None:
        raise ValueError(f"no value at {start}: {octets[start : start + 40]!r}")
    if atom[0] == b"NIL":
        return None, atom.end()
    return (int(atom[0]) if atom[0].isdigit() else atom[0].decode("ascii")), atom.end()
