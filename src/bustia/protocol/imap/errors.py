"""What a peer's broken grammar is called: by a server `BadCommand`, by a client `BadReply`."""

from __future__ import annotations


class BadCommand(Exception):
    """The client broke the grammar: answered `tag BAD`, never NO (RFC 9051 §7.1.3).

    `offset` counts octets of text and literals from the start of the command.
    """

    status = "BAD"

    def __init__(self, text: str, *, offset: int) -> None:
        super().__init__(f"{text} at octet {offset}")
        self.text = text
        self.offset = offset


class BadReply(Exception):
    """The server broke the grammar; what the reply said is not used. `offset` counts as in BadCommand."""

    def __init__(self, text: str, *, offset: int) -> None:
        super().__init__(f"{text} at octet {offset}")
        self.text = text
        self.offset = offset
