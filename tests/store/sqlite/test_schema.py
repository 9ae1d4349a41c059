"""The file of an account: how it is made, and that newer ones are refused."""

from __future__ import annotations

import apsw
import pytest

from bustia.model.reason import Reason, Refused
from bustia.store.api import Column
from bustia.store.sqlite import columns, schema
from bustia.store.sqlite.verify import faults

NOW = 1_700_000_000


def test_file_of_a_newer_program_is_refused() -> None:
    connection = apsw.Connection(":memory:")
    connection.pragma("user_version", schema.SCHEMA_VERSION + 1)
    with pytest.raises(Refused) as refused:
        schema.migrate(connection)
    assert refused.value.reason is Reason.DAMAGED
    assert "newer" in refused.value.text


def test_migration_is_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE more(x); INSERT INTO none VALUES(1)"))
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    connection = apsw.Connection(":memory:")
    with pytest.raises(apsw.SQLError):
        schema.migrate(connection)
    assert schema.version(connection) == 1
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'more'").get == 0


def test_migrating_again_changes_nothing() -> None:
    connection = apsw.Connection(":memory:")
    schema.create(connection, NOW)
    before = connection.total_changes()
    schema.migrate(connection)
    assert connection.total_changes() == before


def test_failed_creation_leaves_an_empty_file() -> None:
    connection = apsw.Connection(":memory:")
    with pytest.raises(OverflowError):
        schema.create(connection, 1 << 64)
    assert schema.version(connection) == 0
    assert connection.execute("SELECT count(*) FROM sqlite_schema").get == 0


def test_new_account_is_sound_and_small() -> None:
    connection = apsw.Connection(":memory:")
    schema.create(connection, NOW)
    assert list(faults(connection)) == []
    pages = connection.pragma("page_count")
    assert pages <= 17  # 10,000 empty accounts of 4 KiB pages: 700 MB


@pytest.mark.parametrize("column", Column)
def test_every_column_of_the_contract_is_in_a_table(column: Column) -> None:
    connection = apsw.Connection(":memory:")
    schema.create(connection, NOW)
    for condition in ("uid = wanted.value", "uid BETWEEN wanted.value ->> 0 AND wanted.value ->> 1"):
        statement = columns.statement((column,), condition, True)
        assert connection.execute(statement, {"mailbox": 1, "wanted": "[]", "uid_validity": 1}).fetchall() == []
