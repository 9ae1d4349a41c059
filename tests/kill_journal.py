"""What clients of a server were told, so that it can be held against what the server has after it was killed.

Invariants:
- A client has one change under way at a time. What the server must have afterwards is what was acknowledged, with the change under way done
  whole or not at all: `known` or `pending`.
- Every mail has a subject of its own and is sent once; after a kill nothing is sent again. So a subject that is there twice, without a copy that
  was asked for, is a duplicate of the server's.
- A UID once seen names that mail for ever, and every new one is above all that were seen in its mailbox.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import smtplib
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BufferedRWPair
from random import Random

HOST = "127.0.0.1"
SECONDS = 60  # a hang guard
SHARED = "Archive"  # a mailbox that all users of the account put mail into
FLAGS = ("\\Seen", "\\Flagged", "$Work", "$Later")
MANY = 30  # mails in a mailbox from which on some are removed
_ITEM = re.compile(rb"UID (\d+) FLAGS \(([^)]*)\)")
_GONE = (OSError, imaplib.IMAP4.abort, smtplib.SMTPServerDisconnected, EOFError)  # what a killed server looks like


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as a client knows it; `uid` is None while it is not acknowledged."""

    uid: int | None
    subject: str
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """What belongs to one user: its mailbox (None before it is made), the mails in it, and its mails in SHARED, each in the order of UIDs."""

    mailbox: str | None = None
    own: tuple[Mail, ...] = ()
    shared: tuple[Mail, ...] = ()


def octets(subject: str) -> bytes:
    """The mail of that subject; some are large."""
    size = 100_000 if subject.endswith("7") else 500
    return f"From: a@example.org\r\nSubject: {subject}\r\n\r\n".encode() + subject.encode().ljust(70, b".") * (
        size // 70
    )


def _same(found: Sequence[Mail], expected: Sequence[Mail], above: int) -> bool:
    """Whether mails are as expected, where those not acknowledged may have any UID above all that were seen."""
    return len(found) == len(expected) and all(
        mine == theirs or (theirs.uid is None and replace(theirs, uid=mine.uid) == mine and (mine.uid or 0) > above)
        for mine, theirs in zip(found, expected, strict=True)
    )


