"""How SQLite files are opened."""

from __future__ import annotations

from pathlib import Path

from bustia.store.sqlite.connection import JOURNAL_OCTETS, PAGE_SIZE, Patience, connect, make_file, make_folder


def test_a_commit_is_flushed_and_no_checkpoint_comes_unasked(tmp_path: Path) -> None:
    make_file(tmp_path / "one.db")
    connection = connect(tmp_path / "one.db", Patience(1), 1 << 20)
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL: without it a power cut may take acknowledged mail
        "wal_autocheckpoint": 0,
        "page_size": PAGE_SIZE,
        "journal_size_limit": JOURNAL_OCTETS,
        "cache_size": -1024,
    }
    assert {name: connection.pragma(name) for name in expected} == expected
    connection.close()


def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "one.db").write_bytes(b"mail")
    make_file(tmp_path / "one.db")
    assert (tmp_path / "one.db").read_bytes() == b"mail"


def test_folders_are_made_with_their_parents_for_their_owner(tmp_path: Path) -> None:
    make_folder(tmp_path / "one" / "two")
    make_folder(tmp_path / "one" / "two")
    for folder in (tmp_path / "one", tmp_path / "one" / "two"):
        assert folder.stat().st_mode & 0o777 == 0o700
