"""The commands as a person types them: what they print, and how they end."""

from __future__ import annotations

import imaplib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from demo_process import demo

COMMAND = (sys.executable, "-m", "bustia.cli.main")
LIMIT = 120  # seconds; a hang guard of more than ten times what any of these takes


def bustia(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], check=False, capture_output=True, text=True, timeout=LIMIT)


def test_an_unknown_command_is_a_usage_error() -> None:
    done = bustia("serf")
    assert done.returncode == 2
    assert "serf" in done.stderr


def test_help_names_every_command_and_imports_no_server() -> None:
    program = "import sys, bustia.cli.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert not {"apsw", "uvloop", "cryptography", "rich"} & set(loaded), "bustia --help must stay quick"
    assert all(word in bustia("--help").stdout for word in ("demo", "import", "verify"))


def test_import_into_nothing_says_what_is_missing(tmp_path: Path) -> None:
    done = bustia("import", "--directory", str(tmp_path), "--account", "a@example.org", str(tmp_path / "none.mbox"))
    assert (done.returncode, "none.mbox" in done.stderr) == (2, True)


def test_verify_of_and_import_into_no_store_are_errors_and_make_none(tmp_path: Path) -> None:
    assert bustia("verify", "--directory", str(tmp_path)).returncode == 2
    assert bustia("import", "--directory", str(tmp_path), "--account", "a@example.org", __file__).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_the_demos_line_is_one_json_object_as_programs_expect(tmp_path: Path) -> None:
    command = [
        *COMMAND,
        "demo",
        "--json",
        "--directory",
        str(tmp_path),
        "--accounts",
        "3",
        "--empty",
        "--password",
        "p w",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(LIMIT) == 0
    assert rest == ""
    assert set(told) == {"pid", "host", "ports", "accounts", "directory"}
    assert set(told["ports"]) == {"imap", "imaps", "pop3", "pop3s", "lmtp"}
    assert len(set(told["ports"].values())) == 5
    assert told["accounts"] == [{"address": f"u{number}@bench.test", "password": "p w"} for number in (1, 2, 3)]
    assert (told["pid"], told["directory"], told["host"]) == (process.pid, str(tmp_path), "127.0.0.1")


def test_a_kept_directory_is_served_as_it_was(tmp_path: Path) -> None:
    arguments = ("--accounts", "1", "--password", "secret")
    with demo(tmp_path, *arguments) as first:
        with imaplib.IMAP4(first.host, first.ports["imap"]) as client:
            client.login(*first.accounts[0])
            (count,) = client.select("INBOX")[1]
            client.store("1", "+FLAGS", "(Kept)")
        assert int(count or b"0") > 100
    with demo(tmp_path, *arguments) as second, imaplib.IMAP4(second.host, second.ports["imap"]) as client:
        client.login(*second.accounts[0])
        assert client.select("INBOX", readonly=True)[1] == [count]
        assert client.search(None, "KEYWORD", "Kept")[1] == [b"1"]


def test_a_directory_that_was_not_named_is_gone_at_the_end() -> None:
    with subprocess.Popen([*COMMAND, "demo", "--json", "--empty"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        directory = json.loads(process.stdout.readline())["directory"]
        assert os.path.isdir(directory)
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 0
    assert not os.path.exists(directory)


def test_import_while_the_demo_runs_is_seen_by_imap_and_verify_names_what_was_altered(tmp_path: Path) -> None:
    source = tmp_path / "mail.mbox"
    source.write_bytes(b"From a@example.org Mon Sep 24 13:05:01 2001\nSubject: one\n\nText\n")
    kept = tmp_path / "kept"
    with (
        demo(kept, "--accounts", "1", "--empty") as running,
        imaplib.IMAP4(running.host, running.ports["imap"]) as client,
    ):
        client.login(*running.accounts[0])
        assert client.select("INBOX")[1] == [b"0"]
        done = bustia("import", "-d", str(kept), "-a", running.accounts[0][0], str(source))
        assert (done.returncode, done.stdout) == (0, "filed: 1, octets: 22, refused: 0\n")
        assert client.noop()[0] == "OK"
        assert client.response("EXISTS")[1][-1] == b"1"
        assert bustia("verify", "-d", str(kept)).returncode == 0
    with sqlite3.connect(kept / "accounts" / "1" / "mail.db") as connection:
        connection.execute("UPDATE mail SET size = size + 1")
    found = bustia("verify", "-d", str(kept))
    assert found.returncode == 1
    assert "u1@bench.test: " in found.stdout
