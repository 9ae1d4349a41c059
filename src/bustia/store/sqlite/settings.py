"""How large and how patient a SQLite store is; filled by `config`, handed down whole."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Limits of one process's use of a store. Raises ValueError for a limit that would stop all work."""

    writer_threads: int = 2  # commits under way at once; more only wait for the same disk
    reader_threads: int = 4  # cold reads and contents at once
    open_accounts: int = 128  # accounts with open files: about 5 descriptors each, 640 of the usual 1,024
    memory_octets: int = 256 * MIB  # page caches and remembered mailboxes of all open accounts
    cache_octets: int = 2 * MIB  # page cache of one connection; a list read of 10,000 messages touches 5 MiB once
    idle_seconds: float = 30.0  # an account not used for so long has its files closed
    look_seconds: float = 3.0  # how often a watched account is looked at, for notices that were lost
    busy_seconds: float = 10.0  # how long a writer thread waits for another process's commit
    quick_seconds: float = 0.003  # a commit in the loop's thread that takes longer sends the next through a thread
    ballast_octets: int = 16 * MIB  # given up when the disk is full, so that opening and deleting still work
    index_texts: bool = True  # whether this process has what arrives indexed for SEARCH

    def __post_init__(self) -> None:
        if min(self.writer_threads, self.reader_threads, self.open_accounts) < 1:
            raise ValueError("a store needs a writer thread, a reader thread and an account that may be open")
        if (
            min(self.idle_seconds, self.look_seconds, self.busy_seconds, self.quick_seconds) <= 0
            or self.ballast_octets < 0
        ):
            raise ValueError("waiting times are above 0 seconds and the ballast is not negative")
