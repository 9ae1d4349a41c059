"""Puts the two ends of a connection together in memory, octets cut at any size."""

from __future__ import annotations

from collections.abc import Iterator

from bustia.protocol.imap.client import ClientConnection
from bustia.protocol.imap.response import Continuation
from bustia.protocol.imap.responses import Response
from bustia.protocol.imap.server import AppendStart, Event, LiteralWanted, ServerConnection

CUTS = (1, 7, 1_000_000)  # octets handed over at a time


def pieces(octets: bytes, cut: int) -> Iterator[bytes]:
    """The octets in pieces of `cut`."""
    for at in range(0, len(octets), cut):
        yield octets[at : at + cut]


def server_for(utf8: bool = False, authenticated: bool = True) -> ServerConnection:
    """A server's end, after login."""
    server = ServerConnection()
    server.utf8 = utf8
    if authenticated:
        server.log_in()
    return server


def client_for(utf8: bool = False) -> ClientConnection:
    """A client's end."""
    client = ClientConnection()
    client.utf8 = utf8
    return client


def run(client: ClientConnection, server: ServerConnection, cut: int) -> tuple[list[Event], bytes]:
    """Lets the client's octets reach the server until both wait; (events but literals wanted, messages of APPEND)."""
    events: list[Event] = []
    message = bytearray()
    while due := client.take():
        for piece in pieces(due, cut):
            for event in server.receive(piece):
                if isinstance(event, LiteralWanted):
                    client.receive(server.send(Continuation("go")))
                    continue
                events.append(event)
                if isinstance(event, AppendStart):
                    server.accept_message(message.extend)
                    if event.waits:
                        client.receive(server.send(Continuation("go")))
    return events, bytes(message)


def told(server: ServerConnection, client: ClientConnection, octets: bytes, cut: int) -> list[Response]:
    """What the client reads of the server's octets."""
    return [response for piece in pieces(octets, cut) for response in client.receive(piece)]