class ImapUser:
    """Changes a mailbox of its own and fills a shared one, until the server is gone."""

    def __init__(self, name: str, login: tuple[str, str], seed: int, acknowledged: Callable[[], None]) -> None:
        self._name = name
        self._login = login
        self._random = Random(f"{seed} {name}")
        self._acknowledged = acknowledged
        self._mails = 0
        self._names = 0
        self._highest = {True: 0, False: 0}  # UID seen in the own mailbox, in the shared one
        self._validity: dict[bool, bytes] = {}
        self.known = State()
        self.pending = State()

    def work(self, ports: dict[str, int]) -> None:
        """Random changes, one after the other. Raises AssertionError if one is refused."""
        with contextlib.suppress(*_GONE), self._connected(ports) as client:
            if self.known.mailbox is not None:
                self._ok(client.select(self.known.mailbox))
            while True:
                self._one(client)

    def check(self, ports: dict[str, int]) -> None:
        """Holds the server against the journal, and goes on from what it has."""
        with self._connected(ports) as client:
            found = self._found(client)
        expected = [
            state
            for state in (self.known, self.pending)
            if state.mailbox == found.mailbox
            and _same(found.own, state.own, self._highest[True])
            and _same(found.shared, state.shared, self._highest[False])
        ]
        assert expected, f"{self._name} has {found}\nand was told {self.known}\nor waits for {self.pending}"
        self._settle(found)

    @contextlib.contextmanager
    def _connected(self, ports: dict[str, int]) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4(HOST, ports["imap"], SECONDS)
        try:
            client.login(*self._login)
            yield client
        finally:
            client.shutdown()  # no LOGOUT: the server may be gone

    def _ok(self, answer: tuple[str, object]) -> None:
        assert answer[0] == "OK", answer

    def _settle(self, state: State) -> None:
        self.known = self.pending = state
        for own, mails in ((True, state.own), (False, state.shared)):
            self._highest[own] = max([self._highest[own], *(mail.uid or 0 for mail in mails)])

    def _one(self, client: imaplib.IMAP4) -> None:
        known = self.known
        if known.mailbox is None:
            self.pending = replace(known, mailbox=f"{self._name}-0")
            self._ok(client.create(f"{self._name}-0"))
            self._settle(self.pending)
            self._ok(client.select(f"{self._name}-0"))
        elif not known.own:
            self._append(client)
        else:
            changes = [self._append, self._append, self._store, self._store, self._copy, self._move, self._rename]
            if len(known.own) > MANY:
                changes += [self._delete, self._expunge] * 3
            self._random.choice(changes)(client)
        self._acknowledged()

    def _append(self, client: imaplib.IMAP4) -> None:
        self._mails += 1
        mail = Mail(None, f"{self._name}.{self._mails}", frozenset(self._random.sample(FLAGS, 1)))
        self.pending = replace(self.known, own=(*self.known.own, mail))
        self._ok(client.append(str(self.known.mailbox), f"({' '.join(mail.flags)})", "", octets(mail.subject)))
        uid = int(client.response("APPENDUID")[1][0].split()[1])
        assert uid > self._highest[True]
        self._settle(replace(self.known, own=(*self.known.own, replace(mail, uid=uid))))

    def _store(self, client: imaplib.IMAP4) -> None:
        self._flag(client, self._some(), self._random.choice(FLAGS))

    def _delete(self, client: imaplib.IMAP4) -> None:
        self._flag(client, self._some(), "\\Deleted")

    def _flag(self, client: imaplib.IMAP4, some: tuple[Mail, ...], flag: str) -> None:
        own = (replace(mail, flags=mail.flags | {flag}) if mail in some else mail for mail in self.known.own)
        self.pending = replace(self.known, own=tuple(own))
        self._ok(client.uid("STORE", _set(some), "+FLAGS", f"({flag})"))
        self._settle(self.pending)

    def _expunge(self, client: imaplib.IMAP4) -> None:
        self.pending = replace(self.known, own=tuple(mail for mail in self.known.own if "\\Deleted" not in mail.flags))
        self._ok(client.expunge())
        self._settle(self.pending)

    def _copy(self, client: imaplib.IMAP4) -> None:
        self._place(client, "COPY", self._some(), self.known.own)

    def _move(self, client: imaplib.IMAP4) -> None:
        some = self._some()
        self._place(client, "MOVE", some, tuple(mail for mail in self.known.own if mail not in some))

    def _place(self, client: imaplib.IMAP4, verb: str, some: tuple[Mail, ...], own: tuple[Mail, ...]) -> None:
        placed = tuple(replace(mail, uid=None) for mail in some)
        self.pending = replace(self.known, own=own, shared=(*self.known.shared, *placed))
        self._ok(client.uid(verb, _set(some), SHARED))
        uids = _numbers(client.response("COPYUID")[1][0].split()[2].decode())
        assert len(uids) == len(some)
        assert min(uids) > self._highest[False]
        arrived = (replace(mail, uid=uid) for mail, uid in zip(placed, uids, strict=True))
        self._settle(replace(self.pending, shared=(*self.known.shared, *arrived)))

    def _rename(self, client: imaplib.IMAP4) -> None:
        self._names += 1
        self.pending = replace(self.known, mailbox=f"{self._name}-{self._names}")
        self._ok(client.rename(str(self.known.mailbox), str(self.pending.mailbox)))
        self._settle(self.pending)
        self._ok(client.select(str(self.known.mailbox)))

    def _some(self) -> tuple[Mail, ...]:
        first = self._random.randrange(len(self.known.own))
        return self.known.own[first : first + self._random.randint(1, 4)]

    def _found(self, client: imaplib.IMAP4) -> State:
        names = [
            line.split()[-1].decode() for line in client.list('""', f"{self._name}-*")[1] if isinstance(line, bytes)
        ]
        assert len(names) <= 1, names
        own = self._mails_in(client, names[0]) if names else ()
        shared = (mail for mail in self._mails_in(client, SHARED) if mail.subject.startswith(f"{self._name}."))
        return State(names[0] if names else None, own, tuple(shared))

    def _mails_in(self, client: imaplib.IMAP4, mailbox: str) -> tuple[Mail, ...]:
        self._ok(client.select(mailbox, readonly=True))
        validity = client.response("UIDVALIDITY")[1][0]
        assert isinstance(validity, bytes)
        assert self._validity.setdefault(mailbox != SHARED, validity) == validity
        answer = client.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        self._ok(answer)
        found = []
        for item in answer[1]:
            if isinstance(item, tuple) and (row := _ITEM.search(item[0])):
                flags = frozenset(row[2].decode().split()) - {"\\Recent"}
                found.append(Mail(int(row[1]), item[1].split()[1].decode(), flags))
        return tuple(found)


