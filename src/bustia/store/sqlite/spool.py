"""The octets of one arriving message before they are filed: in memory while few, then in a file without a name.

Invariant: the file is unlinked as soon as it is open, so a killed process leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bustia.model.reason import Reason
from bustia.store.api import Prepared
from bustia.store.sqlite.ballast import Ballast
from bustia.store.sqlite.connection import refused_by_system
from bustia.store.sqlite.prepare import prepare

MEMORY_OCTETS = 256 << 10  # design §2, rule 16; most mail is smaller, and 1,000 such arrivals hold 256 MiB


class FileSpool:
    """`store.api.Spool`; `name` is one that no other spool of the folder has."""

    def __init__(self, folder: Path, name: str, ballast: Ballast) -> None:
        self.size = 0
        self._path = folder / name
        self._ballast = ballast
        self._memory = bytearray()
        self._file: BinaryIO | None = None

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Adds octets. Raises Refused(DISK_FULL), Refused(BUSY)."""
        if self._file is None and self.size + len(chunk) <= MEMORY_OCTETS:
            self._memory += chunk
        else:
            self._write_to_file(chunk)
        self.size += len(chunk)

    def prepare(self) -> Prepared:
        """Facts, hash and frames of all that was written. Raises Refused(DISK_FULL), Refused(BUSY)."""
        if self._file is None:
            return prepare(bytes(self._memory))
        with self._judged():
            self._file.flush()
            mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        with mapped:
            return prepare(mapped)

    def close(self) -> None:
        """Gives memory and file back; safe to call twice."""
        self._memory = bytearray()
        if self._file is not None:
            file, self._file = self._file, None
            with contextlib.suppress(OSError):  # what was left in its buffer is not wanted any more
                file.close()

    def _write_to_file(self, chunk: bytes | bytearray | memoryview) -> None:
        with self._judged():
            if self._file is None:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                self._path.unlink()
                self._file = os.fdopen(descriptor, "w+b")
                self._file.write(self._memory)
                self._memory = bytearray()
            self._file.write(chunk)

    @contextlib.contextmanager
    def _judged(self) -> Iterator[None]:
        """Errors of the system inside the block become Refused; a full disk gets the ballast's room."""
        try:
            yield
        except OSError as error:
            refused = refused_by_system(error)
            if refused is None:
                raise
            if refused.reason is Reason.DISK_FULL:
                self._ballast.give_up()
            raise refused from error
