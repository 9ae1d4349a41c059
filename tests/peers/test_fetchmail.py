"""fetchmail collects a maildrop by POP3: all of it once while it keeps the mail, then deleting it."""

from __future__ import annotations

import os
import smtplib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bustia.message.fields import header_fields
from demo_process import Demo, demo
from need import need

COUNT = 30
NO_NEW_MAIL = 1  # fetchmail's exit status when there was nothing to get


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    need("fetchmail", "fetchmail")
    with demo(tmp_path_factory.mktemp("demo"), "--empty", "--accounts", "2", "--password", "secret") as running:
        with smtplib.LMTP(running.host, running.ports["lmtp"]) as lmtp:
            for number in range(COUNT):
                text = f"From: ann@example.org\r\nSubject: {number}\r\n\r\n.{number}\r\n..\r\n"
                for address, _ in running.accounts:  # one by one: smtplib reads one answer for a message
                    assert lmtp.sendmail("ann@example.org", [address], text) == {}
        yield running


def fetch(server: Demo, home: Path, account: int, *options: str) -> tuple[int, list[bytes]]:
    """One run into a file; the exit status, and the messages that came, with LF and without trace lines."""
    address, password = server.accounts[account]
    (home / "got").mkdir(exist_ok=True)
    config = home / "fetchmailrc"
    config.write_text(
        f'poll {server.host} protocol POP3 port {server.ports["pop3"]} user "{address}" password "{password}"'
        f" sslproto '' mda \"cat > $(mktemp -p '{home}/got')\"\n"
    )
    config.chmod(0o600)
    done = subprocess.run(
        ["fetchmail", "--fetchmailrc", str(config), "--nodetach", "--invisible", *options],
        check=False,
        capture_output=True,
        timeout=60,
        env={**os.environ, "FETCHMAILHOME": str(home), "LC_ALL": "C"},
    )
    got = [path.read_bytes() for path in (home / "got").iterdir()]
    for path in (home / "got").iterdir():
        path.unlink()
    return done.returncode, got


def test_kept_mail_is_fetched_once(server: Demo, tmp_path: Path) -> None:
    status, got = fetch(server, tmp_path, 0, "--keep", "--uidl")
    assert status == 0
    assert sorted(octets.partition(b"\n\n")[2] for octets in got) == sorted(
        b".%d\n..\n" % number for number in range(COUNT)
    )
    assert fetch(server, tmp_path, 0, "--keep", "--uidl") == (NO_NEW_MAIL, [])


def test_fetched_mail_is_deleted_when_asked(server: Demo, tmp_path: Path) -> None:
    status, got = fetch(server, tmp_path, 1, "--nokeep", "--fetchall")
    assert (status, len(got)) == (0, COUNT)
    assert {header_fields(octets, frozenset({b"subject"}), False).split()[1] for octets in got} == {
        b"%d" % number for number in range(COUNT)
    }
    assert fetch(server, tmp_path, 1, "--nokeep", "--fetchall") == (NO_NEW_MAIL, [])
