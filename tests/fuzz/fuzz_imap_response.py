"""Any octets give responses or BadReply, never another exception.

The first octet chooses UTF-8 or not and the size of the pieces.
"""

from __future__ import annotations

from bustia.protocol.imap.client import ClientConnection
from bustia.protocol.imap.errors import BadReply
from bustia.protocol.imap.general import Noop
from vectors.imap import ANSWERS

CUTS = (1, 7, 64, 100_000)
FETCHES = [
    b'* 12 FETCH (FLAGS (\\Seen $X) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 UID 5 MODSEQ (65402) '
    b'ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg" (("Terry Gray" NIL "gray" "example.com")) '
    b'(("T" NIL "gray" "example.com")) NIL ((NIL NIL "imap" "example.com")(NIL NIL NIL NIL)) NIL NIL NIL "<B27397@example.com>") '
    b'BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))',
    b'* 1 FETCH (BODYSTRUCTURE (("text" "plain" NIL NIL NIL "7bit" 5 1 NIL ("inline" ("a" "b")) ("en" "ca") NIL)'
    b'("message" "rfc822" NIL NIL NIL "7bit" 5 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("a" "b" NIL NIL NIL "7bit" 0) 1 NIL) '
    b'"mixed" ("boundary" "x") NIL NIL "loc" "future" (1 (2))))',
    b'* 1 FETCH (BODY[1.HEADER.FIELDS (A B)]<5> {4}\r\nabcd RFC822 NIL BODY[] {0}\r\n X-NEW (a (b "c")))',
]


def check(data: bytes) -> None:
    """Feeds `data` to a client's end that has sent ten commands; fails where the invariant breaks."""
    choice = data[0] if data else 0
    client = ClientConnection()
    client.utf8 = bool(choice & 1)
    for _ in range(10):
        client.send(Noop())
    cut = CUTS[choice >> 1 & 3]
    try:
        for at in range(1, len(data), cut):
            client.receive(data[at : at + cut])
    except BadReply:
        return


def seeds() -> list[bytes]:
    """Each vector of a response, one by one and all together."""
    lines = [octets + b"\r\n" for octets in [*(octets for octets, _ in ANSWERS), *FETCHES, b"+ go", b"A1 OK done"]]
    return [bytes([state]) + line for line in [*lines, b"".join(lines)] for state in (6, 7)]
