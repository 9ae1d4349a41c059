"""The process that indexes: started when needed, outlived by nothing, missed by nobody."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import pytest

from account_file import NOW, AccountFile, mail
from bustia.store.sqlite import index_worker
from bustia.store.sqlite.index_worker import IndexWorker
from bustia.store.sqlite.indexer import Indexed

HANG_SECONDS = 60


@pytest.fixture
def account(tmp_path: Path) -> Iterator[AccountFile]:
    made = AccountFile(tmp_path)
    made.append(mail("a", "needle"), mail("b", "hay"))
    yield made
    made.close()


@pytest.fixture
def worker() -> Iterator[IndexWorker]:
    made = IndexWorker("test")
    yield made
    made.stop()


def run(worker: IndexWorker, account: AccountFile) -> Indexed:
    return worker.index(account.mail_db, account.search_db, NOW)


def children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def test_worker_indexes(account: AccountFile, worker: IndexWorker) -> None:
    assert run(worker, account) == Indexed(2, complete=True)
    assert account.search("needle") == [1]
    assert account.lagged == 0


def test_account_that_cannot_be_read_is_not_tried_for_ever(
    tmp_path: Path, worker: IndexWorker, capfd: pytest.CaptureFixture[str]
) -> None:
    assert worker.index(tmp_path / "none.db", tmp_path / "search.db", NOW) == Indexed(0, complete=True)
    assert "none.db is not indexed" in capfd.readouterr().err


def test_killed_worker_is_started_again(account: AccountFile, worker: IndexWorker) -> None:
    before = children()
    assert run(worker, account).complete
    (pid,) = children() - before
    account.append(mail("c", "late"))
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert run(worker, account) == Indexed(1, complete=True)


def test_stopped_worker_takes_no_more(account: AccountFile, worker: IndexWorker) -> None:
    before = children()
    run(worker, account)
    worker.stop()
    worker.stop()
    assert children() == before
    assert run(worker, account) == Indexed(0, complete=False)


def test_worker_ends_when_it_is_idle(account: AccountFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_worker, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    ours, theirs = Pipe()
    index_worker.serve(os.dup(theirs.fileno()), "test")
    theirs.close()
    with pytest.raises(EOFError):
        ours.recv()
    ours.close()


_PARENT = """
import sys, time
from pathlib import Path
from bustia.store.sqlite.index_worker import IndexWorker
worker = IndexWorker("test")
worker.index(Path(sys.argv[1]), Path(sys.argv[2]), 0.0)
print(worker._process.pid, flush=True)
sys.stdin.read()
"""


def test_worker_ends_with_a_parent_that_was_killed(account: AccountFile) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(account.mail_db), str(account.search_db)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    descriptor = os.pidfd_open(worker)
    parent.kill()
    parent.communicate()
    signal.pidfd_send_signal(descriptor, 0)  # it has not been reaped by anybody else
    _wait_for_end(descriptor)


def _wait_for_end(descriptor: int) -> None:
    ended, _, _ = select.select([descriptor], [], [], HANG_SECONDS)
    os.close(descriptor)
    assert ended
