"""The octets of messages as POP3 sends them: in slices, with CRLF line ends, read a little ahead.

Invariants
- At most AHEAD octets and one slice are held for a session; a big message is never whole in memory.
- The slices of a message together are `message.pop3_form` of its stored octets.
- Who fetches message after message, pipelined or not, finds the next ones read by the same visit to the store.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bustia.model.reason import Reason, Refused
from bustia.server.pop3.maildrop import Maildrop
from bustia.store.api import Account, ReadTxn

SLICE = 262_144  # octets read at once; a frame of the store, so that each is opened once
AHEAD = 524_288  # octets of the following messages that may wait; a visit to the store costs as much as sending 50,000 octets
AHEAD_MESSAGES = 64  # of them at most; small ones are cheap to fetch again

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class LineEnds:
    """Turns bare CR and LF into CRLF, slice by slice, and ends the text with one (RFC 1939 §3; design §2, rule 3)."""

    __slots__ = ("_held", "_last")

    def __init__(self) -> None:
        self._held = False  # a CR at the end of the last slice, whose LF may come
        self._last = b""  # the last octet given out

    def feed(self, octets: bytes) -> bytes:
        """The next octets with whole line ends."""
        if self._held:
            octets = b"\r" + octets
        self._held = octets.endswith(b"\r")
        if self._held:
            octets = octets[:-1]
        pairs = octets.count(b"\r\n")
        if octets.count(b"\n") != pairs or octets.count(b"\r") != pairs:
            octets = _BARE.sub(b"\r\n", octets)
        self._last = octets[-1:] or self._last
        return octets

    def finish(self) -> bytes:
        """What is missing at the end."""
        return b"\r\n" if self._held or self._last != b"\n" else b""


class Contents:
    """Reads the messages of one maildrop."""

    __slots__ = ("_account", "_ahead", "_maildrop", "_previous")

    def __init__(self, account: Account, maildrop: Maildrop) -> None:
        self._account = account
        self._maildrop = maildrop
        self._ahead: dict[int, bytes] = {}  # the following messages, whole or their first slice
        self._previous = 0

    async def slices(self, number: int) -> AsyncIterator[bytes]:
        """The message in the form that is sent, piece by piece.

        Raises Refused before the first piece when the octets are gone, ConnectionAbortedError when they end in the middle.
        """
        size = self._maildrop.stored_size(number)
        octets = await self._begin(number)
        if self._maildrop.size(number) == size:  # line ends only ever add octets, so there is nothing to turn
            yield octets
            async for piece in self._rest(number, len(octets), size):
                yield piece
            return
        ends = LineEnds()
        yield ends.feed(octets)
        async for piece in self._rest(number, len(octets), size):
            yield ends.feed(piece)
        yield ends.finish()

    async def top(self, number: int, lines: int) -> AsyncIterator[bytes]:
        """The header, the empty line and so many lines of the body (RFC 1939 §7). Raises as `slices` does."""
        header = self._maildrop.header_size(number)
        size = self._maildrop.stored_size(number)
        octets = await self._begin(number)
        ends = LineEnds()
        at = 0
        while at < size:
            if at < header:
                part = octets[: header - at]
                yield ends.feed(part)
                at, octets = at + len(part), octets[len(part) :]
            if at == size:
                break  # a header that no empty line ends may lack its line end
            if at >= header:
                text, lines = _first_lines(ends.feed(octets), lines)
                yield text
                if not lines:
                    return
                at += len(octets)
            if at < size:
                octets = await self._read(number, at, min(at + SLICE, size))
        yield ends.finish()

    async def _rest(self, number: int, start: int, size: int) -> AsyncIterator[bytes]:
        while start < size:
            octets = await self._read(number, start, min(start + SLICE, size))
            start += len(octets)
            yield octets

    async def _begin(self, number: int) -> bytes:
        """The first slice, which may have been read ahead. Raises Refused(DAMAGED) when the octets are gone."""
        if number not in self._ahead:
            await self._load(number)
        self._previous = number
        octets = self._ahead.pop(number, None)
        if octets is None:
            raise Refused(Reason.DAMAGED, "The octets of this message are gone")
        return octets

    async def _load(self, number: int) -> None:
        maildrop = self._maildrop
        numbers = [number]
        if number == self._previous + 1:
            room = AHEAD
            for following in range(number + 1, min(number + AHEAD_MESSAGES, len(maildrop)) + 1):
                room -= min(SLICE, maildrop.stored_size(following))
                if room < 0:
                    break
                numbers.append(following)
        mails = {one: maildrop.mail(one) for one in numbers}

        def read(txn: ReadTxn) -> dict[int, bytes]:
            contents = txn.contents(list(mails.values()))
            return {one: contents[mail].read(0, SLICE) for one, mail in mails.items() if mail in contents}

        self._ahead = await self._account.read(read, heavy=True)

    async def _read(self, number: int, start: int, end: int) -> bytes:
        mail = self._maildrop.mail(number)

        def read(txn: ReadTxn) -> bytes:
            content = txn.contents([mail]).get(mail)
            return b"" if content is None else content.read(start, end)

        octets = await self._account.read(read, heavy=True)
        if not octets:
            raise ConnectionAbortedError(f"message {number} ended at octet {start}")
        return octets


def _first_lines(text: bytes, lines: int) -> tuple[bytes, int]:
    """The first `lines` lines of a text with whole line ends, and how many are still to come."""
    end = 0
    while lines:
        feed = text.find(b"\n", end)
        if feed < 0:
            return text, lines
        end = feed + 1
        lines -= 1
    return text[:end], 0
