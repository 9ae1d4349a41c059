"""Below floor 3 nothing asks for time, randomness or environment by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import ambient

REPOSITORY = Path(__file__).resolve().parents[2]


def breaches(root: Path, module: str, text: str) -> list[str]:
    path = root / "bustia" / module
    path.parent.mkdir(parents=True)
    path.write_text(text + "\n")
    return list(ambient.breaches(root))


@pytest.mark.parametrize(
    "text",
    [
        "import time\nx = time.time()",
        "import time as t\nx = t.time_ns()",
        "from time import time\nx = time()",
        "import time\ndef f(now=time.time): ...",
        "from datetime import datetime\nx = datetime.now()",
        "import datetime\nx = datetime.datetime.utcnow()",
        "from datetime import datetime as d\nx = d.today()",
        "import random\nx = random.random()",
        "from random import Random\nx = Random()",
        "import secrets\nx = secrets.token_hex(8)",
        "import os\nx = os.environ['HOME']",
        "from os import environ\nx = environ.get('HOME')",
        "import os.path\nx = os.urandom(3)",
        "import uuid\nx = uuid.uuid4()",
    ],
)
def test_ambient_source_below_floor_3_is_one_breach(tmp_path: Path, text: str) -> None:
    assert len(breaches(tmp_path, "server/session.py", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import time\nx = time.monotonic()",
        "from datetime import datetime, UTC\nx = datetime.fromtimestamp(0, UTC)",
        "def f(time, random): return time.time() + random.random()",  # passed in
        "import secrets\nx = secrets.compare_digest(b'', b'')",
        "import os\nx = os.path.join('a', 'b')",
    ],
)
def test_what_is_passed_in_or_only_measures_is_allowed(tmp_path: Path, text: str) -> None:
    assert breaches(tmp_path, "store/api.py", text) == []


def test_floor_3_may_ask(tmp_path: Path) -> None:
    assert breaches(tmp_path, "cli/main.py", "import os, time\nx = os.environ, time.time()") == []


def test_this_house_passes_them_in() -> None:
    assert list(ambient.breaches(REPOSITORY / "src")) == []
