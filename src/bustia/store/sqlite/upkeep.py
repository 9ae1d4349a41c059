"""What an account's file needs besides what is asked of it: the bin taken out, pages of deleted mail given back to the disk.

Invariants:
- One step is one transaction of at most MAILS_AT_ONCE mails or PAGES_AT_ONCE pages, below the 50 ms that a write may hold others up (design §2, rule 14).
- Nothing that a session sees changes: no counter, no modseq, no entry of the log.
- Some free pages stay for the mail that comes next: only more than KEPT_PAGES, and more than a KEPT_SHARE of the file, goes back to the disk.
"""

from __future__ import annotations

import apsw

from bustia.store.sqlite.bin import bin_is_due, empty_bin

INCREMENTAL = 2  # what SQLite's pragma says of a file whose pages can be moved a few at a time
PAGES_AT_ONCE = 512  # 4 MiB: 8 ms, a flush, and 13 ms of the checkpoint that follows
KEPT_PAGES = 512  # an account below 4 MiB of free pages is not worth a write
KEPT_SHARE = 8  # an eighth of the file stays free: a mailbox that loses and gets the same each day moves no pages


def upkeep_due(connection: apsw.Connection, now: int) -> bool:
    """Whether a step of upkeep has anything to do; `now` in seconds since 1970 UTC."""
    return bin_is_due(connection, now) or _surplus(connection) > 0


def do_upkeep(connection: apsw.Connection, now: int) -> None:
    """One step, flushed when it returns: the bin first, since it frees pages. Raises apsw.Error, with nothing done."""
    if bin_is_due(connection, now):
        with connection:
            empty_bin(connection, now)
    else:
        give_back_pages(connection)


def give_back_pages(connection: apsw.Connection) -> bool:
    """Gives free pages from the end of the file back, at most PAGES_AT_ONCE; false if there are none to give. Raises apsw.Error, with nothing done.

    The file becomes smaller with the next checkpoint.
    """
    with connection:
        pages = min(_surplus(connection), PAGES_AT_ONCE)
        if pages > 0:  # the pragma takes 0 for "all"
            connection.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
    return pages > 0


def _surplus(connection: apsw.Connection) -> int:
    """Free pages beyond those that are kept; 0 or less if there are none, or none can be moved in a file that was made without `auto_vacuum`."""
    if int(connection.pragma("auto_vacuum")) != INCREMENTAL:
        return 0
    free, pages = int(connection.pragma("freelist_count")), int(connection.pragma("page_count"))
    return free - max(KEPT_PAGES, pages // KEPT_SHARE)
