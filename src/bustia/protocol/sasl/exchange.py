"""The server's side of password mechanisms: challenges out, responses in, credentials at the end. Octets here are already decoded.

Invariants
- An exchange ends with `Credentials` or with ValueError; no response is taken after that.
- Credentials are valid UTF-8 without NUL, identity and password are not empty; nothing is prepared or compared here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MAX_RESPONSE = 12_288  # octets of one response in base64 (RFC 4954 §4); PLAIN's three strings of 255 octets need 1,024


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who proves to be `identity` by `password`, to act as `authorization` ("": as themselves) (RFC 4616 §2)."""

    identity: str
    password: str
    authorization: str = ""

    def __post_init__(self) -> None:
        if not self.identity or not self.password or "\0" in self.identity + self.password + self.authorization:
            raise ValueError("an identity and a password are needed, without NUL")

    @property
    def acts_for_another(self) -> bool:
        """True if the identity asks to act as another one."""
        return self.authorization not in ("", self.identity)


class Exchange(Protocol):
    """One authentication under way at the server."""

    client_first: bool  # whether the client may say something before it is asked (RFC 4422 §3.3)

    def first(self) -> bytes:
        """The challenge that is sent when the client gave no initial response."""
        ...

    def step(self, response: bytes) -> bytes | Credentials:
        """What follows a response: another challenge, or the credentials. Raises ValueError for a response out of grammar."""
        ...


def parse_plain(message: bytes) -> Credentials:
    """The message of PLAIN (RFC 4616 §2). Raises ValueError.

    message = [authzid] UTF8NUL authcid UTF8NUL passwd
    """
    parts = message.split(b"\0")
    if len(parts) != 3:
        raise ValueError("PLAIN has three strings with NUL between them")
    authorization, identity, password = (part.decode() for part in parts)
    return Credentials(identity, password, authorization)


def write_plain(credentials: Credentials) -> bytes:
    """The message of PLAIN, as a client sends it."""
    return "\0".join((credentials.authorization, credentials.identity, credentials.password)).encode()


class Plain:
    """PLAIN (RFC 4616): one message from the client, after an empty challenge."""

    client_first = True

    def first(self) -> bytes:
        return b""

    def step(self, response: bytes) -> bytes | Credentials:
        return parse_plain(response)


class Login:
    """LOGIN, of many old clients: the identity, then the password, each asked for (draft-murchison-sasl-login-00 §2)."""

    client_first = False

    def __init__(self) -> None:
        self._identity: str | None = None

    def first(self) -> bytes:
        return b"Username:"

    def step(self, response: bytes) -> bytes | Credentials:
        if self._identity is None:
            self._identity = response.decode()
            return b"Password:"
        return Credentials(self._identity, response.decode())


MECHANISMS: dict[bytes, type[Plain | Login]] = {b"PLAIN": Plain, b"LOGIN": Login}
"""What a server may offer, by the wire's upper-case name, best first."""
