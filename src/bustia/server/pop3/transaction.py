"""What may be asked of an open maildrop: STAT, LIST, UIDL, RETR, TOP, DELE, NOOP, RSET."""

from __future__ import annotations

from bustia.protocol.pop3.commands import Dele, List, Noop, Retr, Rset, Stat, Top, Uidl
from bustia.protocol.pop3.replies import Reply
from bustia.server.pop3.context import Answer, Context, Lines, Streamed
from bustia.server.pop3.maildrop import Maildrop


def _summary(maildrop: Maildrop) -> Reply:
    return Reply(True, f"{maildrop.count} messages ({maildrop.octets} octets)")


async def stat(context: Context, command: Stat) -> Answer:
    """STAT (RFC 1939 §5)."""
    return Reply(True, f"{context.maildrop.count} {context.maildrop.octets}")


async def list_sizes(context: Context, command: List) -> Answer:
    """LIST (RFC 1939 §5)."""
    maildrop = context.maildrop
    if command.number is None:
        return Lines(_summary(maildrop), maildrop.sizes())
    maildrop.check(command.number)
    return Reply(True, f"{command.number} {maildrop.size(command.number)}")


async def list_uidls(context: Context, command: Uidl) -> Answer:
    """UIDL (RFC 1939 §7)."""
    maildrop = context.maildrop
    if command.number is None:
        maildrop.listed.update(maildrop.living())
        return Lines(Reply(True, "Unique-ids follow"), maildrop.uidls())
    maildrop.check(command.number)
    maildrop.listed.add(command.number)
    return Reply(True, f"{command.number} {maildrop.uidl(command.number)}")


async def retrieve(context: Context, command: Retr) -> Answer:
    """RETR (RFC 1939 §5)."""
    maildrop, number = context.maildrop, command.number
    maildrop.check(number)
    return Streamed(
        Reply(True, f"{maildrop.size(number)} octets"),
        context.opened.contents.slices(number),
        lambda: maildrop.downloaded.add(number),
    )


async def top(context: Context, command: Top) -> Answer:
    """TOP (RFC 1939 §7)."""
    context.maildrop.check(command.number)
    return Streamed(Reply(True, "Top follows"), context.opened.contents.top(command.number, command.lines))


async def delete(context: Context, command: Dele) -> Answer:
    """DELE (RFC 1939 §5): a mark, until QUIT."""
    context.maildrop.delete(command.number)
    return Reply(True, f"Message {command.number} deleted")


async def nothing(context: Context, command: Noop) -> Answer:
    """NOOP (RFC 1939 §5)."""
    return Reply(True)


async def reset(context: Context, command: Rset) -> Answer:
    """RSET (RFC 1939 §5)."""
    context.maildrop.reset()
    return _summary(context.maildrop)
