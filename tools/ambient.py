"""Time, randomness and environment are passed in below floor 3: nothing there may ask for them by itself.

A clock that only measures how long something takes (`time.monotonic`, the event loop's own) is allowed: no answer to a
peer depends on it. Invariant: a mention is a breach, called or not, for a default argument `now=time.time` is as
ambient as a call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.imports import inside, module_name
from tools.layers import FLOORS, PEOPLE, component

AMBIENT = (
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "random",
    "secrets.choice",
    "secrets.randbelow",
    "secrets.randbits",
    "secrets.token_bytes",
    "secrets.token_hex",
    "secrets.token_urlsafe",
    "uuid.uuid1",
    "uuid.uuid4",
    "os.environ",
    "os.environb",
    "os.getenv",
    "os.urandom",
)


def mentions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of each ambient source that the module mentions, whatever name it was imported under."""
    names = _imported(tree)
    places: set[tuple[int, int]] = set()  # `random.random` and the `random` in it begin at one place and count once
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and (node.lineno, node.col_offset) not in places:
            dotted = _dotted(node, names)
            if dotted is not None and any(inside(dotted, source) for source in AMBIENT):
                places.add((node.lineno, node.col_offset))
                yield node.lineno, dotted


def _imported(tree: ast.Module) -> dict[str, str]:
    """What each name that an import binds stands for: {"datetime": "datetime.datetime"} in many a module."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.split(".")[0]
                names[bound] = alias.name if alias.asname else bound
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """`datetime.datetime.now` for `datetime.now` after `from datetime import datetime`; None if it was not imported."""
    rest: list[str] = []
    while isinstance(node, ast.Attribute):
        rest.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(rest)])


def breaches(source: Path) -> Iterator[str]:
    """Each mention below floor 3 of the source tree (the folder which holds `bustia`), as `file:line: what`."""
    for path in sorted(source.rglob("*.py")):
        floor = FLOORS.get(component(module_name(path, source)), PEOPLE)
        if floor < PEOPLE:
            found = sorted(mentions(ast.parse(path.read_bytes(), str(path))))
            yield from (f"{path}:{line}: {name} is ambient; pass it in" for line, name in found)
