"""What a test needs from the machine: another program, root.

Invariant: on a developer's machine something missing is a skip that names the Debian package; with CI=true it is a
failure, so that a peer which vanished from CI is noticed and not skipped for ever.
"""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

SYSTEM_PATH = "/usr/sbin:/sbin"  # where Debian keeps daemons; often not in a person's PATH


def missing(what: str) -> NoReturn:
    """Skip the running test (or the module being collected), or fail it when the environment says CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"in CI nothing is skipped: {what}", pytrace=False)
    pytest.skip(what, allow_module_level=True)


def need(program: str, package: str) -> str:
    """The path of `program`, an executable of the Debian package `package`; `missing` where it is not installed."""
    path = shutil.which(program, path=os.environ.get("PATH", os.defpath) + ":" + SYSTEM_PATH)
    if path is None:
        missing(f"{program} is not installed: apt-get install {package}")
    return path


def need_root(why: str) -> None:
    """`missing` where the tests do not run as root; `why` says what for ("Dovecot drops its own privileges")."""
    if os.geteuid() != 0:
        missing(f"needs root: {why}")
