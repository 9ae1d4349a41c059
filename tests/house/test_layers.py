"""The layer law of docs/architecture.md, on this tree and on small made-up ones that break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import layers

REPOSITORY = Path(__file__).resolve().parents[2]


def tree(root: Path, **modules: str) -> Path:
    """A source tree below `root`; `store__api="import x"` is the file bustia/store/api.py."""
    for name, text in modules.items():
        path = root / "bustia" / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("store__api", "from bustia.server import session"),  # up
        ("store__api", "from bustia.protocol.imap import fetch"),  # sideways on floor 1
        ("protocol__pop3__server", "import bustia.net.tls"),
        ("server__session", "from bustia.sync.imap import engine"),  # sideways on floor 2
        ("model__flags", "from bustia.message.facts import MailFacts"),
        ("message__facts", "from bustia.model.flags import _MASK"),  # the other's insides
        ("message__facts", "from bustia.model import _flags"),
        ("message__facts", "def late():\n    import bustia.store.api"),  # inside a function
        ("store__api", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..server import session"),
        ("store__sqlite__txn", "from ...protocol import wire"),
        ("store__api", "from bustia import cli"),
        ("store__api", "from .. import cli"),
    ],
)
def test_import_against_the_law_is_a_breach(tmp_path: Path, module: str, text: str) -> None:
    assert len(list(layers.breaches(tree(tmp_path, **{module: text})))) == 1


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("store__api", "from bustia.model.flags import Flags\nimport bustia.message.facts"),
        ("server__imap__copy", "from bustia.protocol.imap import copy\nfrom bustia.store import api"),
        ("message__facts", "from bustia.model.flags import Flags"),
        ("cli__main", "import bustia.daemon\nimport bustia.store.sqlite"),
        ("store__sqlite__txn", "from ..api import Store\nfrom . import rows"),
        ("model__flags", "import protocol, serverless"),  # no part of bustia
    ],
)
def test_import_down_or_at_home_is_allowed(tmp_path: Path, module: str, text: str) -> None:
    assert list(layers.breaches(tree(tmp_path, **{module: text}))) == []


def test_folder_without_a_floor_is_a_breach(tmp_path: Path) -> None:
    assert "helpers has no floor" in "".join(layers.breaches(tree(tmp_path, helpers__text="")))


def test_breach_names_file_and_line(tmp_path: Path) -> None:
    root = tree(tmp_path, model__flags="\nimport bustia.cli.main")
    assert next(layers.breaches(root)).startswith(f"{root}/bustia/model/flags.py:2: ")


def test_this_house_holds_the_law() -> None:
    assert list(layers.breaches(REPOSITORY / "src")) == []
