"""One role, one library, one place: every third-party package has its home, and only the code there imports it.

Invariant: HOMES, the imports of `src` and the dependencies of pyproject.toml say the same. What is imported elsewhere
than at home, has no home, is not declared, or is declared and never imported, is a breach.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.imports import imports_below, inside


@dataclass(frozen=True, slots=True)
class Home:
    """Where a package may be imported (dotted modules below `bustia`), and its name in a registry."""

    distribution: str
    modules: tuple[str, ...]


HOMES = {
    "aiosmtplib": Home("aiosmtplib", ("post",)),
    "apsw": Home("apsw", ("store.sqlite",)),
    "argon2": Home("argon2-cffi", ("server.auth",)),
    "babel": Home("babel", ("web", "cli")),
    "charset_normalizer": Home("charset-normalizer", ("store.search", "web")),
    "cryptography": Home("cryptography", ("cli", "sync.secrets")),
    "dns": Home("dnspython", ("sync.discover",)),
    "httpx": Home("httpx", ("sync.discover",)),
    "jinja2": Home("jinja2", ("web",)),
    "keyring": Home("keyring", ("sync.secrets",)),
    "msgspec": Home("msgspec", ("config",)),
    "multipart": Home("python-multipart", ("web",)),
    "nh3": Home("nh3", ("web",)),
    "obstore": Home("obstore", ("store.blobs",)),
    "prometheus_client": Home("prometheus-client", ("server",)),
    "psycopg": Home("psycopg", ("store.postgres",)),
    "rich": Home("rich", ("cli",)),
    "scramp": Home("scramp", ("protocol.sasl",)),
    "starlette": Home("starlette", ("web",)),
    "structlog": Home("structlog", ("daemon",)),
    "typer": Home("typer", ("cli",)),
    "uvicorn": Home("uvicorn", ("web",)),
    "uvloop": Home("uvloop", ("daemon",)),
    "zstandard": Home("zstandard", ("store.sqlite", "store.blobs")),
}


def declared(pyproject: Path) -> set[str]:
    """The distributions that pyproject.toml depends on at run time, by their normal names (PEP 503)."""
    names = tomllib.loads(pyproject.read_text())["project"].get("dependencies", [])
    return {normal(re.split(r"[^A-Za-z0-9._-]", name, maxsplit=1)[0]) for name in names}


def normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def breaches(source: Path, pyproject: Path) -> Iterator[str]:
    """Each third-party import below `source` that is not at home, and each dependency of `pyproject` without a use."""
    used: set[str] = set()
    dependencies = declared(pyproject)
    for one in imports_below(source):
        package = one.target.split(".")[0]
        if package in sys.stdlib_module_names or package == "bustia":
            continue
        home = HOMES.get(package)
        if home is None:
            yield f"{one}: {package} has no home in tools/third_party.py"
            continue
        used.add(home.distribution)
        if not any(inside(one.module, f"bustia.{module}") for module in home.modules):
            yield f"{one}: the home of {package} is {' and '.join(home.modules)}"
        if home.distribution not in dependencies:
            yield f"{one}: {home.distribution} is not among the dependencies of {pyproject.name}"
    for name in sorted(dependencies - used):
        yield f"{pyproject}: nothing imports {name}"
