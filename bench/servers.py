"""The servers that are measured: ours as `bustia demo`, and Debian's Dovecot with a small configuration of its own.

Invariant: a server lives in a directory of its own, listens on free ports of 127.0.0.1 only, and ends with its context.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "benchpass"  # of throw-away accounts on the loopback interface
PATIENCE = 30.0  # seconds for a server to come up or go down

PASSABLE = 0o755  # Dovecot's processes run as other users and must get through the directory
DOVECOT_POP3 = Path("/usr/lib/dovecot/pop3")  # of a package of its own
DOVECOT_CONF = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_cache_size = 4M
first_valid_uid = 1
mail_location = sdbox:{base}/mail/%u/sdbox
mail_max_userip_connections = 10000
default_vsz_limit = 1G
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u
}}
service auth {{
  client_limit = 5000
}}
service imap-login {{
  service_count = 0
  process_min_avail = 2
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  service_count = 0
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service imap {{
  service_count = 256
  process_min_avail = 4
}}
service pop3 {{
  service_count = 256
}}
"""


class NotHere(Exception):
    """This server cannot be started on this machine; the text says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server with accounts u1@bench.test, u2@bench.test and so on, all with PASSWORD."""

    name: str
    imap: int  # ports of 127.0.0.1
    pop3: int


def user(number: int) -> str:
    """The address of account `number`, from 1."""
    return f"u{number}@bench.test"


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def stopping(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End `process` with SIGTERM at the end of the block, with SIGKILL if it does not go."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def bustia(base: Path, accounts: int) -> Iterator[Server]:
    """This project's server on an empty directory below `base`."""
    program = Path(sys.executable).with_name("bustia")
    options = ["--directory", str(base / "bustia"), "--accounts", str(accounts), "--password", PASSWORD]
    with (base / "bustia.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "demo", "--json", "--empty", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    with stopping(process):
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise NotHere("bustia demo ended at once: " + (base / "bustia.log").read_text()[-500:])
        ports = json.loads(line)["ports"]
        yield Server("bustia", ports["imap"], ports["pop3"])


@contextmanager
def dovecot(base: Path, accounts: int) -> Iterator[Server]:
    """Debian's Dovecot 2.3 on sdbox, the fastest of its formats for this. Raises NotHere where it or root is missing."""
    program = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None or not DOVECOT_POP3.exists():
        raise NotHere("not installed (apt-get install dovecot-imapd dovecot-pop3d)")
    if os.geteuid() != 0:
        raise NotHere("needs root, for it drops its own privileges")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
    if not version.startswith("2.3."):
        raise NotHere(f"version {version} has another configuration language than 2.3")
    base.chmod(PASSABLE)
    home = base / "dovecot"
    owner = pwd.getpwnam("mail")
    for folder in (home / "run", home / "state", home / "mail"):
        folder.mkdir(parents=True)
    os.chown(home / "mail", owner.pw_uid, owner.pw_gid)
    (home / "users").write_text("".join(f"{user(number)}:{PASSWORD}::::::\n" for number in range(1, accounts + 1)))
    server = Server(f"dovecot {version}", free_port(), free_port())
    values = {"base": home, "uid": owner.pw_uid, "gid": owner.pw_gid, "imap": server.imap, "pop3": server.pop3}
    (home / "dovecot.conf").write_text(DOVECOT_CONF.format(**values))
    process = subprocess.Popen([program, "-F", "-c", home / "dovecot.conf"], stdin=subprocess.DEVNULL)
    with stopping(process):
        for port in (server.imap, server.pop3):
            wait_for_greeting(port)
        yield server


def wait_for_greeting(port: int) -> None:
    """Return once the server on `port` greets. Raises NotHere after PATIENCE."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as probe:
                if probe.recv(1):
                    return
        except OSError:
            time.sleep(0.05)  # nothing says when a process that forks itself listens
    raise NotHere(f"nothing greets on port {port}")
