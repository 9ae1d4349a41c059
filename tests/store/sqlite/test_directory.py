"""Who has an account, from several threads and processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bustia.model.numbers import AccountID
from bustia.model.reason import Reason, Refused
from bustia.store.sqlite.directory import SqliteDirectory


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[SqliteDirectory]:
    opened = SqliteDirectory(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "address", ["", "a", "@example.org", "a@", "a@example.org\r\nx", "a\0@example.org", "a" * 310 + "@example.org"]
)
def test_what_is_no_address_gets_no_account(directory: SqliteDirectory, address: str) -> None:
    with pytest.raises(Refused) as refused:
        directory.create(address, "")
    assert refused.value.reason is Reason.BAD_NAME
    assert directory.accounts() == []


def test_an_address_has_one_account_whatever_its_case(directory: SqliteDirectory) -> None:
    made = directory.create("Alice@Example.org", "hash")
    for spelling in ("alice@example.org", "ALICE@EXAMPLE.ORG"):
        with pytest.raises(Refused) as refused:
            directory.create(spelling, "other")
        assert refused.value.reason is Reason.ALREADY_EXISTS
        assert directory.find(spelling) == made
    assert made.address == "Alice@Example.org", "as it was given"


def test_both_forms_of_an_accented_letter_are_one_address(directory: SqliteDirectory) -> None:
    made = directory.create("re\u0301mi@example.org", "")
    assert directory.find("R\u00c9MI@example.org") == made


def test_mail_with_a_detail_goes_to_the_user_and_login_does_not(directory: SqliteDirectory) -> None:
    made = directory.create("alice@example.org", "")
    assert directory.resolve("Alice+news+more@example.org") == made
    assert directory.find("alice+news@example.org") is None
    assert directory.resolve("+news@example.org") is None
    assert directory.resolve("alice+news@example.com") is None


def test_an_account_named_with_a_plus_is_itself(directory: SqliteDirectory) -> None:
    directory.create("alice@example.org", "")
    plus = directory.create("alice+work@example.org", "")
    assert directory.resolve("alice+work@example.org") == plus


def test_a_new_password_raises_the_version(directory: SqliteDirectory) -> None:
    made = directory.create("alice@example.org", "one")
    directory.set_password(made.id, "two")
    now = directory.find("alice@example.org")
    assert now is not None
    assert (now.password_hash, now.credential_version) == ("two", made.credential_version + 1)


def test_an_account_can_be_switched_off_and_on(directory: SqliteDirectory) -> None:
    made = directory.create("alice@example.org", "")
    for enabled in (False, True):
        directory.set_enabled(made.id, enabled)
        now = directory.find("alice@example.org")
        assert now is not None
        assert now.enabled is enabled


def test_an_unknown_account_cannot_be_changed(directory: SqliteDirectory) -> None:
    with pytest.raises(Refused) as refused:
        directory.set_password(AccountID(9), "x")
    assert refused.value.reason is Reason.NOT_FOUND
    with pytest.raises(Refused) as refused:
        directory.set_enabled(AccountID(9), True)
    assert refused.value.reason is Reason.NOT_FOUND


def test_another_processs_change_is_seen_although_the_look_up_was_remembered(
    directory: SqliteDirectory, tmp_path: Path
) -> None:
    assert directory.find("alice@example.org") is None
    other = SqliteDirectory(tmp_path)
    made = other.create("alice@example.org", "")
    assert directory.find("alice@example.org") == made
    other.set_password(made.id, "new")
    found = directory.find("alice@example.org")
    assert found is not None
    assert found.password_hash == "new"
    other.close()


def test_threads_make_and_find_accounts_at_once(directory: SqliteDirectory) -> None:
    def make(number: int) -> int:
        made = directory.create(f"u{number}@example.org", "")
        assert directory.find(f"U{number}@example.org") == made
        return made.id

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(make, range(40)))
    assert sorted(made) == sorted(record.id for record in directory.accounts())
    assert len(set(made)) == 40


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "directory.db").write_bytes(b"From nobody\n" * 1000)
    with pytest.raises(Refused) as refused:
        SqliteDirectory(tmp_path).find("a@example.org")
    assert refused.value.reason is Reason.DAMAGED


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteDirectory]:
    opened = SqliteDirectory(tmp_path_factory.mktemp("empty"))
    yield opened
    opened.close()


@given(text=st.text(max_size=40))
def test_any_text_can_be_looked_up(empty: SqliteDirectory, text: str) -> None:
    assert empty.find(text) is None
    assert empty.resolve(text) is None
