"""What an operator may choose about serving; filled by `config`, handed down whole. Each default says why."""

from __future__ import annotations

from dataclasses import dataclass, field

from bustia.net.stream import StreamLimits


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """The cost of a password and who may use one."""

    plain_without_tls: bool = False  # allow passwords in the clear also from other machines (RFC 8314 §4.1 says not to)
    memory_kib: int = 19_456  # argon2id, memory of one check; with `passes` 2 and one lane the least that OWASP advises
    passes: int = 2  # argon2id, iterations: about 20 ms a check together with `memory_kib`
    workers: int = 2  # checks at once; each takes a core and `memory_kib`
    waiting: int = 200  # checks that may wait for a worker; more are told to come back (threats D3)
    remembered_seconds: float = 300.0  # how long a right password is known again without a check
    remembered: int = 10_000  # passwords that are known again; 200 octets each


@dataclass(frozen=True, slots=True)
class ListenerLimits:
    """How many connections one listener keeps, and how long they may take to end."""

    connections: int = 20_000  # of one protocol in this process; each idle one costs about 10 KiB
    per_address: int = (
        50  # from one address; loopback is exempt, for proxies and web mail come from there (threats C4: mox 30)
    )
    ending_seconds: float = 5.0  # from the wish to end until connections are dropped (threats A11)
    stream: StreamLimits = field(default_factory=StreamLimits)
