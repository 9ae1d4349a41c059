"""A disk that remembers: what SQLite wrote and flushed below a folder, and what a power cut at any moment would have left of it.

Invariants:
- What was flushed is on the disk. Of what was written since, any subset may be, each sector of a write by itself; of a rollback journal, which lives
  only while an account is made, the writes are kept in their order.
- A new file, or the end of one, is on the disk once a new file of its folder has been flushed: SQLite then flushes the folder too.
- The lock and the log's index beside it (`-shm`) are memory.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from random import Random

import apsw

SECTOR = 512  # octets that a disk writes whole


class What(Enum):
    """What happened to a file."""

    WRITTEN = auto()
    CUT = auto()
    DELETED = auto()
    FLUSHED = auto()
    NOTED = auto()  # nothing happened: the test says how far it is


@dataclass(frozen=True, slots=True)
class Event:
    """One call of SQLite to its file layer; `at` is an offset, the new size, or the number noted."""

    what: What
    path: str = ""
    at: int = 0
    octets: bytes = b""


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: apsw.URIFilename | str | None, flags: list[int]) -> None:
        super().__init__(disk.base, name, flags)
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)

    def xWrite(self, data: bytes, offset: int) -> None:
        with self._disk.lock:
            self._disk.events.append(Event(What.WRITTEN, self._path, offset, bytes(data)))
            super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        with self._disk.lock:
            self._disk.events.append(Event(What.CUT, self._path, newsize))
            super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        self._disk.fail_if_due()
        super().xSync(flags)
        with self._disk.lock:
            self._disk.events.append(Event(What.FLUSHED, self._path))


class Disk(apsw.VFS):
    """SQLite's file layer while `recorded`; used by all threads of the process."""

    def __init__(self) -> None:
        self.base = apsw.vfs_names()[0]  # the default one, which this one takes the place of
        super().__init__("recorded", self.base, makedefault=True)
        self.lock = threading.Lock()
        self.events: list[Event] = []
        self.flushes_left: int | None = None  # then one fails; None is never

    def fail_if_due(self) -> None:
        """Raises apsw.IOError if this flush is the one to fail."""
        with self.lock:
            if self.flushes_left is not None:
                self.flushes_left -= 1
                if self.flushes_left == 0:
                    raise apsw.IOError("the disk does not answer")

    def note(self, number: int) -> None:
        """Marks how far the test is."""
        with self.lock:
            self.events.append(Event(What.NOTED, at=number))

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> apsw.VFSFile:
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        with self.lock:
            self.events.append(Event(What.DELETED, filename))


@contextmanager
def recorded() -> Iterator[Disk]:
    """All of SQLite's files of this process go through a `Disk` meanwhile."""
    disk = Disk()
    try:
        yield disk
    finally:
        disk.unregister()
        assert apsw.vfs_names()[0] == disk.base


class Image:
    """The files as a power cut leaves them, brought forward event by event."""

    def __init__(self) -> None:
        self._durable: dict[str, bytearray] = {}
        self._pending: dict[str, list[Event]] = {}

    def take(self, event: Event) -> None:
        """The next event happens."""
        match event.what:
            case What.NOTED:
                pass
            case What.FLUSHED:
                if event.path not in self._durable:
                    self._flush_deletions()
                self._durable[event.path] = _after(self._durable.get(event.path), self._pending.pop(event.path, []))
            case _:
                self._pending.setdefault(event.path, []).append(event)

    def write(self, source: Path, target: Path, random: Random) -> None:
        """Makes the files in `target` that stood in `source`, with a random part of what was not flushed."""
        share = random.choice((0.0, 0.5, 1.0))
        for path in self._durable.keys() | self._pending.keys():
            kept = _some(self._pending.get(path, []), share, random, in_order=path.endswith("-journal"))
            if path not in self._durable and not kept:
                continue
            if kept and kept[-1].what is What.DELETED:
                continue
            place = target / Path(path).relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(_after(self._durable.get(path), kept))

    def _flush_deletions(self) -> None:
        for path, events in list(self._pending.items()):
            deleted = [number for number, event in enumerate(events) if event.what is What.DELETED]
            if deleted:
                self._pending[path] = events[deleted[-1] + 1 :]
                self._durable.pop(path, None)


def _some(pending: list[Event], share: float, random: Random, *, in_order: bool) -> list[Event]:
    """A part of the events: the first ones, or any sectors of any of them."""
    if in_order or share in (0.0, 1.0):
        return pending[: round(len(pending) * (random.random() if share == 0.5 else share))]
    kept = []
    for event in pending:
        if event.what is not What.WRITTEN:
            kept += [event] if random.random() < share else []
            continue
        for start in range(0, len(event.octets), SECTOR):
            if random.random() < share:
                kept.append(Event(What.WRITTEN, event.path, event.at + start, event.octets[start : start + SECTOR]))
    return kept


def _after(octets: bytearray | None, events: list[Event]) -> bytearray:
    found = bytearray(octets or b"")
    for event in events:
        match event.what:
            case What.WRITTEN:
                if len(found) < event.at:
                    found.extend(bytes(event.at - len(found)))
                found[event.at : event.at + len(event.octets)] = event.octets
            case What.CUT:
                del found[event.at :]
            case _:
                found.clear()
    return found
