"""The command line on a store that flushes nothing: the control for tests which say that everything is flushed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import apsw

from bustia.cli.main import main
from bustia.store.sqlite import open_account
from bustia.store.sqlite.connection import connect


def unflushed(path: Path, patience: Callable[[int], bool], cache_octets: int) -> apsw.Connection:
    """A connection as the store opens it, but with `synchronous = off`."""
    connection = connect(path, patience, cache_octets)
    connection.pragma("synchronous", 0)
    return connection


if __name__ == "__main__":
    with patch.object(open_account, "connect", unflushed):
        main()
