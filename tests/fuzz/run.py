"""`python tests/fuzz/run.py [--inputs N] [--seed S] [--input FILE] [target…]`: made-up input for each fuzz_*.py beside it.

A target is a module with `check(data: bytes) -> None`, whose invariant stands in one sentence at the file's head and which
raises where the invariant breaks; `seeds() -> list[bytes]` may give good input to start from, and `INPUTS` how many inputs
it gets when nobody says.

Invariants:
- Input `index` of a target depends on the seed, the target's name and the index alone, so that each failure can be made
  again.
- One input has SECONDS of processor time; more is a failure like any other, also in an endless loop.
- The first failing input of a target ends that target's run and is kept as a file.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

HERE = Path(__file__).resolve().parent
KEPT = HERE.parents[1] / "fuzz-failures"
INPUTS = 20_000  # inputs a target gets by default; about a minute for the slowest
SECONDS = 1.0  # of processor time for one input; the bar of the corpus is the same
LONGEST = 1 << 16  # octets of a made-up input; length itself is attacked by tests of its own, with ratios
SLICE = 5_000  # inputs that one process takes at a time
# What mail grammars branch on: a mutation drops these in.
TOKENS = [
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b'"',
        b"\\",
        b"(",
        b")",
        b"{3}\r\n",
        b"{3+}\r\n",
        b"~{9}\r\n",
        b"[",
        b"]",
    ),
    *(
        b"<",
        b">",
        b":",
        b";",
        b",",
        b"=",
        b"*",
        b"%",
        b"&",
        b"&-",
        b"+",
        b"--",
        b".",
        b"..\r\n",
        b"\r\n.\r\n",
        b"\r\n\r\n",
    ),
    *(
        b"NIL",
        b"1:*",
        b"4294967295",
        b"4294967296",
        b"0",
        b"-1",
        b"99999999999999999999",
        b"$",
        b"\xff",
        b"\xc3\xa9",
        b"\xed\xa0\x80",
    ),
    *(
        b"BODY[",
        b"UID ",
        b"=?utf-8?q?=41?=",
        b"=?x?b?",
        b"Content-Type: multipart/mixed; boundary=x\r\n",
        b"--x\r\n",
        b"--x--\r\n",
    ),
]


class TooSlow(BaseException):
    """The input used up its processor time; a BaseException, so that no `except Exception` in the code tested eats it."""


@dataclass(frozen=True, slots=True)
class Target:
    """One module of tests/fuzz, loaded."""

    name: str
    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    inputs: int


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that broke a target's invariant; `text` is the stack."""

    target: str
    index: int
    data: bytes
    text: str


def names() -> list[str]:
    """The targets that exist: `message` is tests/fuzz/fuzz_message.py."""
    return sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.py"))


