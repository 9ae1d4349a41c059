"""The bus: what one process changed, told to the others of the same store as "account at modseq M or above".

Each process has a Unix datagram socket in `bus/`; a notice is a datagram to every other one. Invariants:
- A notice may be lost (a full queue, a process that is killed); nobody may depend on it (design §2, rule 17: watched accounts are
  looked at every few seconds).
- Notices are sent after the commit, in its order for one account; those of one turn of the event loop go as one datagram.
- Whoever finds a socket that nobody serves removes it.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from bustia.model.numbers import AccountID, ModSeq

NOTICE = struct.Struct("!QQ")  # account, modseq
MAX_NOTICES = 256  # in one datagram: 4 KiB, far below any limit of a socket's buffer
MAX_DATAGRAMS = 64  # read in one turn of the loop, so that a flood of notices lets sessions run
MAX_SOCKET_PATH = 100  # octets; sun_path holds 108 on Linux, 104 elsewhere
SUFFIX = ".sock"

_log = logging.getLogger(__name__)


class Bus:
    """One process's end. `heard` is called in the event loop for every notice of another process."""

    def __init__(self, folder: Path, name: str, heard: Callable[[AccountID, ModSeq], None]) -> None:
        self._folder = folder
        self._name = name
        self._heard = heard
        self._socket: socket.socket | None = None
        self._directory = -1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._outgoing: dict[AccountID, ModSeq] = {}
        self._peers: tuple[str, ...] = ()
        self._peers_of = -1  # the folder's time when `_peers` was read

    def start(self) -> None:
        """Opens the socket and listens, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._directory = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._name = self._bind(self._socket)
        self._loop.add_reader(self._socket.fileno(), self._receive)

    def close(self) -> None:
        """Sends what waits, and leaves."""
        if self._socket is None or self._loop is None:
            return
        self._send()
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._socket = None
        (self._folder / self._name).unlink(missing_ok=True)
        os.close(self._directory)

    def announce(self, account: AccountID, modseq: ModSeq) -> None:
        """Tells the other processes, at the end of this turn of the event loop."""
        if not self._outgoing and self._loop is not None:
            self._loop.call_soon(self._send)
        if modseq > self._outgoing.get(account, -1):
            self._outgoing[account] = modseq

    def forget_peers(self) -> None:
        """Has the folder read again: two changes within one tick of the file system's clock leave the same time."""
        self._peers_of = -1

    def alone(self) -> bool:
        """Whether no other process serves a socket here; removes what dead ones left."""
        self._peers_of = -1
        for peer in self._others():
            self._send_to(peer, b"")
        return not self._others()

    def _bind(self, end: socket.socket) -> str:
        for number in itertools.count():
            name = f"{self._name}-{number}{SUFFIX}"
            try:
                end.bind(self._address(name))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:  # left by a killed process of our number, or of another store here
                    raise
            else:
                return name
        raise AssertionError("numbers do not end")

    def _send(self) -> None:
        outgoing, self._outgoing = list(self._outgoing.items()), {}
        peers = self._others() if outgoing and self._socket is not None else ()
        for start in range(0, len(outgoing) if peers else 0, MAX_NOTICES):
            datagram = b"".join(
                NOTICE.pack(account, modseq) for account, modseq in outgoing[start : start + MAX_NOTICES]
            )
            for peer in peers:
                self._send_to(peer, datagram)

    def _send_to(self, peer: str, datagram: bytes) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(datagram, self._address(peer))
        except OSError as error:
            if error.errno in (errno.ECONNREFUSED, errno.ENOENT):
                (self._folder / peer).unlink(missing_ok=True)  # its process was killed
                self._peers_of = -1
            elif error.errno not in (errno.EAGAIN, errno.ENOBUFS):  # a full queue: the other side looks by itself
                _log.warning("no notice to %s: %s", peer, error)

    def _others(self) -> tuple[str, ...]:
        changed = os.stat(self._folder).st_mtime_ns
        if changed != self._peers_of:
            self._peers_of = changed
            names = (name for name in os.listdir(self._folder) if name.endswith(SUFFIX))
            self._peers = tuple(name for name in names if name != self._name)
        return self._peers

    def _receive(self) -> None:
        for _ in range(MAX_DATAGRAMS):
            if self._socket is None:
                return
            try:
                datagram = self._socket.recv(MAX_NOTICES * NOTICE.size)
            except BlockingIOError:
                return
            if len(datagram) % NOTICE.size:
                _log.warning("a notice of %d octets was dropped", len(datagram))
                continue
            for account, modseq in NOTICE.iter_unpack(datagram):
                self._heard(AccountID(account), ModSeq(modseq))

    def _address(self, name: str) -> str:
        path = str(self._folder / name)
        if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
            return path
        return (
            f"/proc/self/fd/{self._directory}/{name}"  # Linux: the folder by its descriptor is short whatever its name
        )
