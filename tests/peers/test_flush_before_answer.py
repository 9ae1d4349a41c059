"""Nothing is acknowledged before it is flushed: the system calls of a server in the order in which it made them, by strace (design §2, rule 12).

Each answer that acknowledges a change is looked for in what the server sent; at that moment no store file may hold an unflushed write, and no new
file or folder may stand in a folder that was not flushed since.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from demo_process import BUSTIA, Demo, demo
from need import need
from system_calls import COMMAND, Sent, sends

UNFLUSHED = (str(Path(__file__).parent.parent / "unflushed_bustia.py"),)
MAIL = b"From: a@example.org\r\nSubject: one\r\n\r\ntext\r\n"
IMAP = [
    b'login LOGIN u1@bench.test "secret"',
    b"append APPEND INBOX {%d+}\r\n%s" % (len(MAIL), MAIL),
    b"large APPEND INBOX {%d+}\r\n%s" % (len(MAIL) + 400_000, MAIL + b"a line of text\r\n" * 25_000),
    b"create CREATE Work",
    b"select SELECT INBOX",
    b"store STORE 1 +FLAGS (\\Seen $Work)",
    b"copy COPY 1 Work",
    b"move MOVE 1 Work",
    b"rename RENAME Work Play",
    b"subscribe SUBSCRIBE Play",
    b"delete DELETE Play",
    b"deleted STORE 1 +FLAGS (\\Deleted)",
    b"expunge EXPUNGE",
    b"logout LOGOUT",
]
LMTP = [b"LHLO a", b"MAIL FROM:<a@example.org>", b"RCPT TO:<u1@bench.test>", b"DATA", MAIL + b".", b"QUIT"]
POP3 = [b"USER u1@bench.test", b"PASS secret", b"DELE 1", b"QUIT"]
ANSWERS = {
    "APPEND": r'"append OK',
    "APPEND of much": r'"large OK',
    "CREATE": r'"create OK',
    "STORE": r"store OK",
    "COPY": r"copy OK",
    "MOVE": r"move OK",
    "RENAME": r"rename OK",
    "SUBSCRIBE": r"subscribe OK",
    "DELETE": r"delete OK",
    "EXPUNGE": r"expunge OK",
    "LMTP": r'"250 2\.1\.5 <u1@bench\.test> delivered',
    "QUIT": r'"\+OK Goodbye',
}


def talk(port: int, lines: Sequence[bytes], end: bytes) -> None:
    """Sends each line when the one before has been answered; `end` is what an answer's last line matches."""
    last_line = re.compile(end)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection, connection.makefile("rb") as answers:
        answers.readline()
        for line in lines:
            connection.sendall(line + b"\r\n")
            while not last_line.match(answers.readline()):
                pass


def change_everything(server: Demo) -> None:
    """Every way to change the store, one after the other."""
    talk(server.ports["imap"], IMAP, rb"[a-z]+ (OK|NO|BAD) ")
    talk(server.ports["lmtp"], LMTP, rb"[0-9]{3} ")
    talk(server.ports["pop3"], POP3, rb"[+-]")


def traced(tmp_path: Path, program: Sequence[str]) -> list[Sent]:
    """What such a server sent."""
    need("strace", "strace")
    trace = tmp_path / "trace"
    root = tmp_path / "new" / "store"
    arguments = ("--empty", "--accounts", "1", "--password", "secret")
    with demo(root, *arguments, under=(*COMMAND, "-o", str(trace)), program=program) as server:
        change_everything(server)
    durable = rf"^{re.escape(str(tmp_path))}/new(/store(/accounts(/1(/mail\.db(-wal|-journal)?)?)?|/directory\.db(-wal|-journal)?)?)?$"
    return list(sends(trace, durable))


def acknowledged(sent: list[Sent]) -> dict[str, tuple[frozenset[str], bool]]:
    """For each kind of change: what was not flushed when its answer left, and whether anything was flushed since the answer before."""
    found = {}
    for before, now in zip([Sent("", frozenset(), 0), *sent], sent, strict=False):
        for change, answer in ANSWERS.items():
            if change not in found and re.search(answer, now.text):
                found[change] = (now.unflushed, now.flushes > before.flushes)
    return found


def test_every_change_is_flushed_before_its_answer_leaves(tmp_path: Path) -> None:
    found = acknowledged(traced(tmp_path, BUSTIA))
    assert found == dict.fromkeys(ANSWERS, (frozenset(), True))


def test_a_server_that_does_not_flush_is_found_out(tmp_path: Path) -> None:
    found = acknowledged(traced(tmp_path, UNFLUSHED))
    assert found.keys() == ANSWERS.keys()
    assert {change for change, (unflushed, _) in found.items() if unflushed} == ANSWERS.keys()


@pytest.mark.parametrize("order", [("write", "send", "flush"), ("write", "flush", "send")])
def test_the_trace_is_read_in_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    lines = {
        "write": '7 pwrite64(5</r/mail.db-wal>, "x", 1, 0) = 1',
        "flush": '7 fdatasync(5</r/mail.db-wal> <unfinished ...>\n8 write(1</dev/null>, "", 0) = 0\n7 <... fdatasync resumed>) = 0',
        "send": '8 write(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "a OK", 4) = 4',
    }
    (tmp_path / "trace").write_text("\n".join(lines[step] for step in order))
    (sent,) = sends(tmp_path / "trace", "mail.db")
    assert bool(sent.unflushed) == (order[1] == "send")