def load(name: str) -> Target:
    """The target of that name. Raises FileNotFoundError if there is none."""
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", HERE / f"fuzz_{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    seeds = tuple(module.seeds()) if hasattr(module, "seeds") else ()
    return Target(name, module.check, seeds, getattr(module, "INPUTS", INPUTS))


def made_up(target: str, seeds: tuple[bytes, ...], seed: int, index: int) -> bytes:
    """Input `index` of a target: first the seeds as they are, then noise, tokens, mutated seeds and spliced seeds."""
    if index < len(seeds):
        return seeds[index]
    rng = random.Random(f"{seed}/{target}/{index}")
    kind = rng.randrange(8)
    if kind == 0 or (not seeds and kind < 3):
        return rng.randbytes(int(2 ** rng.uniform(0, 12)))
    if kind == 1 or not seeds:
        return b"".join(rng.choices(TOKENS, k=rng.randint(1, 60)))
    data = bytearray(rng.choice(seeds))
    if kind in (2, 3):
        other = rng.choice(seeds)
        data[rng.randint(0, len(data)) :] = other[rng.randint(0, len(other)) :]
    for _ in range(int(2 ** rng.uniform(0, 4))):
        mutate(data, rng)
    return bytes(data[:LONGEST])


def mutate(data: bytearray, rng: random.Random) -> None:
    """Change `data` in one place: an octet, a bit, a token more, a piece less, twice, many times or elsewhere."""
    start = rng.randint(0, len(data))
    end = min(len(data), start + int(2 ** rng.uniform(0, 8)))
    match rng.randrange(7):
        case 0:
            data[start:start] = rng.choice(TOKENS)
        case 1:
            data[start:end] = rng.choice(TOKENS)
        case 2:
            del data[start:end]
        case 3:
            data[start:start] = data[start:end] * (rng.choice((1, 1, 2, 50)) if len(data) < LONGEST else 1)
        case 4:
            piece = data[start:end]
            del data[start:end]
            where = rng.randint(0, len(data))
            data[where:where] = piece
        case 5:
            data[start : start + 1] = rng.randbytes(1)
        case _:
            if start < len(data):
                data[start] ^= 1 << rng.randrange(8)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooSlow inside the block once this process has worked `seconds` on it (waiting does not count).

    The timer goes on ringing: an exception that falls into a finalizer is swallowed there, and the next one gets through.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def attempt(target: Target, index: int, data: bytes) -> Failure | None:
    """Give `data` to the target; the failure, if it is one."""
    try:
        with limited(SECONDS):
            target.check(data)
    except (Exception, TooSlow):
        return Failure(target.name, index, data, traceback.format_exc())
    return None


def attack(target: Target, seed: int, indexes: range) -> Failure | None:
    """Give the target its inputs of these indexes; the first failure, or None."""
    for index in indexes:
        failure = attempt(target, index, made_up(target.name, target.seeds, seed, index))
        if failure is not None:
            return failure
    return None


def _attack_slice(name: str, seed: int, indexes: range) -> Failure | None:
    return attack(load(name), seed, indexes)


def attack_in_parallel(target: Target, seed: int, inputs: int) -> Failure | None:
    """As `attack`, on all processors; of several failures the one with the lowest index."""
    slices = [range(start, min(inputs, start + SLICE)) for start in range(0, inputs, SLICE)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for failure in pool.map(_attack_slice, [target.name] * len(slices), [seed] * len(slices), slices):
            if failure is not None:
                pool.shutdown(cancel_futures=True)
                return failure
    return None


def report(failure: Failure) -> None:
    """Keep the failing input as a file and say how to give it again."""
    KEPT.mkdir(exist_ok=True)
    path = KEPT / f"{failure.target}-{failure.index}.bin"
    path.write_bytes(failure.data)
    print(f"{failure.text}{failure.target}: input {failure.index} fails; again with --input {path} {failure.target}")


def main(arguments: list[str]) -> int:
    """Run the targets named in `arguments`, all if none is; the exit status."""
    parser = argparse.ArgumentParser(description="Feed made-up input to the targets of tests/fuzz.")
    parser.add_argument(
        "--inputs", type=int, help=f"inputs a target (default: the target's own number, else {INPUTS:,})"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other inputs (default 1)")
    parser.add_argument("--input", type=Path, metavar="FILE", help="give this one input instead of made-up ones")
    parser.add_argument("target", nargs="*", help=f"of: {' '.join(names())}")
    options = parser.parse_args(arguments)
    for name in options.target:
        if name not in names():
            parser.error(f"no target {name}; there are {' '.join(names())}")
    sys.path[:0] = [str(HERE.parents[1] / "src"), str(HERE.parent)]
    failed = 0
    for name in options.target or names():
        target = load(name)
        started = time.monotonic()
        if options.input:
            inputs, failure = 1, attempt(target, 0, options.input.read_bytes())
        else:
            inputs = options.inputs or target.inputs
            failure = attack_in_parallel(target, options.seed, inputs)
        if failure is not None:
            failed += 1
            report(failure)
        else:
            print(f"{name}: {inputs:,} inputs in {time.monotonic() - started:.1f} s, no failure", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
