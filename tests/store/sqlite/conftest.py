"""What holds for tests of the SQLite store."""

from __future__ import annotations

import pytest

from bustia.store.sqlite import writer


@pytest.fixture
def whole_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group takes all that waits, however slow the machine is."""
    monkeypatch.setattr(writer, "INLINE_SECONDS", 3600.0)
    monkeypatch.setattr(writer, "GROUP_SECONDS", 3600.0)
