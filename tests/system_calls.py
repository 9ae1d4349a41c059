"""What a server wrote, flushed and sent, in order, from strace's output.

Invariant: a flush covers what was written before it began; it counts when it has ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = "openat,mkdir,mkdirat,fsync,fdatasync,pwrite64,pwritev,write,writev,sendto,sendmsg,ftruncate"
COMMAND = (
    "strace",
    "-D",
    "-f",
    "-yy",
    "-s",
    "300",
    "--seccomp-bpf",
    "-e",
    f"trace={CALLS}",
)  # -D: SIGTERM is for the server

_LINE = re.compile(r"(?P<thread>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<call>\w+)\()(?P<rest>.*)")
_FILE = re.compile(r"\d+<(?P<path>/[^>]*)>")
_SOCKET = re.compile(r"\d+<TCP:[^>]*>")
_NEW_FILE = re.compile(r'[^"]*"(?P<path>[^"]+)", [A-Z_|]*O_CREAT')
_NEW_FOLDER = re.compile(r'(?:[^"]*, )?"(?P<path>[^"]+)"')


@dataclass(frozen=True, slots=True)
class Sent:
    """One write to a TCP connection: what strace shows of it, and what on disk was not flushed when it began."""

    text: str
    unflushed: frozenset[str]  # files with writes, and new names whose folder was not flushed
    flushes: int  # of files, so far


@dataclass(slots=True)
class Disk:
    """Which files below a folder hold what a power cut would lose."""

    durable: re.Pattern[str]  # the files and folders that count
    written: dict[str, int] = field(default_factory=dict)  # path → number of the write
    named: dict[str, int] = field(default_factory=dict)
    clock: int = 0
    flushes: int = 0

    def write(self, path: str) -> None:
        """Something in the file is new."""
        self.clock += 1
        if self.durable.search(path):
            self.written[path] = self.clock

    def name(self, path: str) -> None:
        """The file or folder is new."""
        self.clock += 1
        if self.durable.search(path):
            self.named.setdefault(path, self.clock)

    def flush(self, path: str, begun: int) -> None:
        """All that was written to the file, or named in the folder, up to `begun` is on disk."""
        self.flushes += bool(self.durable.search(path))
        self.written = {file: at for file, at in self.written.items() if file != path or at > begun}
        self.named = {name: at for name, at in self.named.items() if str(Path(name).parent) != path or at > begun}

    def unflushed(self) -> frozenset[str]:
        """What a power cut would lose now."""
        return frozenset(self.written) | frozenset(self.named)


def sends(trace: Path, durable: str) -> Iterator[Sent]:
    """Every write to a TCP connection, with the state of the files whose path matches `durable` then."""
    disk = Disk(re.compile(durable))
    under_way: dict[str, tuple[str, int]] = {}  # thread → what it flushes, and when that began
    for line in trace.read_text("utf-8", "replace").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        thread, rest = found["thread"], found["rest"]
        if found["resumed"] in ("fsync", "fdatasync"):
            if rest.endswith("= 0") and thread in under_way:
                disk.flush(*under_way.pop(thread))
            continue
        match found["call"]:
            case "mkdir" | "mkdirat" if (made := _NEW_FOLDER.match(rest)) and rest.endswith("= 0"):
                disk.name(made["path"])
            case "openat" if made := _NEW_FILE.match(rest):
                disk.name(made["path"])
            case "pwrite64" | "pwritev" | "ftruncate" | "write" | "writev" if file := _FILE.match(rest):
                disk.write(file["path"])
            case "fsync" | "fdatasync" if file := _FILE.match(rest):
                under_way[thread] = (file["path"], disk.clock)
                if rest.endswith("= 0"):
                    disk.flush(*under_way.pop(thread))
            case "write" | "writev" | "sendto" | "sendmsg" if _SOCKET.match(rest):
                yield Sent(rest, disk.unflushed(), disk.flushes)
