"""A private Dovecot 2.3 on a free loopback port, for the tests that compare with it.

Invariant: everything that it writes is below one temporary directory; it is stopped when the context ends.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from need import missing, need, need_root

PASSWORD = "secret"
USER = "user@example.org"
WAIT = 20.0  # seconds for it to listen, a hang guard

CONFIG = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = sdbox:{base}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@contextlib.contextmanager
def dovecot() -> Iterator[int]:
    """The IMAP port of a fresh Dovecot that knows USER by PASSWORD; skips where it cannot run."""
    binary = need("dovecot", "dovecot-imapd")
    need_root("Dovecot drops its own privileges")
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if not version.startswith("2.3."):
        missing(f"differences are listed for Dovecot 2.3, this is {version}")
    base = Path(tempfile.mkdtemp(prefix="dovecot-test-"))
    base.chmod(0o755)
    owner = pwd.getpwnam("mail")
    for name in ("run", "state", "mail"):
        (base / name).mkdir(mode=0o755)
    os.chown(base / "mail", owner.pw_uid, owner.pw_gid)
    port = _free_port()
    values = {"base": base, "password": PASSWORD, "uid": owner.pw_uid, "gid": owner.pw_gid, "port": port}
    (base / "dovecot.conf").write_text(CONFIG.format(**values))
    with (base / "out").open("wb") as out:
        process = subprocess.Popen([binary, "-F", "-c", str(base / "dovecot.conf")], stdout=out, stderr=out)
    try:
        _wait(port, process, base)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(WAIT)
        shutil.rmtree(base, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes], base: Path) -> None:
    """Until the port answers; Dovecot has no other sign of being ready."""
    for _ in range(int(WAIT * 20)):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=WAIT):
            return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError((base / "out").read_text() + (base / "log").read_text())
    raise TimeoutError(f"Dovecot does not listen on {port}")
