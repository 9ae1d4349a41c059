"""Measures with POP3 on a full maildrop."""

from __future__ import annotations

import time

from bench.clients import Pop3
from bench.servers import PASSWORD, user
from bench.single import BIG, BODIES, REPEATS, Ground, expect


def measure(ground: Ground) -> None:
    """Everything here; the maildrop is filled from the big mailbox of bench.single."""
    with ground.connect() as imap:
        imap.select(BIG)
        imap.run(b"COPY 1:* INBOX")
    for number in range(REPEATS + 1):
        ground.figures.add(f"POP3 login, STAT, UIDL, {'warm' if number else 'cold'}", _open(ground))
    _retrieve(ground)


def _open(ground: Ground) -> float:
    start = time.perf_counter()
    with Pop3(ground.server.pop3, user(1), PASSWORD) as pop3:
        status = pop3.run(b"STAT")
        listed = pop3.lines(b"UIDL")
        took = (time.perf_counter() - start) * 1e3
        expect("STAT", int(status.split()[1]), len(ground.bag))
        expect("UIDL", listed.count(b"\r\n") - 1, len(ground.bag))
        pop3.run(b"QUIT")
    return took


def _retrieve(ground: Ground) -> None:
    count = min(BODIES, len(ground.bag))
    size = ground.bag.total(count)
    for _ in range(3):
        with Pop3(ground.server.pop3, user(1), PASSWORD) as pop3:
            start = time.perf_counter()
            got = sum(len(pop3.lines(b"RETR %d" % number)) for number in range(1, count + 1))
            ground.figures.add("POP3 RETR of all", size / (time.perf_counter() - start) / 1e6)
            expect("all octets", int(got >= size), 1)
            pop3.run(b"QUIT")
