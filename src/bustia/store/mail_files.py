"""Mail in files: mbox, Maildir, single messages and trees of them, read one message at a time.

Invariants:
- Octets are given as they stand in the file; line ends are the importer's business. A `>From ` line stays as it is: no two programs agree on the quoting
  (RFC 4155 §2 leaves it open), and a changed line would break signatures.
- A file is never changed, moved or marked, and a symbolic link is followed only to a file below the source itself.
- Nothing here raises on the content of a message; OSError of a file passes to the caller, who knows which source it names.
"""

from __future__ import annotations

import calendar
import mmap
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bustia.model.flags import ANSWERED, DELETED, DRAFT, FLAGGED, NO_FLAGS, SEEN, Flags

MAILDIR_LETTERS = {"D": DRAFT, "F": FLAGGED, "R": ANSWERED, "S": SEEN, "T": DELETED}
STATUS_LETTERS = {b"R": SEEN, b"A": ANSWERED, b"F": FLAGGED, b"T": DRAFT, b"D": DELETED}
MAX_HEADER_LOOK = 65_536  # octets of a message that are looked at for Status and X-Status

# `From sender Mon Sep 24 13:05:01 2001`, with a zone before or after the year in some programs (RFC 4155 §2)
_SEPARATOR = re.compile(
    rb"^From (?P<sender>[^\r\n]*?) *(?P<date>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [^\r\n]*?\d{4}[^\r\n]*)?\r?$",
    re.MULTILINE,
)
_DATE = re.compile(rb"(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?P<time>\d\d:\d\d(?::\d\d)?) .*?(?P<year>\d{4})")
_STATUS = re.compile(rb"^(?:X-)?Status:[ \t]*([A-Za-z]*)", re.MULTILINE | re.IGNORECASE)
_MAILDIR_TIME = re.compile(r"^(\d{9,11})\.")


@dataclass(frozen=True, slots=True)
class SourceMail:
    """One message of a source: where it stood, its mailbox below the target ("" for the target itself), octets, flags, arrival in seconds UTC or None."""

    where: str
    mailbox: str
    octets: bytes
    flags: Flags
    arrived: int | None


def read_mails(path: Path) -> Iterator[SourceMail]:
    """All messages at `path`: an mbox file, a single message, a Maildir or Maildir++, or a tree of any of these.

    The order is that of the names, so that two runs read alike. Raises OSError, FileNotFoundError included.
    """
    if path.is_dir():
        yield from _tree(path, path, "")
    else:
        yield from _file(path, "")


def is_maildir(path: Path) -> bool:
    """True for a folder with `cur` and `new`, as Maildir has them."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


def _tree(top: Path, folder: Path, mailbox: str) -> Iterator[SourceMail]:
    if is_maildir(folder):
        for name in ("new", "cur"):
            for entry in sorted((folder / name).iterdir()):
                if entry.is_file() and _inside(top, entry):
                    yield _maildir_message(entry, mailbox)
    for entry in sorted(folder.iterdir()):
        if not _inside(top, entry):
            continue
        if entry.is_dir():
            if entry.name in ("cur", "new", "tmp") and is_maildir(folder):
                continue
            yield from _tree(
                top, entry, _joined(mailbox, _maildir_level(entry.name) if is_maildir(entry) else entry.name)
            )
        elif entry.is_file() and not entry.name.startswith(".") and not is_maildir(folder):
            yield from _file(entry, _joined(mailbox, entry.stem) if _looks_like_mbox(entry) else mailbox)


def _inside(top: Path, entry: Path) -> bool:
    return not entry.is_symlink() or entry.resolve().is_relative_to(top.resolve())


def _joined(mailbox: str, level: str) -> str:
    return f"{mailbox}/{level}" if mailbox and level else mailbox or level


def _maildir_level(name: str) -> str:
    """Maildir++ names a folder `.Work.2024`: dots divide levels."""
    return name[1:].replace(".", "/") if name.startswith(".") else name


def _file(path: Path, mailbox: str) -> Iterator[SourceMail]:
    if path.stat().st_size == 0:
        return
    if _looks_like_mbox(path):
        yield from _mbox(path, mailbox)
    else:
        yield SourceMail(str(path), mailbox, path.read_bytes(), NO_FLAGS, None)


def _looks_like_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _maildir_message(path: Path, mailbox: str) -> SourceMail:
    flags = 0
    _, _, info = path.name.partition(":2,")
    for letter in info:
        flags |= MAILDIR_LETTERS.get(letter, NO_FLAGS)
    named = _MAILDIR_TIME.match(path.name)
    arrived = int(named[1]) if named else int(path.stat().st_mtime)
    return SourceMail(str(path), mailbox, path.read_bytes(), Flags(flags), arrived)


def _mbox(path: Path, mailbox: str) -> Iterator[SourceMail]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        number = 0
        line_end, arrived = _separator_end(octets, 0)
        while line_end <= len(octets):
            found, blank = _next_separator(octets, line_end)
            number += 1
            mail = octets[line_end : found - blank]
            yield SourceMail(f"{path}#{number}", mailbox, mail, _status_flags(mail), arrived)
            if found >= len(octets):
                return
            line_end, arrived = _separator_end(octets, found)


def _separator_end(octets: mmap.mmap, start: int) -> tuple[int, int | None]:
    end = octets.find(b"\n", start)
    end = len(octets) if end < 0 else end + 1
    return end, _separator_date(octets[start:end])


def _next_separator(octets: mmap.mmap, start: int) -> tuple[int, int]:
    """Offset of the next From_ line after an empty line, and how many octets of that empty line belong to it; the end of the file if none."""
    at = start
    while True:
        at = octets.find(b"\nFrom ", at)
        if at < 0:
            size = len(octets)
            for blank in (b"\r\n\r\n", b"\n\n"):
                if octets[max(start, size - len(blank)) : size] == blank:
                    return size, len(blank) // 2
            return size, 0
        line = octets[at + 1 : at + 1 + 998].partition(b"\n")[0]
        matched = _SEPARATOR.match(line)
        if matched and (matched["date"] or _is_address(matched["sender"])):
            if at == start - 1:  # an empty message: the separator follows at once
                return at + 1, 0
            if octets[at - 1 : at] == b"\n" or at == start:
                return at + 1, 1
            if octets[at - 2 : at] == b"\n\r":
                return at + 1, 2
        at += 1


def _is_address(sender: bytes) -> bool:
    """Gmail's Takeout writes `From 1844347792267117879@xxx`, without a date."""
    return b"@" in sender and b" " not in sender


def _separator_date(line: bytes) -> int | None:
    matched = _DATE.search(line)
    if not matched:
        return None
    text = b" ".join((matched["month"], matched["day"], matched["time"][:5], matched["year"])).decode("ascii")
    try:
        seconds = calendar.timegm(time.strptime(text, "%b %d %H:%M %Y"))
    except ValueError:
        return None
    return seconds + (int(matched["time"][6:8]) if len(matched["time"]) > 5 else 0)


def _status_flags(mail: bytes) -> Flags:
    """Flags of the fields Status and X-Status, as mbox programs keep them."""
    end = mail.find(b"\n\n", 0, MAX_HEADER_LOOK)
    if end < 0:
        end = mail.find(b"\r\n\r\n", 0, MAX_HEADER_LOOK)
    flags = 0
    for matched in _STATUS.finditer(mail[: max(end, 0)]):
        for letter in matched[1].upper():
            flags |= STATUS_LETTERS.get(bytes([letter]), NO_FLAGS)
    return Flags(flags)
