"""How a command ended, in words and code, without the tag that only the session knows."""

from __future__ import annotations

from dataclasses import dataclass

from bustia.protocol.imap.response import AtomCode, Code, Condition


@dataclass(frozen=True, slots=True)
class Done:
    """The tagged result of a handler: OK unless said otherwise (RFC 9051 §7.1)."""

    text: str
    code: Code | None = None
    condition: Condition = Condition.OK


BEYOND = Done("No such message number", condition=Condition.BAD)  # RFC 9051 §9, seq-number
EXPUNGE_ISSUED = Done(
    "Some of the messages are expunged", AtomCode("EXPUNGEISSUED"), Condition.NO
)  # RFC 5530 §3, RFC 2180 §4.1.2
