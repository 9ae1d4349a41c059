"""The process that indexes, so that the event loop's process never does (design §2, rule 15), and the parent's end of the pipe to it.

Invariants
- The worker is started for the first account to index, and ends by itself after IDLE_SECONDS without one, or when its parent is gone, however that
  ended: it looks between two batches.
- One account at a time. A worker that died is started again for the next account; what it had not filed is filed then.
- It is started by its own command line and not by forking or by running the parent's main module again: the parent has threads, and may be any program.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import apsw

from bustia.store.sqlite.indexer import Indexed, index_account

IDLE_SECONDS = 60.0  # then the worker gives its 40 MiB back
NICENESS = 19  # only what nobody else wants: it is the serving that people wait for

_SOURCE = Path(__file__).parents[3]  # the folder that holds `bustia`
_NOT_DONE = Indexed(0, complete=False)

_log = logging.getLogger(__name__)


class IndexWorker:
    """The parent's end; `index` is called by one thread, `stop` by any. `holder` is a name that no other indexer has."""

    def __init__(self, holder: str) -> None:
        self._holder = holder
        self._lock = threading.Lock()  # guards the three below
        self._pipe: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def index(self, mail_db: Path, search_db: Path, now: float) -> Indexed:
        """Has an account indexed and waits for that; not complete when stopped, or when the worker could not or died.

        `now` is seconds since 1970 UTC.
        """
        try:
            pipe = self._started()
            if pipe is None:
                return _NOT_DONE
            pipe.send((mail_db, search_db, now))
            outcome = pipe.recv()
        except (EOFError, OSError) as error:
            _log.warning("the index worker has gone: %r", error)
            return _NOT_DONE
        return outcome if isinstance(outcome, Indexed) else _NOT_DONE

    def stop(self) -> None:
        """Ends the worker after the batch under way and waits for that; nothing is indexed any more."""
        with self._lock:
            self._stopped = True
            pipe, process = self._pipe, self._process
        if pipe is None or process is None:
            return
        with suppress(OSError):  # it has ended already
            pipe.send(None)
        process.wait()

    def _started(self) -> Connection | None:
        with self._lock:
            if self._stopped:
                return None
            if self._pipe is not None and self._process is not None and self._process.poll() is None:
                return self._pipe
            if self._pipe is not None:
                self._pipe.close()
            self._pipe, theirs = Pipe()
            program = (
                f"import sys; sys.path.insert(0, {str(_SOURCE)!r});"
                f"from bustia.store.sqlite.index_worker import serve; serve({theirs.fileno()}, {self._holder!r})"
            )
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", program], stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),)
                )
            return self._pipe


def serve(descriptor: int, holder: str) -> None:
    """The worker: indexes what the pipe names, until it says None, is closed, or is silent for IDLE_SECONDS."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the parent, which then ends this process
    os.nice(NICENESS)
    with Connection(descriptor) as pipe:
        try:
            while pipe.poll(IDLE_SECONDS) and (request := pipe.recv()) is not None:
                mail_db, search_db, now = request
                pipe.send(_index(mail_db, search_db, now, holder, pipe))
        except (EOFError, OSError):
            return


def _index(mail_db: Path, search_db: Path, now: float, holder: str, pipe: Connection) -> Indexed:
    began = time.monotonic()
    try:
        return index_account(
            mail_db, search_db, clock=lambda: now + time.monotonic() - began, holder=holder, stop=pipe.poll
        )
    except (apsw.BusyError, apsw.LockedError):
        return _NOT_DONE
    except apsw.Error as error:
        print(f"bustia: {mail_db} is not indexed: {error}", file=sys.stderr)
        return Indexed(0, complete=True)  # the account's own trouble: its next change tries again
