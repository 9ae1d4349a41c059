"""Which accounts are indexed, and when: once they are quiet, in a while if they are not."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from account_file import NOW, AccountFile, mail
from bustia.model.numbers import AccountID
from bustia.store.sqlite import index_queue
from bustia.store.sqlite.index_queue import IndexQueue
from bustia.store.sqlite.indexer import Indexed

HANG_SECONDS = 60
ONE, TWO = AccountID(1), AccountID(2)


class Worker:
    """Takes the worker's place: keeps what it is asked for, and answers from `answers`."""

    def __init__(self, holder: str) -> None:
        self.asked: list[str] = []
        self.answers: list[Indexed] = []
        self.called = threading.Semaphore(0)
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def index(self, mail_db: Path, search_db: Path, now: float) -> Indexed:
        assert now == NOW
        assert mail_db.parent == search_db.parent
        self.asked.append(mail_db.parent.name)
        self.called.release()
        self.may_go_on.wait(HANG_SECONDS)
        return self.answers.pop(0) if self.answers else Indexed(0, complete=True)

    def stop(self) -> None:
        self.may_go_on.set()

    def wait(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.called.acquire(timeout=HANG_SECONDS)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    made = Worker("")
    monkeypatch.setattr(index_queue, "IndexWorker", lambda _: made)
    monkeypatch.setattr(index_queue, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(index_queue, "AGAIN_SECONDS", 0.0)
    return made


@pytest.fixture
def queue(worker: Worker, tmp_path: Path) -> Iterator[IndexQueue]:
    made = IndexQueue(lambda account: tmp_path / str(account), lambda: float(NOW), "test")
    made.start()
    yield made
    made.stop()


def test_account_that_changed_is_indexed(queue: IndexQueue, worker: Worker) -> None:
    queue.note(TWO)
    worker.wait()
    assert worker.asked == ["2"]


def test_many_changes_are_one_run(queue: IndexQueue, worker: Worker) -> None:
    worker.may_go_on.clear()
    queue.note(ONE)
    worker.wait()
    for _ in range(100):
        queue.note(TWO)
    worker.may_go_on.set()
    worker.wait()
    queue.note(ONE)
    worker.wait()
    assert worker.asked == ["1", "2", "1"]


def test_change_during_a_run_is_another_run(queue: IndexQueue, worker: Worker) -> None:
    worker.may_go_on.clear()
    queue.note(ONE)
    worker.wait()
    queue.note(ONE)
    worker.may_go_on.set()
    worker.wait()
    assert worker.asked == ["1", "1"]


def test_what_was_not_completed_is_tried_again(queue: IndexQueue, worker: Worker) -> None:
    worker.answers = [Indexed(0, complete=False), Indexed(3, complete=True)]
    queue.note(ONE)
    worker.wait(2)
    assert worker.asked == ["1", "1"]


def test_change_does_not_wait_for_the_next_try(
    queue: IndexQueue, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_queue, "AGAIN_SECONDS", 3_600.0)
    worker.answers = [Indexed(0, complete=False)]
    queue.note(ONE)
    queue.note(TWO)
    worker.wait(2)
    queue.note(ONE)
    worker.wait()
    assert worker.asked == ["1", "2", "1"]


def test_busy_account_is_put_off_but_not_for_ever(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_queue, "QUIET_SECONDS", 0.5)
    times = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: times[-1])
    queue = IndexQueue(lambda account: Path(str(account)), lambda: float(NOW), "test")
    for tenths in range(0, 50, 4):  # the account changes again before it was quiet for long enough
        times.append(tenths / 10)
        queue.note(ONE)
        queue.note(TWO)
    times.append(5.1)  # more than LATEST_SECONDS after the first change
    queue.start()
    worker.wait(2)
    queue.stop()
    assert sorted(worker.asked) == ["1", "2"]


def test_opened_account_is_indexed_where_the_index_is_older(queue: IndexQueue, worker: Worker, tmp_path: Path) -> None:
    for account in (ONE, TWO):
        (tmp_path / str(account)).mkdir()
        made = AccountFile(tmp_path / str(account))
        made.append(mail("a"))
        if account == TWO:
            made.index()
        made.close()
    index_times = (tmp_path / "2" / "mail.db").stat().st_mtime_ns + 1
    os.utime(tmp_path / "2" / "search.db", ns=(index_times, index_times))
    queue.note_opened(TWO)
    queue.note_opened(ONE)
    worker.wait()
    queue.stop()
    assert worker.asked == ["1"]


def test_stop_ends_while_accounts_wait(queue: IndexQueue, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_queue, "QUIET_SECONDS", 3_600.0)
    monkeypatch.setattr(index_queue, "LATEST_SECONDS", 3_600.0)
    queue.note(ONE)
    queue.stop()
    assert worker.asked == []
