"""`bustia verify`: every account of a directory looked through, each fault on a line of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.progress import Progress

from bustia.daemon import holds_store, open_store
from bustia.store.sqlite.verify import verify


def run_verify(directory: Path) -> int:
    """Verifies all accounts, also while the server runs; returns 0, 1 if anything is wrong, 2 if there is nothing to look at."""
    if not holds_store(directory):
        print(f"bustia: no store in {directory}", file=sys.stderr)
        return 2
    store = open_store(directory)
    faults = 0
    try:
        accounts = store.directory.accounts()
        with Progress(transient=True, disable=not sys.stderr.isatty()) as bar:
            for record in bar.track(accounts, description="verify"):
                path = directory / "accounts" / str(record.id) / "mail.db"
                if not path.exists():  # an account that nobody has used yet has no file
                    continue
                for finding in verify(path):
                    faults += 1
                    print(f"{record.address}: {finding.kind.value}: {finding.where}: {finding.text}")
    finally:
        store.directory.close()
    print(f"accounts: {len(accounts)}, faults: {faults}")
    return 1 if faults else 0
