"""Each test of a store runs once for every backend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_contract import BACKENDS, Box
from store_contract import box as open_box


@pytest.fixture(params=sorted(BACKENDS))
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    """A new account of a running store."""
    with open_box(tmp_path, request.param) as opened:
        yield opened
