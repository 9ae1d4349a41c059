"""Searching with `search.db`: it makes a search quick and never wrong, whatever became of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from account_file import AccountFile, mail
from bustia.model.search_key import HasHeader, HasText, Not, SearchKey, TextField
from bustia.store.search.comparable import COMPARABLE_FORM
from bustia.store.sqlite import text_index
from bustia.store.sqlite.search_db import SEARCH_VERSION


@pytest.fixture
def account(tmp_path: Path) -> Iterator[AccountFile]:
    made = AccountFile(tmp_path)
    yield made
    made.close()


TERMS = ["gödel", "GODEL", "straße", "ab", "", "%", '"', "c++ OR", "a b", "日本語", "日", "needle in", "x" * 200]


def fill(account: AccountFile) -> None:
    account.append(
        mail("Gödel", "STRASSE a\r\nb"),
        mail("plain", 'c++ or "quoted" 100% NEAR(a b)'),
        mail("日本語", "needle\r\n in a haystack of 日本"),
        mail("long", "x" * 300),
    )


@pytest.mark.parametrize("where", TextField)
@pytest.mark.parametrize("term", TERMS)
def test_index_and_scan_agree(account: AccountFile, where: TextField, term: str) -> None:
    fill(account)
    account.index()
    for key in (HasText(where, term), Not(HasText(where, term)), HasHeader("subject", term)):
        assert account.search(key) == account.search(key, indexed=False)


words = st.text("abcñ \"'", max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(words, words), min_size=1, max_size=5), words, st.sampled_from(TextField), st.integers(0, 5))
def test_index_and_scan_agree_on_random_mail(
    account: AccountFile, mails: list[tuple[str, str]], term: str, where: TextField, indexed: int
) -> None:
    for subject, body in mails[:indexed]:
        account.append(mail(subject, body))
    account.index()
    for subject, body in mails[indexed:]:
        account.append(mail(subject, body))
    assert account.search(HasText(where, term)) == account.search(HasText(where, term), indexed=False)


def test_indexed_mail_is_searched_without_its_content(account: AccountFile) -> None:
    fill(account)
    account.index()
    account.connection.execute("DELETE FROM frame")
    assert account.search("needle in a") == [3]
    assert account.search('"quoted"') == [2]
    assert account.search("near(a") == [2]
    assert account.lagged == 0


def test_mail_after_the_index_is_found_and_asks_for_the_indexer(account: AccountFile) -> None:
    fill(account)
    account.index()
    account.append(mail("new", "needle in a field"))
    assert account.search("needle") == [3, 5]
    assert account.lagged == 1


def gone(account: AccountFile) -> None:
    account.forget_index()


def damaged(account: AccountFile) -> None:
    account.damage_index()


def no_database(account: AccountFile) -> None:
    account.search_db.write_bytes(b"not a database" * 1000)


def other_version(account: AccountFile) -> None:
    connection = apsw.Connection(str(account.search_db))
    connection.pragma("user_version", 1)
    connection.execute("UPDATE state SET indexed = '1:4294967295'")
    connection.close()


def without_tables(account: AccountFile) -> None:
    connection = apsw.Connection(str(account.search_db))
    connection.execute("DROP TABLE term")
    connection.close()


def locked_away(account: AccountFile) -> None:
    account.forget_index()
    account.search_db.mkdir()


@pytest.mark.parametrize("spoil", [gone, damaged, no_database, other_version, without_tables, locked_away])
def test_spoilt_index_changes_no_answer(account: AccountFile, spoil: Callable[[AccountFile], None]) -> None:
    fill(account)
    account.index()
    spoil(account)
    keys: tuple[SearchKey | str, ...] = (
        "needle",
        "日",
        Not(HasText(TextField.TEXT, "plain")),
        HasHeader("subject", "god"),
    )
    for key in keys:
        assert account.search(key) == account.search(key, indexed=False)
    assert account.lagged


@pytest.mark.parametrize("spoil", [gone, damaged, no_database, other_version, without_tables])
def test_spoilt_index_is_made_again(account: AccountFile, spoil: Callable[[AccountFile], None]) -> None:
    fill(account)
    account.index()
    spoil(account)
    account.search("needle")
    account.index()
    account.index()
    account.lagged = 0
    assert account.search("needle") == [3]
    assert account.lagged == 0


def test_index_of_another_history_is_not_believed(account: AccountFile, tmp_path: Path) -> None:
    """An older `mail.db` was put back, and other mail got the numbers of the lost."""
    fill(account)
    account.index()
    (tmp_path / "restored").mkdir()
    restored = AccountFile(tmp_path / "restored")
    restored.append(mail("a", "one"), mail("b", "needle"), mail("c", "three"))
    account.search_db.replace(restored.search_db)
    assert restored.search("needle") == [2]
    restored.index()
    restored.lagged = 0
    assert restored.search("needle") == [2]
    assert restored.lagged == 0
    restored.close()


def test_long_terms_ask_for_a_bounded_number_of_trigrams(account: AccountFile, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "".join(chr(0x4E00 + at) for at in range(500))
    account.append(mail("x", body), mail("y", body[:250] + body[251:]))
    account.index()
    monkeypatch.setattr(text_index, "MAX_TRIGRAMS", 3)
    assert account.search(body) == [1]


def test_search_leaves_no_file_open(account: AccountFile) -> None:
    fill(account)
    account.index()
    account.search("needle")
    assert not Path(f"{account.search_db}-wal").exists()


def test_version_rises_with_the_form_of_texts() -> None:
    assert SEARCH_VERSION // 100 == COMPARABLE_FORM
