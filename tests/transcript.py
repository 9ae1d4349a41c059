"""Runs a transcript: a text of what clients send and what the server must say.

    # a comment
    LIMIT1 10240 7             the account of all clients may have so many octets and messages
    OPEN1                      connects client 1; OPEN1 far: from another machine; its greeting is the next response
    LOGIN1                     connects client 1 and logs it in
    C1: a SELECT INBOX         client 1 sends this line; `$MAIL2` is a literal that does not wait, with the small message number 2
    S1: * ... EXISTS           client 1 is told this; `...` stands for anything
    N1: * ... EXPUNGE          of what client 1 was told since its last C line, nothing is like this
    TLS1                       client 1 begins the handshake
    END1                       the server closes client 1's connection

Invariants: untagged responses that no `S` line names are passed over, for a server may always say more; a tagged line or a continuation is
never passed over. The order of `S` lines is the order of the wire.
"""

from __future__ import annotations

import re
import ssl
from pathlib import Path

from pair import PASSWORD, USER, Client, Server, mail

_STEP = re.compile(r"(LIMIT|OPEN|LOGIN|C|S|N|TLS|END)([0-9])(?::? ?(.*))?\Z")


def expression(pattern: str) -> re.Pattern[bytes]:
    """A pattern of a transcript as a regular expression on one response without its line end."""
    return re.compile(b".*".join(re.escape(part.encode()) for part in pattern.split("...")), re.DOTALL)


class Transcript:
    """One run of one transcript against a server."""

    def __init__(self, path: Path, server: Server) -> None:
        self._path = path
        self._server = server
        self._clients: dict[str, Client] = {}
        self._said: dict[str, list[bytes]] = {}  # since the last C line, by client

    async def run(self) -> int:
        """Runs all steps; returns how many responses were asked for. Raises AssertionError with file and line."""
        asked = 0
        for number, line in enumerate(self._path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            found = _STEP.match(line)
            assert found is not None, f"{self._path.name}:{number}: not a step: {line}"
            verb, who, text = found[1], found[2], found[3] or ""
            try:
                await self._step(verb, who, text)
            except (AssertionError, EOFError, TimeoutError) as error:
                raise AssertionError(f"{self._path.name}:{number}: {line}\n{error!r}") from error
            asked += verb == "S"
        return asked

    async def _step(self, verb: str, who: str, text: str) -> None:
        match verb:
            case "LIMIT":
                octets, messages = map(int, text.split())
                await self._server.account.write(lambda txn: txn.set_quota(octets, messages))
            case "OPEN":
                self._clients[who] = self._server.connect(who, host="192.0.2.7" if text == "far" else "127.0.0.1")
                self._said[who] = []
            case "LOGIN":
                self._clients[who] = await self._server.client(f"login{who}-")
                self._said[who] = []
            case "C":
                self._said[who] = []
                self._clients[who].send(_expanded(text) + b"\r\n")
            case "S":
                await self._expect(who, expression(text))
            case "N":
                unwanted = expression(text)
                assert not [line for line in self._said[who] if unwanted.fullmatch(line)]
            case "TLS":
                await self._clients[who].stream.start_tls(ssl.create_default_context(), "server.example.org")
            case "END":
                left = await self._clients[who].closed()
                assert not left, left

    async def _expect(self, who: str, wanted: re.Pattern[bytes]) -> None:
        while True:
            response = (await self._clients[who].response()).removesuffix(b"\r\n")
            untagged = response.startswith(b"* ")
            if untagged:
                self._said[who].append(response)
            if wanted.fullmatch(response):
                return
            assert untagged, f"the server said {response!r} instead; before that {self._said[who]!r}"


def _expanded(text: str) -> bytes:
    octets = text.replace("$USER", USER).replace("$PASSWORD", PASSWORD).encode()

    def literal(found: re.Match[bytes]) -> bytes:
        message = mail(int(found[1]))
        return b"{%d+}\r\n%b" % (len(message), message)

    return re.sub(rb"\$MAIL([0-9]+)", literal, octets).replace(b"\\r\\n", b"\r\n")
