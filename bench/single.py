"""Measures with one IMAP connection on one mailbox that holds the whole mailbag."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench import mail
from bench.clients import Imap, Refused
from bench.lines import Figures
from bench.mail import Mailbag
from bench.servers import PASSWORD, Server, user

BIG = "bench"
LIST = b"UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"
HEADERS = b"UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (From To Cc Subject Date Message-ID In-Reply-To References List-Id Content-Type)])"
REPEATS = 5  # of each warm measure, of which the median counts
SINGLES = 500  # commands on one message each
MOVED = 1_000  # messages that COPY, MOVE and EXPUNGE take at most
BODIES = 2_000  # messages that are fetched whole at most


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a measure happens and where its figures go."""

    server: Server
    bag: Mailbag
    figures: Figures

    def connect(self, account: int = 1) -> Imap:
        """A new session of an account."""
        return Imap(self.server.imap, user(account), PASSWORD)


def timed(action: Callable[[], bytes]) -> tuple[float, bytes]:
    """(milliseconds, the answer) of one action."""
    start = time.perf_counter()
    answer = action()
    return (time.perf_counter() - start) * 1e3, answer


def expect(what: str, got: int, wanted: int) -> None:
    """Raises Refused if a server did less or more than was asked: its time would say nothing."""
    if got != wanted:
        raise Refused(f"{what}: {got}, expected {wanted}")


def fetched(answer: bytes) -> int:
    """FETCH responses in an answer without literals of mail."""
    return len(re.findall(rb"^\* \d+ FETCH ", answer, re.MULTILINE))


def found(answer: bytes) -> int:
    """Numbers in a SEARCH response."""
    numbers = re.search(rb"^\* SEARCH([ \d]*)", answer, re.MULTILINE)
    return len(numbers[1].split()) if numbers else 0


def measure(ground: Ground) -> None:
    """Everything here, in the order that makes the first times of a thing really the first."""
    fill(ground)
    with ground.connect() as imap:
        ground.figures.add("SELECT, first after that", timed(lambda: imap.select(BIG))[0])
        series(ground, imap, "list FETCH", LIST, fetched, len(ground.bag))
        select(ground)
        repeat(ground, imap, "FETCH FLAGS of all", b"UID FETCH 1:* (FLAGS)")
        series(ground, imap, "header fields", HEADERS, fetched, len(ground.bag))
        bodies(ground, imap)
        part(ground, imap)
        search(ground, imap)
        store(ground, imap)
        copy_and_move(ground, imap)


def fill(ground: Ground) -> None:
    """The whole mailbag by APPEND, one message after the other's OK."""
    with ground.connect() as imap:
        imap.fresh(BIG)
        start = time.perf_counter()
        for number, message in enumerate(ground.bag):
            date = mail.date(number).strftime('"%d-%b-%Y %H:%M:%S +0000"')
            imap.append(BIG, message, mail.flags(number), date)
        ground.figures.add("APPEND one after another", len(ground.bag) / (time.perf_counter() - start))
        expect("messages after APPEND", imap.count(BIG), len(ground.bag))


def series(ground: Ground, imap: Imap, name: str, command: bytes, count: Callable[[bytes], int], wanted: int) -> None:
    """A command once as `name, cold`, then REPEATS times as `name, warm`, each answer counted outside the clock."""
    for number in range(REPEATS + 1):
        took, answer = timed(lambda: imap.run(command))
        expect(name, count(answer), wanted)
        ground.figures.add(f"{name}, {'warm' if number else 'cold'}", took)


def repeat(ground: Ground, imap: Imap, name: str, command: bytes) -> None:
    """A command REPEATS times."""
    for _ in range(REPEATS):
        ground.figures.add(name, timed(lambda: imap.run(command))[0])


def select(ground: Ground) -> None:
    """SELECT, each time in a new session."""
    for _ in range(REPEATS * 2):
        with ground.connect() as imap:
            took, answer = timed(lambda: imap.select(BIG))
            expect("EXISTS", int(b"* %d EXISTS" % len(ground.bag) in answer), 1)
            ground.figures.add("SELECT", took)


def bodies(ground: Ground, imap: Imap) -> None:
    """Whole messages, streamed."""
    count = min(BODIES, len(ground.bag))
    size = ground.bag.total(count)
    for _ in range(3):
        start = time.perf_counter()
        got = imap.drain(b"FETCH 1:%d BODY.PEEK[]" % count)
        ground.figures.add("BODY.PEEK[] of all", size / (time.perf_counter() - start) / 1e6)
        expect("all octets", int(got > size), 1)


def part(ground: Ground, imap: Imap) -> None:
    """The first part of messages here and there."""
    rng = random.Random(5)
    for _ in range(SINGLES):
        command = b"FETCH %d (BODY.PEEK[1])" % rng.randint(1, len(ground.bag))
        ground.figures.add("BODY.PEEK[1] of one", timed(lambda: imap.run(command))[0])  # noqa: B023 (called at once)


def search(ground: Ground, imap: Imap) -> None:
    """By subject, by body, by flag."""
    numbers = range(len(ground.bag))
    quarterly, rare = sum(map(mail.is_quarterly, numbers)), sum(map(mail.is_rare, numbers))
    series(ground, imap, "SEARCH SUBJECT", b"UID SEARCH SUBJECT " + mail.SUBJECT_WORD.encode(), found, quarterly)
    series(ground, imap, "SEARCH BODY", b"UID SEARCH BODY " + mail.RARE_WORD.encode(), found, rare)
    repeat(ground, imap, "SEARCH UNSEEN", b"UID SEARCH UNSEEN")


def store(ground: Ground, imap: Imap) -> None:
    """A flag on all messages, and on one after the other."""
    for _ in range(3):
        imap.run(b"UID STORE 1:* -FLAGS.SILENT (\\Seen)")
        took, answer = timed(lambda: imap.run(b"UID STORE 1:* +FLAGS (\\Seen)"))
        expect("STORE", fetched(answer), len(ground.bag))
        ground.figures.add("STORE of all", took)
    start = time.perf_counter()
    for number in range(SINGLES):
        sign = b"-" if number % 2 else b"+"
        imap.run(b"STORE %d %bFLAGS (\\Flagged)" % (number * 7 % len(ground.bag) + 1, sign))
    ground.figures.add("STORE of one", SINGLES / (time.perf_counter() - start))


def copy_and_move(ground: Ground, imap: Imap) -> None:
    """COPY, MOVE (RFC 6851) and EXPUNGE of MOVED messages."""
    count = min(MOVED, len(ground.bag))
    for _ in range(3):
        imap.select(BIG)
        imap.fresh("copied")
        imap.fresh("moved")
        ground.figures.add("COPY", timed(lambda: imap.run(b"COPY 1:%d copied" % count))[0])
        imap.select("copied")
        ground.figures.add("MOVE", timed(lambda: imap.run(b"MOVE 1:* moved"))[0])
        expect("moved", imap.count("moved"), count)
        imap.select("moved")
        imap.run(b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
        ground.figures.add("EXPUNGE", timed(lambda: imap.run(b"EXPUNGE"))[0])
        expect("left after EXPUNGE", imap.count("moved"), 0)
