"""The benchmark's Dovecot for the tests that compare with it; they are skipped where it cannot run."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import servers
from need import missing

PASSWORD = servers.PASSWORD
USER = servers.user(1)


@contextlib.contextmanager
def dovecot() -> Iterator[int]:
    """The IMAP port of a fresh Dovecot that knows USER by PASSWORD."""
    with tempfile.TemporaryDirectory(prefix="dovecot-test-") as base, contextlib.ExitStack() as running:
        try:
            server = running.enter_context(servers.dovecot(Path(base), accounts=1))
        except servers.NotHere as error:
            missing(f"Dovecot: {error}")
        yield server.imap
