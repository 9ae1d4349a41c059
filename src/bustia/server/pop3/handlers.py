"""Which handler answers which command; a test holds its keys against the command table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bustia.protocol.pop3.commands import (
    Auth,
    Capa,
    Command,
    Dele,
    List,
    Noop,
    Pass,
    Quit,
    Retr,
    Rset,
    Stat,
    State,
    Stls,
    Top,
    Uidl,
    User,
)
from bustia.protocol.pop3.replies import Reply
from bustia.server.pop3.context import Answer, Context
from bustia.server.pop3.login import authenticate, capabilities, password, start_tls, user
from bustia.server.pop3.transaction import delete, list_sizes, list_uidls, nothing, reset, retrieve, stat, top

HEAVY = 100  # messages in a maildrop; a write about more of them leaves the event loop's thread


async def quit_session(context: Context, command: Quit) -> Answer:
    """QUIT: after login the UPDATE state, where the marked messages go, all or none (RFC 1939 §6)."""
    context.ended = True
    if context.wire.state is State.TRANSACTION:
        maildrop = context.maildrop
        if maildrop.deleted or maildrop.has_notes:
            await context.opened.account.write(maildrop.update, heavy=len(maildrop) > HEAVY)
            maildrop.noted()
    return Reply(True, "Goodbye")


Handler = Callable[[Context, Any], Awaitable[Answer]]  # each takes its own command type only

HANDLERS: dict[type[Command], Handler] = {
    Capa: capabilities,
    Stls: start_tls,
    User: user,
    Pass: password,
    Auth: authenticate,
    Quit: quit_session,
    Stat: stat,
    List: list_sizes,
    Uidl: list_uidls,
    Retr: retrieve,
    Dele: delete,
    Top: top,
    Noop: nothing,
    Rset: reset,
}
