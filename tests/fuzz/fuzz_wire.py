"""Any octets, cut anywhere, give lines and commands within the limits, never an exception, and never more is held than one line and its literals."""

from __future__ import annotations

from bustia.protocol.wire import Announced, CommandLimits, CommandReader, Complete, Literal

LIMITS = CommandLimits(line=128, kept=256, literals=8, drained=512)


def seeds() -> list[bytes]:
    """Commands with literals of all kinds, after the octet that says how they are cut."""
    return [
        b"\x01A1 LOGIN {5+}\r\nalice {6+}\r\nsecret\r\n",
        b"\x07A2 APPEND INBOX ~{12}\r\nHello\x00 world\r\n",
        b"\xffA3 X " + b"x" * 300 + b" {9+}\r\nA4 NOOP\r\n\r\nA5 NOOP\n{3}\r\n",
    ]


def check(data: bytes) -> None:
    cut = (data[0] if data else 0) + 1
    reader = CommandReader(LIMITS)
    for at in range(1, len(data), cut):
        reader.receive(data[at : at + cut])
        while (event := reader.next_event()) is not None:
            if isinstance(event, Announced):
                if event.size % 3 == 0:
                    reader.refuse()
                else:
                    reader.accept()
            elif isinstance(event, Complete):
                literals = [piece for piece in event.pieces if isinstance(piece, Literal)]
                texts = [piece for piece in event.pieces if isinstance(piece, bytes)]
                assert len(texts) == len(literals) + 1
                assert len(literals) <= LIMITS.literals
                assert all(literal.octets is not None and len(literal.octets) == literal.size for literal in literals)
                assert sum(map(len, texts)) + sum(literal.size for literal in literals) <= LIMITS.kept + LIMITS.line
