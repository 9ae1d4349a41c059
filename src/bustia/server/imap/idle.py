"""IDLE: the client is told of changes at once, in one write."""

from __future__ import annotations

from bustia.protocol.imap.idle import Idle
from bustia.protocol.imap.response import Condition, Continuation
from bustia.protocol.imap.server import BadCommandEvent, IdleDone, TooLong
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done


async def idle(context: Context, command: Idle) -> Done:
    """Waits for DONE and says what is new meanwhile (RFC 9051 §6.3.13). Notices wake the stream; the log says what they mean.

    A client that says nothing for the session's inactivity limit is logged out: the RFC advises it to end IDLE every 29 minutes.
    """
    context.wire.expect_done(context.tag)
    context.say(Continuation("idling"))
    if context.selected_or_none is not None:
        await context.look()
    context.idling = True
    try:
        while not context.ended:
            await context.announce(may_expunge=True)
            if context.ended:
                break
            match await context.next_event():
                case IdleDone():
                    return Done("IDLE completed")
                case BadCommandEvent() | TooLong():
                    return Done("Expected DONE", condition=Condition.BAD)
                case None if context.connection.ending:
                    break
                case _:
                    continue
    finally:
        context.idling = False
    return Done("IDLE ended", condition=Condition.NO)
