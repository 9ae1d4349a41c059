"""A client that believes what it is told and nothing else: the mailbox as untagged responses alone describe it (threats B6).

Invariants, each asserted as responses come:
- EXPUNGE names a message that is there, and comes in no answer to FETCH, STORE or SEARCH (RFC 9051 §7.5.1); EXISTS never shrinks the mailbox (§7.4.1).
- A message keeps its UID at its place, UIDs rise with the places, and no UID comes again after its message went (§2.3.1.1).
- A message's modseq never falls (RFC 7162 §3.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pair import Client

_NUMBERED = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE|FETCH)(?: \((.*)\))?", re.DOTALL)
_UID = re.compile(rb"UID (\d+)")
_FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
_MODSEQ = re.compile(rb"MODSEQ \((\d+)\)")
_HOLDS_EXPUNGE = (b"FETCH", b"STORE", b"SEARCH")  # not their UID forms


@dataclass(slots=True)
class Seen:
    """A message as far as its client knows it."""

    uid: int = 0  # 0 is not told yet
    flags: frozenset[bytes] | None = None
    modseq: int = 0


class Tracker:
    """One session in one mailbox."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name
        self._gone: set[int] = set()
        self.messages: list[Seen] = []

    async def ask(self, command: str) -> bytes:
        """Sends a command and takes in its answer; the tagged line."""
        untagged, tagged = await self._client.command(command)
        for response in untagged:
            self.take(response, expunge_allowed=not command.encode().startswith(_HOLDS_EXPUNGE))
        return tagged

    async def select(self, mailbox: str) -> None:
        """Opens the mailbox and learns all of it."""
        self.messages = []
        await self.ask(f"SELECT {mailbox} (CONDSTORE)")
        await self.ask("UID FETCH 1:* (UID FLAGS MODSEQ)")

    def take(self, response: bytes, *, expunge_allowed: bool) -> None:
        """Takes in an untagged response."""
        found = _NUMBERED.match(response)
        if found is None:
            return
        number = int(found[1])
        match found[2]:
            case b"EXISTS":
                assert number >= len(self.messages), (self._name, response, len(self.messages))
                self.messages += [Seen() for _ in range(number - len(self.messages))]
            case b"EXPUNGE":
                assert expunge_allowed, (self._name, response)
                assert 1 <= number <= len(self.messages), (self._name, response, len(self.messages))
                self._gone.add(self.messages.pop(number - 1).uid)
            case _:
                assert 1 <= number <= len(self.messages), (self._name, response, len(self.messages))
                self._learn(number - 1, found[3])

    def _learn(self, place: int, items: bytes) -> None:
        message = self.messages[place]
        if told := _UID.search(items):
            uid = int(told[1])
            assert message.uid in (0, uid), (self._name, "another UID at", place + 1, message, items)
            assert uid not in self._gone, (self._name, "a UID that went came again", items)
            message.uid = uid
            known = [other.uid for other in self.messages[max(0, place - 1) : place + 2] if other.uid]
            assert known == sorted(set(known)), (self._name, "UIDs do not rise", known)
        before = message.modseq
        modseq = int(told[1]) if (told := _MODSEQ.search(items)) else message.modseq
        assert modseq >= before, (self._name, "a modseq fell", message, items)
        message.modseq = modseq
        if told := _FLAGS.search(items):
            message.flags = frozenset(told[1].split()) - {b"\\Recent"}
        elif modseq > before:
            message.flags = None  # a silent STORE of our own: its modseq is told, its flags are not (RFC 7162 §3.1.3)
