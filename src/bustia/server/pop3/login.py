"""CAPA, STLS, USER, PASS, AUTH, and QUIT before login."""

from __future__ import annotations

from bustia.model.reason import Reason, Refused
from bustia.protocol.pop3.commands import Auth, Capa, Pass, State, Stls, User
from bustia.protocol.pop3.replies import Reply
from bustia.protocol.pop3.server import decode_initial
from bustia.protocol.sasl.exchange import MECHANISMS, Credentials
from bustia.server.auth import FAILED
from bustia.server.pop3.content import Contents
from bustia.server.pop3.context import Answer, Asked, Context, Lines, Opened
from bustia.server.pop3.maildrop import snapshot

ALWAYS = (b"TOP", b"UIDL", b"RESP-CODES", b"AUTH-RESP-CODE", b"PIPELINING", b"EXPIRE NEVER", b"IMPLEMENTATION Bustia")


async def capabilities(context: Context, command: Capa) -> Answer:
    """CAPA (RFC 2449 §5): STLS while it is permitted (RFC 2595 §4), ways to log in where passwords are."""
    found = list(ALWAYS)
    if context.services.authenticator.offers_passwords(context.connection.stream):
        found += [b"USER", b"SASL " + b" ".join(MECHANISMS)]
    if _may_start_tls(context):
        found.append(b"STLS")
    return Lines(Reply(True, "Capability list follows"), b"".join(line + b"\r\n" for line in found))


def _may_start_tls(context: Context) -> bool:
    fresh = context.wire.state is State.AUTHORIZATION and not context.connection.stream.is_tls
    return fresh and context.services.tls is not None


async def start_tls(context: Context, command: Stls) -> Answer:
    """STLS (RFC 2595 §4): the handshake begins behind the +OK, and what was known of the client is forgotten."""
    if not _may_start_tls(context):
        return Reply(False, "No TLS now")
    context.name = None
    context.shakes_hands = True
    return Reply(True, "Begin TLS negotiation")


async def user(context: Context, command: User) -> Answer:
    """USER (RFC 1939 §7): any name is welcome, so that nobody learns which exist; never an [AUTH] here (RFC 3206 §5)."""
    if not context.services.authenticator.offers_passwords(context.connection.stream):
        return Reply(False, "Not without TLS")
    context.name = command.name
    return Reply(True, "Password?")


async def password(context: Context, command: Pass) -> Answer:
    """PASS (RFC 1939 §7), once after a USER."""
    name, context.name = context.name, None
    if name is None:
        return Reply(False, "USER first")
    return await _log_in(context, name, command.password)


async def authenticate(context: Context, command: Auth) -> Answer:
    """AUTH (RFC 5034 §4), with or without initial response; without a mechanism the list, for clients older than CAPA."""
    if not context.services.authenticator.offers_passwords(context.connection.stream):
        raise Refused(Reason.PRIVACY_REQUIRED, "Not without TLS")
    if not command.mechanism:
        return Lines(Reply(True, "Mechanisms follow"), b"".join(name + b"\r\n" for name in MECHANISMS))
    mechanism = MECHANISMS.get(command.mechanism)
    if mechanism is None:
        raise Refused(Reason.UNSUPPORTED, "No such mechanism")
    context.exchange = mechanism()
    if command.initial is None:
        return Asked(context.exchange.first())
    if not context.exchange.client_first:
        context.exchange = None
        return Reply(False, "This mechanism has no initial response")
    return await respond(context, decode_initial(command.initial))


async def respond(context: Context, response: bytes) -> Answer:
    """A response of the exchange that runs: ends in another challenge, in a login, or in -ERR."""
    exchange, context.exchange = context.exchange, None
    assert exchange is not None
    try:
        step = exchange.step(response)
    except ValueError:
        return Reply(False, "Not a response of this mechanism")
    if not isinstance(step, Credentials):
        context.exchange = exchange
        return Asked(step)
    if step.acts_for_another:
        raise Refused(Reason.AUTHENTICATION_FAILED, FAILED)
    return await _log_in(context, step.identity, step.password)


async def _log_in(context: Context, identity: str, secret: str) -> Answer:
    services = context.services
    record = await services.authenticator.login(identity, secret, context.connection.stream)
    account = services.store.account(record.id)
    maildrop = await account.read(snapshot, heavy=True)
    context.opened = Opened(account, maildrop, Contents(account, maildrop))
    context.wire.state = State.TRANSACTION
    return Reply(True, f"{maildrop.count} messages ({maildrop.octets} octets)")
