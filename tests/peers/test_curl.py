"""curl reads and writes mail by IMAP and POP3, in the clear and under TLS, as the README shows."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_process import Demo, demo
from need import need

MAIL = b"From: a@example.org\r\nSubject: from curl\r\n\r\n.a line with a dot\r\nand another\r\n"


@pytest.fixture(scope="module")
def curl() -> str:
    return need("curl", "curl")


@pytest.fixture(scope="module")
def server(curl: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo"), "--empty", "--accounts", "2", "--password", 'p w:%"\\') as running:
        upload = tmp_path_factory.mktemp("mail") / "mail.eml"
        upload.write_bytes(MAIL)
        ask(curl, running, "imap", "INBOX", "--upload-file", str(upload))
        yield running


def ask(curl: str, server: Demo, scheme: str, path: str, *options: str, account: int = 0) -> bytes:
    address, password = server.accounts[account]
    url = f"{scheme}://{server.host}:{server.ports[scheme]}/{path}"
    command = [curl, "--silent", "--show-error", "--max-time", "30", "--insecure", "--user", f"{address}:{password}"]
    return subprocess.run([*command, *options, url], check=True, capture_output=True).stdout


def test_a_wrong_password_is_refused(curl: str, server: Demo) -> None:
    url = f"imap://{server.host}:{server.ports['imap']}/INBOX"
    done = subprocess.run([curl, "--silent", "--user", "u1@bench.test:wrong", url], check=False, capture_output=True)
    assert done.returncode == 67  # CURLE_LOGIN_DENIED


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_a_message_is_fetched_whole_and_by_section(curl: str, server: Demo, scheme: str) -> None:
    assert ask(curl, server, scheme, "INBOX;MAILINDEX=1") == MAIL
    assert ask(curl, server, scheme, "INBOX;UID=1;SECTION=TEXT") == MAIL.partition(b"\r\n\r\n")[2]


def test_starttls_is_used_when_asked_for(curl: str, server: Demo) -> None:
    assert ask(curl, server, "imap", "INBOX;MAILINDEX=1", "--ssl-reqd") == MAIL
    assert ask(curl, server, "pop3", "1", "--ssl-reqd") == MAIL


def test_search_and_list(curl: str, server: Demo) -> None:
    assert ask(curl, server, "imap", "INBOX?SUBJECT%20curl").strip() == b"* SEARCH 1"
    assert b'"/" INBOX' in ask(curl, server, "imap", "").replace(b'"INBOX"', b"INBOX")


@pytest.mark.parametrize("scheme", ["pop3", "pop3s"])
def test_a_message_is_listed_and_retrieved(curl: str, server: Demo, scheme: str) -> None:
    assert ask(curl, server, scheme, "").split() == [b"1", str(len(MAIL)).encode()]
    assert ask(curl, server, scheme, "1") == MAIL
    assert re.fullmatch(rb"1 [!-~]{1,70}\r\n", ask(curl, server, scheme, "", "--request", "UIDL"))


def test_what_pop3_deletes_is_gone_by_imap(curl: str, server: Demo, tmp_path: Path) -> None:
    upload = tmp_path / "mail.eml"
    upload.write_bytes(MAIL)
    ask(curl, server, "imap", "INBOX", "--upload-file", str(upload), account=1)
    ask(curl, server, "pop3", "1", "--request", "DELE", "--head", account=1)
    assert (
        ask(curl, server, "imap", "INBOX", "--request", "STATUS INBOX (MESSAGES)", account=1)
        .strip()
        .endswith(b"(MESSAGES 0)")
    )