class Pop3:
    """A connection that asks and hears; poplib's leaves its socket open when the server goes away at the greeting."""

    def __init__(self, lines: BufferedRWPair) -> None:
        self._lines = lines

    def ask(self, line: str) -> str:
        """The answer, which must be +OK. Raises EOFError when the server is gone."""
        self._lines.write(line.encode() + b"\r\n")
        self._lines.flush()
        return self.answer()

    def answer(self) -> str:
        """The next line. Raises EOFError."""
        line = self._lines.readline().decode()
        if not line.endswith("\n"):
            raise EOFError
        assert line.startswith("+OK"), line
        return line

    def lines(self) -> list[str]:
        """The lines of a multi-line answer. Raises EOFError."""
        found = []
        while (line := self._lines.readline().decode()) != ".\r\n":
            if not line.endswith("\n"):
                raise EOFError
            found.append(line)
        return found


class Maildrop:
    """A maildrop that LMTP fills and POP3 empties at the same time, until the server is gone."""

    def __init__(self, login: tuple[str, str], seed: int, acknowledged: Callable[[], None]) -> None:
        self._login = login
        self._random = Random(f"{seed} maildrop")
        self._acknowledged = acknowledged
        self._posted: list[str] = []  # in the order of their 250
        self._posting: str | None = None
        self._removed: set[str] = set()  # by a QUIT that was answered +OK
        self._removing: frozenset[str] = frozenset()
        self._uidls: dict[str, str] = {}
        self._mails = 0

    def post(self, ports: dict[str, int]) -> None:
        """Sends mail by LMTP, a new one each time."""
        with contextlib.suppress(*_GONE), smtplib.LMTP(HOST, ports["lmtp"], timeout=SECONDS) as client:
            while True:
                self._mails += 1
                self._posting = f"post.{self._mails}"
                client.sendmail("a@example.org", [self._login[0]], octets(self._posting))
                self._posted.append(self._posting)
                self._posting = None
                self._acknowledged()

    def take(self, ports: dict[str, int]) -> None:
        """Removes the first few mails by POP3, again and again."""
        with contextlib.suppress(*_GONE):
            while True:
                with self._opened(ports) as client:
                    numbers = range(1, min(self._random.randint(1, 4), _count(client)) + 1)
                    removing = frozenset(self._subject(client, number) for number in numbers)
                    for number in numbers:
                        client.ask(f"DELE {number}")
                    self._removing = removing
                    client.ask("QUIT")
                self._removed |= removing
                self._removing = frozenset()
                self._acknowledged()

    def check(self, ports: dict[str, int]) -> None:
        """Holds the server against the journal, and goes on from what it has."""
        with self._opened(ports) as client:
            found = [self._subject(client, number) for number in range(1, _count(client) + 1)]
        possible = [*self._posted, *([self._posting] if self._posting else [])]
        assert found == [subject for subject in possible if subject in found], "in the order of arrival, each once"
        assert not self._removed & set(found), "what was removed stays away"
        assert self._removing & set(found) in (frozenset(), self._removing), "QUIT removes all or nothing"
        lost = set(self._posted) - self._removed - self._removing - set(found)
        assert not lost, f"acknowledged and lost: {lost}"
        self._posted, self._posting = found, None
        self._removed |= self._removing
        self._removed -= set(found)
        self._removing = frozenset()

    @contextlib.contextmanager
    def _opened(self, ports: dict[str, int]) -> Iterator[Pop3]:
        with (
            socket.create_connection((HOST, ports["pop3"]), SECONDS) as connection,
            connection.makefile("rwb") as lines,
        ):
            client = Pop3(lines)
            client.answer()
            client.ask(f"USER {self._login[0]}")
            client.ask(f"PASS {self._login[1]}")
            yield client

    def _subject(self, client: Pop3, number: int) -> str:
        client.ask(f"TOP {number} 0")
        subject = next(line.split()[1] for line in client.lines() if line.startswith("Subject:"))
        uidl = client.ask(f"UIDL {number}").split()[2]
        assert self._uidls.setdefault(subject, uidl) == uidl, "a UIDL stays"
        return subject


def _count(client: Pop3) -> int:
    return int(client.ask("STAT").split()[1])


def _set(mails: Sequence[Mail]) -> str:
    return ",".join(str(mail.uid) for mail in mails)


def _numbers(uid_set: str) -> list[int]:
    found: list[int] = []
    for part in uid_set.split(","):
        first, _, last = part.partition(":")
        found.extend(range(int(first), int(last or first) + 1))
    return found
