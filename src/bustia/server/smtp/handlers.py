"""What each command of LMTP does; a test holds the keys of HANDLERS against the command table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bustia.model.reason import Reason, Refused
from bustia.protocol.smtp.commands import (
    BY_NAME,
    Command,
    Data,
    Help,
    Lhlo,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Vrfy,
)
from bustia.protocol.smtp.replies import Reply, printable, refusal
from bustia.server.smtp.context import Context, Recipient


async def hello(context: Context, command: Lhlo) -> Reply:
    """LHLO: who we are and what we can (RFC 2033 §4.1, RFC 5321 §4.1.1.1); ends a transaction as RSET does."""
    context.forget()
    context.client = command.name
    services = context.services
    offered = [
        "PIPELINING",  # RFC 2920
        f"SIZE {services.settings.message_octets}",  # RFC 1870
        "8BITMIME",  # RFC 6152
        "SMTPUTF8",  # RFC 6531
        "ENHANCEDSTATUSCODES",  # RFC 2034
    ]
    if services.tls is not None and not context.connection.stream.is_tls:
        offered.append("STARTTLS")  # RFC 3207 §4.2: not again under TLS
    return Reply(250, "", (printable(services.name), *offered))


async def mail(context: Context, command: Mail) -> Reply:
    """MAIL (RFC 5321 §4.1.1.2): a message that is said to be too big is refused before it is sent (RFC 1870 §6.1)."""
    limit = context.services.settings.message_octets
    if command.size is not None and command.size > limit:
        raise Refused(Reason.TOO_BIG, f"A message may have {limit} octets")
    context.begin(command)
    return Reply(250, "2.1.0", ("Sender accepted",))


async def recipient(context: Context, command: Rcpt) -> Reply:
    """RCPT (RFC 5321 §4.1.1.3): only those who have an account here."""
    address = command.recipient
    if not address.is_ascii and not context.transaction.mail.utf8:
        return Reply(550, "5.6.7", ("This recipient needs SMTPUTF8",))  # RFC 6531 §3.5
    if len(context.transaction.recipients) >= context.services.settings.recipients:
        raise Refused(Reason.LIMIT, "Too many recipients, send the message again to the others")
    account = context.services.store.directory.resolve(address.text)
    if account is None:
        return refusal(Refused(Reason.NOT_FOUND, "No such mailbox here"), f"<{address.text}>")
    if not account.enabled:
        return Reply(550, "5.2.1", (printable(f"<{address.text}> This mailbox is closed"),))
    context.transaction.recipients.append(Recipient(address, account))
    return Reply(250, "2.1.5", ("Recipient accepted",))


async def data(context: Context, command: Data) -> Reply:
    """DATA (RFC 5321 §4.1.1.4): the message follows."""
    context.takes_data = True
    return Reply(354, "", ("Send the message; end with <CRLF>.<CRLF>",))


async def reset(context: Context, command: Rset) -> Reply:
    """RSET (RFC 5321 §4.1.1.5)."""
    context.forget()
    return Reply(250, "2.0.0", ("Forgotten",))


async def nothing(context: Context, command: Noop) -> Reply:
    """NOOP (RFC 5321 §4.1.1.9)."""
    return Reply(250, "2.0.0", ("OK",))


async def verify(context: Context, command: Vrfy) -> Reply:
    """VRFY (RFC 5321 §3.5.3): nobody is told who exists; RCPT will say."""
    return Reply(252, "2.5.0", ("Try to send to it",))


async def tell_commands(context: Context, command: Help) -> Reply:
    """HELP (RFC 5321 §4.1.1.8)."""
    return Reply(214, "2.0.0", (" ".join(sorted(name.decode("ascii") for name in BY_NAME)),))


async def quit_session(context: Context, command: Quit) -> Reply:
    """QUIT (RFC 5321 §4.1.1.10)."""
    context.ended = True
    return Reply(221, "2.0.0", ("Goodbye",))


async def start_tls(context: Context, command: StartTLS) -> Reply:
    """STARTTLS (RFC 3207 §4): the handshake begins behind the 220, and all that was said before is forgotten."""
    if context.services.tls is None or context.connection.stream.is_tls:
        return Reply(503, "5.5.1", ("No TLS now",))
    context.shakes_hands = True
    return Reply(220, "2.0.0", ("Begin TLS",))


Handler = Callable[[Context, Any], Awaitable[Reply]]  # each takes its own command type only

HANDLERS: dict[type[Command], Handler] = {
    Lhlo: hello,
    Mail: mail,
    Rcpt: recipient,
    Data: data,
    Rset: reset,
    Noop: nothing,
    Vrfy: verify,
    Help: tell_commands,
    Quit: quit_session,
    StartTLS: start_tls,
}
