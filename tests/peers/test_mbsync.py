"""mbsync keeps a maildir and an account the same, in both directions: messages, flags, mailboxes, expunges; a second run finds nothing to do."""

from __future__ import annotations

import imaplib
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo_process import Demo, demo
from need import need

RC = """
IMAPAccount server
Host {host}
Port {port}
User {user}
Pass {password}
SSLType None

IMAPStore far
Account server

MaildirStore near
Path {root}/
Inbox {root}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
"""


def message(name: str) -> bytes:
    """A message as mbsync keeps it in a maildir, with LF."""
    return (
        f"From: ann@example.org\nSubject: {name}\nMessage-ID: <{name}@example.org>\n\n.a dot and 8 bits: é\n".encode()
    )


@contextmanager
def client(server: Demo) -> Iterator[imaplib.IMAP4]:
    """Another client of the same account."""
    address, password = server.accounts[0]
    with imaplib.IMAP4(server.host, server.ports["imap"]) as connection:
        connection.login(address, password)
        yield connection


def far(server: Demo, mailbox: str) -> dict[str, set[str]]:
    """Subjects and flags of the server's messages there; \\Recent is of a session only."""
    with client(server) as connection:
        assert connection.select(mailbox, readonly=True)[0] == "OK"
        _, found = connection.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    told = [answer for answer in found if isinstance(answer, tuple)]
    return {text.decode().split()[1]: set(re.findall(r"\\\w+", head.decode())) - {"\\Recent"} for head, text in told}


def near(root: Path, mailbox: str) -> dict[str, str]:
    """Subjects and flag letters of the maildir's messages; asserts that each is octet for octet what was sent, but for mbsync's own mark."""
    found = {}
    for path in [*(root / mailbox / "cur").iterdir(), *(root / mailbox / "new").iterdir()]:
        octets = path.read_bytes()
        subject = octets.split(b"\n")[1].split()[1].decode()
        assert re.sub(rb"X-TUID: \S+\n", b"", octets) == message(subject)
        found[subject] = path.name.partition(":2,")[2]
    return found


def letters(root: Path, mailbox: str, subject: str, flags: str) -> None:
    """Gives a message of the maildir these flags, as a mail program does."""
    for path in [*(root / mailbox / "cur").iterdir(), *(root / mailbox / "new").iterdir()]:
        if f"Subject: {subject}\n".encode() in path.read_bytes():
            path.rename(root / mailbox / "cur" / (path.name.partition(":2,")[0] + ":2," + flags))


def modseqs(server: Demo) -> list[bytes | None]:
    """HIGHESTMODSEQ of every mailbox: it moves with every change."""
    with client(server) as connection:
        connection.xatom("LIST", '"" * RETURN (STATUS (HIGHESTMODSEQ))')
        told = list(connection.response("STATUS")[1])
    assert len(told) > 1
    return told


def test_both_sides_become_the_same_and_stay_so(tmp_path: Path) -> None:
    program = need("mbsync", "isync")
    root = tmp_path / "maildir"
    root.mkdir()
    with demo(tmp_path / "demo", "--empty", "--accounts", "1", "--password", "secret") as server:
        config = tmp_path / "mbsyncrc"
        address, password = server.accounts[0]
        config.write_text(
            RC.format(host=server.host, port=server.ports["imap"], user=address, password=password, root=root)
        )

        def sync() -> None:
            subprocess.run([program, "--config", str(config), "--all"], check=True, capture_output=True, timeout=60)

        def append(connection: imaplib.IMAP4, mailbox: str, subject: str, flags: str) -> None:
            octets = message(subject).replace(b"\n", b"\r\n")
            assert connection.append(mailbox, flags, "", octets)[0] == "OK"

        with client(server) as connection:
            assert connection.create('"Work/&AMk-t&AOk-"')[0] == "OK"
            append(connection, '"Work/&AMk-t&AOk-"', "deep", "(\\Seen)")
            for subject in ("kept", "flagged", "gone-there", "gone-here"):
                append(connection, "INBOX", subject, "(\\Flagged)" if subject == "flagged" else "()")
        sync()
        assert near(root, "INBOX") == {"kept": "", "flagged": "F", "gone-there": "", "gone-here": ""}
        assert near(root, "Work/&AMk-t&AOk-") == {"deep": "S"}

        with client(server) as connection:
            connection.select("INBOX")
            connection.store("1", "+FLAGS", "(\\Answered)")
            connection.store("3", "+FLAGS", "(\\Deleted)")
            connection.expunge()
            append(connection, "INBOX", "new-there", "()")
        letters(root, "INBOX", "kept", "S")
        letters(root, "INBOX", "gone-here", "T")
        (root / "INBOX" / "new" / "1.here.host").write_bytes(message("new-here"))
        for part in ("cur", "new", "tmp"):
            (root / "Local" / part).mkdir(parents=True)
        (root / "Local" / "cur" / "2.here.host:2,FS").write_bytes(message("local"))
        sync()
        assert far(server, "INBOX") == {
            "kept": {"\\Seen", "\\Answered"},
            "flagged": {"\\Flagged"},
            "new-there": set(),
            "new-here": set(),
        }
        assert near(root, "INBOX") == {"kept": "RS", "flagged": "F", "new-there": "", "new-here": ""}
        assert far(server, "Local") == {"local": {"\\Flagged", "\\Seen"}}

        before = modseqs(server)
        sync()
        assert modseqs(server) == before
