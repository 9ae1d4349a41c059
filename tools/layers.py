"""The layer law: four floors, imports go down only, and siblings on floors 0 to 2 do not know each other.

Invariants:
- Each folder or module directly below `bustia` has a floor in FLOORS; one that has none is itself a breach, so that the
  table stays whole.
- `message` may use the public values of `model`; nothing else goes sideways below floor 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.imports import Import, imports_below, inside

FLOORS = {
    "model": 0,
    "message": 0,
    "protocol": 1,
    "net": 1,
    "store": 1,
    "server": 2,
    "sync": 2,
    "post": 2,
    "cli": 3,
    "web": 3,
    "daemon": 3,
    "config": 3,
}
PEOPLE = 3  # the floor whose folders may use each other: they put the parts together


def component(name: str) -> str:
    """`store` of `bustia.store.api`; the empty string for the package itself."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def allowed(importer: str, imported: str, target: str) -> bool:
    """Whether component `importer` may import `target`, which is of component `imported`."""
    if importer == imported:
        return True
    if FLOORS[importer] == FLOORS[imported]:
        values = importer == "message" and imported == "model" and "._" not in target
        return FLOORS[importer] == PEOPLE or values
    return FLOORS[imported] < FLOORS[importer]


def breach(one: Import) -> str | None:
    """What is wrong with an import inside `bustia`, or None."""
    if not inside(one.target, "bustia"):
        return None
    importer, imported = component(one.module), component(one.target)
    for name in (importer, imported):
        if name not in FLOORS:
            return f"{one}: {name or 'the package itself'} has no floor in tools/layers.py"
    if allowed(importer, imported, one.target):
        return None
    return f"{one}: {importer} (floor {FLOORS[importer]}) may not import {imported} (floor {FLOORS[imported]})"


def breaches(source: Path) -> Iterator[str]:
    """Each import below `source` (the folder which holds `bustia`) that breaks the law, as `file:line: what`."""
    for path in sorted((source / "bustia").iterdir()):
        name = path.stem
        if (path.is_dir() or path.suffix == ".py") and not name.startswith("__") and name not in FLOORS:
            yield f"{path}: {name} has no floor in tools/layers.py"
    for one in imports_below(source):
        found = breach(one)
        if found is not None:
            yield found
