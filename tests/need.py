"""What a test needs from the machine.

Invariant: something missing is a skip that names the Debian package; tests/conftest.py makes a failure of it in CI.
"""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

SYSTEM_PATH = "/usr/sbin:/sbin"  # where Debian keeps daemons; often not in a person's PATH


def missing(what: str) -> NoReturn:
    """Skip the running test, or the module being collected."""
    pytest.skip(what, allow_module_level=True)


def need(program: str, package: str) -> str:
    """The path of `program`, an executable of the Debian package `package`; `missing` where it is not installed."""
    path = shutil.which(program, path=os.environ.get("PATH", os.defpath) + ":" + SYSTEM_PATH)
    if path is None:
        missing(f"{program} is not installed: apt-get install {package}")
    return path
