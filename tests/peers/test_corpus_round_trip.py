"""Every message of the corpus goes in by import, LMTP and APPEND and comes out by IMAP and POP3 octet for octet.

APPEND keeps octets as they are; import and LMTP make line ends CRLF
once, at the door; POP3 speaks of the CRLF form always. What a road cannot carry is excluded
by
rule, never by name: NUL (APPEND without literal8: RFC 9051 §9, CHAR8; LMTP: RFC 5321 §2.3.8) and lines above 998 octets (LMTP: RFC 5321 §4.5.3.1.6).
"""

from __future__ import annotations

import imaplib
import poplib
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bustia.message.pop3_form import pop3_form
from corpus import CORPUS, corpus
from demo_process import Demo, demo

MAX_LMTP_LINE = 998  # octets without CRLF (RFC 5321 §4.5.3.1.6)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    if not any(True for _ in corpus()):
        pytest.skip("no corpus")
    with demo(tmp_path_factory.mktemp("demo"), "--empty", "--accounts", "3", "--password", "secret") as running:
        yield running


@contextmanager
def imap(server: Demo, account: int) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4(server.host, server.ports["imap"]) as client:
        client.login(*server.accounts[account])
        yield client


def fetched_by_imap(server: Demo, account: int) -> list[bytes]:
    with imap(server, account) as client:
        _, (count,) = client.select("INBOX", readonly=True)
        if count == b"0":
            return []
        _, data = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
        return [bytes(part[1]) for part in data if isinstance(part, tuple)]


def fetched_by_pop3(server: Demo, account: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[bytes], list[int]]:
    """All messages by RETR, and the sizes that LIST said."""
    monkeypatch.setattr(poplib, "_MAXLINE", 10_000_000)
    client = poplib.POP3(server.host, server.ports["pop3"])
    client.user(server.accounts[account][0])
    client.pass_(server.accounts[account][1])
    sizes = [int(line.split()[1]) for line in client.list()[1]]
    messages = [b"".join(line + b"\r\n" for line in client.retr(number)[1]) for number in range(1, len(sizes) + 1)]
    client.quit()
    return messages, sizes


def compare(names: list[str], expected: list[bytes], got: list[bytes]) -> None:
    assert len(got) == len(expected)
    assert [name for name, want, have in zip(names, expected, got, strict=True) if want != have] == []


def test_append_keeps_octets(server: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    names, expected, refused = [], [], []
    with imap(server, 0) as client:
        for name, octets in corpus():
            command = client._new_tag() + b' APPEND "INBOX" {%d+}\r\n' % len(
                octets
            )  # imaplib itself would change line ends
            client.send(command + octets + b"\r\n")
            status, _ = client._command_complete("APPEND", command.split()[0])
            if status == "OK":
                names.append(name)
                expected.append(octets)
            else:
                refused.append((name, b"\0" in octets))
    assert len(names) > 1800
    assert [name for name, has_nul in refused if not has_nul] == []
    compare(names, expected, fetched_by_imap(server, 0))
    messages, sizes = fetched_by_pop3(server, 0, monkeypatch)
    compare(names, [pop3_form(octets) for octets in expected], messages)
    assert sizes == [len(message) for message in messages]


def test_lmtp_keeps_octets_after_its_trace_lines(server: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    names, expected, wrongly = [], [], []
    with smtplib.LMTP(server.host, server.ports["lmtp"]) as client:
        for name, octets in corpus():
            form = pop3_form(octets)
            cannot = b"\0" in form or max(map(len, form.split(b"\r\n"))) > MAX_LMTP_LINE
            try:
                client.sendmail("sender@example.org", [server.accounts[1][0]], form, mail_options=["BODY=8BITMIME"])
                accepted = True
            except smtplib.SMTPException:
                accepted = False
            if accepted:
                names.append(name)
                expected.append(form)
            if accepted == cannot:
                wrongly.append(name)
    assert wrongly == []
    assert len(names) > 1700
    received = fetched_by_imap(server, 1)
    compare(names, expected, [message[-len(want) :] for want, message in zip(expected, received, strict=True)])
    for want, message in zip(expected, received, strict=True):
        trace = message[: len(message) - len(want)]
        assert trace.startswith(b"Return-Path: <sender@example.org>\r\n")
        assert all(
            line[:1] in b" \t" or line.startswith((b"Return-Path:", b"Received:", b"Delivered-To:"))
            for line in trace.splitlines()
        )
    messages, _ = fetched_by_pop3(server, 1, monkeypatch)
    compare(names, received, messages)


def test_import_keeps_octets(server: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names, expected = [], []
    source = tmp_path / "source"
    source.mkdir()
    for number, (name, octets) in enumerate(corpus()):
        if octets.startswith(b"From ") or not octets:
            continue  # a file that starts like an mbox is one
        (source / f"{number:05d}.eml").write_bytes(octets)
        names.append(name)
        expected.append(pop3_form(octets))
    assert CORPUS.is_dir()
    command = [sys.executable, "-m", "bustia.cli.main", "import", "--directory", str(server.directory)]
    subprocess.run([*command, "--account", server.accounts[2][0], str(source)], check=True, capture_output=True)
    compare(names, expected, fetched_by_imap(server, 2))
    messages, _ = fetched_by_pop3(server, 2, monkeypatch)
    compare(names, expected, messages)
