"""Bringing `search.db` up to `mail.db`: in batches, by one indexer, killed at any point."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from account_file import NOW, AccountFile, mail
from bustia.store.sqlite import indexer, text_writer
from bustia.store.sqlite.indexer import SWEEP_SECONDS, Indexed
from bustia.store.sqlite.text_writer import LEASE_SECONDS


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountFile]:
    monkeypatch.setattr(indexer, "BATCH_MAILS", 2)
    made = AccountFile(tmp_path)
    yield made
    made.close()


def fill(account: AccountFile, count: int) -> None:
    account.append(*(mail(f"number {n}", f"needle {n}") for n in range(count)))


def test_missing_account_is_an_error_of_its_own(tmp_path: Path) -> None:
    account = AccountFile(tmp_path)
    account.close()
    account.mail_db.unlink()
    with pytest.raises(apsw.CantOpenError):
        account.index()


def test_what_is_new_is_indexed_once(account: AccountFile) -> None:
    assert account.index() == Indexed(0, complete=True)
    fill(account, 5)
    assert account.index() == Indexed(5, complete=True)
    assert account.index() == Indexed(0, complete=True)
    fill(account, 1)
    assert account.index() == Indexed(1, complete=True)


def test_batches_are_cut_by_octets(account: AccountFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "BATCH_MAILS", 100)
    monkeypatch.setattr(indexer, "BATCH_OCTETS", 1)
    fill(account, 5)
    batches = 0
    add = text_writer.TextWriter.add

    def counted(writer: text_writer.TextWriter, mails: list[text_writer.IndexedMail], now: int) -> None:
        nonlocal batches
        batches += 1
        assert len(mails) == 1
        add(writer, mails, now)

    monkeypatch.setattr(text_writer.TextWriter, "add", counted)
    assert account.index().mails == batches == 5


def test_stop_ends_after_a_batch_and_the_next_run_goes_on(account: AccountFile) -> None:
    fill(account, 5)
    stops = iter([False, True])
    assert account.index(stop=lambda: next(stops)) == Indexed(2, complete=False)
    assert account.search("needle") == [1, 2, 3, 4, 5]
    assert account.index() == Indexed(3, complete=True)


def test_one_indexer_at_a_time(account: AccountFile) -> None:
    fill(account, 3)
    other: list[Indexed] = []

    def stop() -> bool:
        other.append(account.index(holder="other"))
        return False

    assert account.index(stop=stop) == Indexed(3, complete=True)
    assert set(other) == {Indexed(0, complete=False)}
    assert account.index(holder="other").complete


@pytest.mark.parametrize("passed", [LEASE_SECONDS, -2 * LEASE_SECONDS])
def test_lease_of_a_dead_indexer_ends_by_time_and_by_a_clock_set_back(account: AccountFile, passed: int) -> None:
    fill(account, 3)
    with pytest.raises(KeyboardInterrupt):
        account.index(stop=_interrupted, holder="dead")
    assert not account.index().complete
    account.now += passed
    assert account.index() == Indexed(3, complete=True)


def _interrupted() -> bool:
    raise KeyboardInterrupt


def test_indexer_that_lost_its_lease_files_nothing_more(account: AccountFile) -> None:
    fill(account, 4)
    seen: list[Indexed] = []

    def stop() -> bool:
        account.now += LEASE_SECONDS  # the machine slept
        if not seen:
            seen.append(account.index(holder="other"))
        return False

    assert account.index(stop=stop) == Indexed(0, complete=False)
    assert seen[0] == Indexed(4, complete=True)
    assert account.in_index("mail") == [1, 2, 3, 4]


def test_expunged_mail_leaves_the_index_with_the_bin(account: AccountFile) -> None:
    fill(account, 5)
    account.index()
    account.purge(3)
    account.index()
    assert account.in_index("mail") == [1, 2, 4, 5]
    assert account.search("needle") == [1, 2, 4, 5]


def test_content_that_came_later_is_indexed_by_the_next_sweep(account: AccountFile) -> None:
    fill(account, 3)
    (digest,) = account.connection.execute("SELECT digest FROM mail WHERE id = 2").fetchall()[0]
    account.connection.execute("UPDATE mail SET digest = NULL WHERE id = 2")  # only its header was fetched
    assert account.index().mails == 2
    account.connection.execute("UPDATE mail SET digest = ? WHERE id = 2", (digest,))
    assert account.search("needle") == [1, 2, 3]
    assert account.index().mails == 0
    account.now = NOW + SWEEP_SECONDS
    assert account.index().mails == 1
    assert account.in_index("mail") == [1, 2, 3]


def test_damaged_content_does_not_stop_the_others(account: AccountFile) -> None:
    fill(account, 3)
    account.connection.execute("DELETE FROM frame WHERE id = (SELECT min(id) FROM frame)")
    assert account.index() == Indexed(2, complete=True)
    assert account.in_index("mail") == [2, 3]


_KILLED = """
import os, signal, sys
from pathlib import Path
from bustia.store.sqlite import indexer, text_writer
folder, point = Path(sys.argv[1]), sys.argv[2]
indexer.BATCH_MAILS = 2
left = [3]
def die(*_):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
if point != "between":
    original = getattr(text_writer.TextWriter, point)
    def wrapped(self, *arguments):
        die()
        return original(self, *arguments)
    setattr(text_writer.TextWriter, point, wrapped)
indexer.index_account(
    folder / "mail.db", folder / "search.db", clock=lambda: float(sys.argv[3]), holder="killed",
    stop=lambda: point == "between" and bool(die()),
)
"""


@pytest.mark.parametrize("point", ["between", "_note_indexed", "_add_term"])
def test_killed_indexer_leaves_whole_batches_and_no_wrong_answer(account: AccountFile, point: str) -> None:
    fill(account, 9)
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(account.mail_db.parent), point, str(NOW)], check=False, timeout=60
    )
    assert killed.returncode == -9
    filed = len(account.in_index("mail"))
    assert filed == {"between": 4, "_note_indexed": 4, "_add_term": 0}[point]
    assert account.search("needle") == list(range(1, 10))
    account.now += LEASE_SECONDS
    assert account.index() == Indexed(9 - filed, complete=True)
    assert account.search("needle 8") == [9]
