"""Every import of a source tree, read with `ast` and never executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a module imports, wherever in the file (inside functions and under TYPE_CHECKING too).

    `target` is absolute: `from ..model import flags` in bustia.store.api is `bustia.model.flags`. It may therefore end
    in the name of a class or function; whoever needs the module compares prefixes.
    """

    module: str
    target: str
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.module} imports {self.target}"


def inside(name: str, package: str) -> bool:
    """Whether dotted `name` is `package` or lies below it."""
    return name == package or name.startswith(package + ".")


def module_name(path: Path, root: Path) -> str:
    """Dotted name of the module in file `path` of the source tree `root`; a package is named without `__init__`."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path, root: Path) -> Iterator[Import]:
    """The imports of one file, in the order in which `ast.walk` meets them. Raises SyntaxError if it is not Python."""
    module = module_name(path, root)
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, path, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = [*base, *(node.module or "").split(".")] if node.module else base
            for alias in node.names:
                yield Import(module, ".".join(stem if alias.name == "*" else [*stem, alias.name]), path, node.lineno)


def imports_below(root: Path) -> Iterator[Import]:
    """The imports of every `.py` file below `root`, files in sorted order."""
    for path in sorted(root.rglob("*.py")):
        yield from imports_of(path, root)
