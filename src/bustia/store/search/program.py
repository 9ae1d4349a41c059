"""A search key as a flat program: leaves, and joins that stand after what they join.

Invariant: compiling and running use no recursion, so that a key of any depth costs memory and never the stack (the protocol bounds the depth besides).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import and_, or_
from typing import TypeAlias, assert_never

from bustia.model import search_key
from bustia.model.search_key import (
    All,
    And,
    DateIs,
    HasFlag,
    HasHeader,
    HasText,
    ModSeqSince,
    Not,
    Or,
    Recent,
    SearchKey,
    SizeIs,
    UIDs,
    WithinSeconds,
)

Leaf: TypeAlias = All | HasFlag | HasText | HasHeader | DateIs | WithinSeconds | SizeIs | ModSeqSince | UIDs


class Junction(Enum):
    """How the sets before it are joined."""

    AND = "and"
    OR = "or"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Join:
    """Joins the last `count` sets into one."""

    junction: Junction
    count: int


Program: TypeAlias = list[Leaf | Join]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of a set of positions: all of `sure` are in it, none outside `possible` is; `sure` is within `possible`."""

    sure: int
    possible: int


def compiled(key: SearchKey) -> Program:
    """The program of a key. Raises ValueError for keys that only a session can resolve (`Recent`, `Sequence`)."""
    program: Program = []
    waiting: list[SearchKey] = [key]
    while waiting:
        one = waiting.pop()
        match one:
            case And(keys):
                program.append(Join(Junction.AND, len(keys)))
                waiting.extend(keys)
            case Or(left, right):
                program.append(Join(Junction.OR, 2))
                waiting += (left, right)
            case Not(inner):
                program.append(Join(Junction.NOT, 1))
                waiting.append(inner)
            case Recent() | search_key.Sequence():
                raise ValueError(f"the session resolves {type(one).__name__} before the store searches")
            case _:
                program.append(one)
    program.reverse()
    return program


def run(program: Program, known: Mapping[Leaf, Bounds], everything: int) -> Bounds:
    """Bounds of the whole program, from those of its leaves; `everything` is the set of all positions."""
    stack: list[Bounds] = []
    for step in program:
        if not isinstance(step, Join):
            stack.append(known[step])
            continue
        joined = stack[len(stack) - step.count :]
        del stack[len(stack) - step.count :]
        stack.append(_joined(step.junction, joined, everything))
    return stack.pop()


def _joined(junction: Junction, sets: Sequence[Bounds], everything: int) -> Bounds:
    """Bounds of sets joined; no set at all is everything for AND."""
    match junction:
        case Junction.AND:
            return Bounds(
                _all(everything, (one.sure for one in sets)), _all(everything, (one.possible for one in sets))
            )
        case Junction.OR:
            return Bounds(reduce(or_, (one.sure for one in sets)), reduce(or_, (one.possible for one in sets)))
        case Junction.NOT:
            return Bounds(everything & ~sets[0].possible, everything & ~sets[0].sure)
        case _:
            assert_never(junction)


def _all(everything: int, sets: Iterable[int]) -> int:
    return reduce(and_, sets, everything)
