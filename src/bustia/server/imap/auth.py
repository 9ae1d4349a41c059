"""STARTTLS, LOGIN, AUTHENTICATE."""

from __future__ import annotations

from bustia.model.reason import Reason, Refused
from bustia.protocol.imap.auth import Authenticate, Login, StartTLS
from bustia.protocol.imap.response import Condition, Continuation, NamesCode
from bustia.protocol.imap.server import AuthenticateResponse
from bustia.protocol.sasl.exchange import parse_plain
from bustia.server.auth import FAILED
from bustia.server.imap.context import Context
from bustia.server.imap.done import Done


async def start_tls(context: Context, command: StartTLS) -> Done:
    """STARTTLS: the handshake begins behind the tagged OK, which the session sends (RFC 9051 §6.2.1)."""
    if context.services.tls is None or context.connection.stream.is_tls:
        return Done("No STARTTLS now", condition=Condition.BAD)
    context.shakes_hands = True
    return Done("Begin TLS negotiation now")


async def login(context: Context, command: Login) -> Done:
    """LOGIN (RFC 9051 §6.2.3)."""
    return await _log_in(context, command.user, command.password, "LOGIN completed")


async def authenticate(context: Context, command: Authenticate) -> Done:
    """AUTHENTICATE PLAIN, with or without initial response (RFC 9051 §6.2.2, RFC 4616 §2, RFC 4959 §3)."""
    if command.mechanism != "PLAIN":
        raise Refused(Reason.UNSUPPORTED, "No such mechanism")
    if not context.services.authenticator.offers_passwords(context.connection.stream):
        raise Refused(Reason.PRIVACY_REQUIRED, "Not without TLS")
    octets = command.initial
    if octets is None:
        context.wire.expect_authenticate_response(context.tag)
        context.say(Continuation())
        event = await context.next_event()
        if not isinstance(event, AuthenticateResponse) or event.octets is None:
            return Done("Authentication cancelled", condition=Condition.BAD)
        octets = event.octets
    try:
        credentials = parse_plain(octets)
    except ValueError:
        return Done("Not a PLAIN response", condition=Condition.BAD)
    if credentials.acts_for_another:
        raise Refused(Reason.AUTHENTICATION_FAILED, FAILED)
    return await _log_in(context, credentials.identity, credentials.password, "AUTHENTICATE completed")


async def _log_in(context: Context, user: str, password: str, text: str) -> Done:
    """Checks the password; the capabilities of now come with the OK, which spares the client asking (RFC 9051 §7.1)."""
    record = await context.services.authenticator.login(user, password, context.connection.stream)
    context.log_in(record)
    return Done(text, NamesCode("CAPABILITY", context.capabilities()))
