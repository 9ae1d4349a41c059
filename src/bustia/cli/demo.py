"""`bustia demo`: a server with generated mail on free loopback ports, for people to look at and for programs to measure.

Invariants
- Only 127.0.0.1 is served, so passwords without TLS are allowed there.
- A directory that has accounts already is served as it is: generated mail is added to new accounts only.
- The line of `--json` is printed when every port accepts connections, and nothing else goes to standard output then.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bustia.cli.certificate import ensure_certificate
from bustia.cli.demo_mail import demo_mails
from bustia.daemon import Daemon, DaemonSettings, run
from bustia.model.mailbox import MailboxName
from bustia.server.auth import password_hasher
from bustia.server.settings import AuthSettings
from bustia.store.api import AccountRecord
from bustia.store.importing import import_mails
from bustia.store.mail_files import SourceMail
from bustia.store.sqlite.prepare import prepare

TWO_ACCOUNTS = ("maria@bustia.test", "joan@bustia.test")
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class DemoWishes:
    """What was asked on the command line."""

    as_json: bool
    directory: Path | None
    accounts: int | None
    empty: bool
    password: str


def run_demo(wishes: DemoWishes) -> None:
    """Serves until SIGINT or SIGTERM; a directory that was not named is temporary and removed at the end."""
    directory = (wishes.directory or Path(tempfile.mkdtemp(prefix="bustia-demo-"))).resolve()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        run(_serve(wishes, directory))
    finally:
        if wishes.directory is None:
            shutil.rmtree(directory, ignore_errors=True)


async def _serve(wishes: DemoWishes, directory: Path) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    certificate, key = ensure_certificate(directory, datetime.now(UTC))
    daemon = Daemon(DaemonSettings(directory, "localhost", certificate, key))
    try:
        await daemon.start()
        addresses = _addresses(wishes)
        await _fill(daemon, wishes, addresses)
        _announce(daemon, wishes, addresses, directory)
        await ended.wait()
    finally:
        await daemon.stop()


def _addresses(wishes: DemoWishes) -> tuple[str, ...]:
    if wishes.accounts is None:
        return TWO_ACCOUNTS
    return tuple(f"u{number}@bench.test" for number in range(1, wishes.accounts + 1))


async def _fill(daemon: Daemon, wishes: DemoWishes, addresses: tuple[str, ...]) -> None:
    directory = daemon.store.directory
    hashed = await asyncio.to_thread(password_hasher(AuthSettings()), wishes.password)
    for number, address in enumerate(addresses):
        known = directory.find(address)
        if known is not None:
            directory.set_password(known.id, hashed)
            continue
        record = directory.create(address, hashed)
        if not wishes.empty:
            await _generate(daemon, record, number)


async def _generate(daemon: Daemon, record: AccountRecord, number: int) -> None:
    account = daemon.store.account(record.id)
    by_mailbox: dict[str, list[SourceMail]] = {}
    for mail in demo_mails(record.address, datetime.now(UTC), number):
        source = SourceMail("demo", "", mail.octets, mail.flags, mail.arrived)
        by_mailbox.setdefault(mail.mailbox, []).append(source)
    for name, mails in by_mailbox.items():
        await import_mails(account, mails, MailboxName.parse(name), prepare, now=lambda: int(time.time()))


def _announce(daemon: Daemon, wishes: DemoWishes, addresses: tuple[str, ...], directory: Path) -> None:
    if wishes.as_json:
        told = {
            "pid": os.getpid(),
            "host": HOST,
            "ports": daemon.ports,
            "accounts": [{"address": address, "password": wishes.password} for address in addresses],
            "directory": str(directory),
        }
        print(json.dumps(told), flush=True)
        return
    ports, user = daemon.ports, addresses[0]
    login = f"--user {shlex.quote(f'{user}:{wishes.password}')}"
    bustia, place = _this_command(), shlex.quote(str(directory))
    print(
        f"""Bústia serves {len(addresses)} accounts from {directory}

  a mail program   IMAP {HOST} port {ports["imap"]} (or {ports["imaps"]} with TLS)
                   POP3 {HOST} port {ports["pop3"]} (or {ports["pop3s"]} with TLS)
                   user {user}, password {wishes.password}   (also: {", ".join(addresses[1:4]) or "no other"})
  curl, IMAP       curl {login} 'imap://{HOST}:{ports["imap"]}/INBOX;MAILINDEX=1'
  curl, TLS        curl --insecure {login} 'imaps://{HOST}:{ports["imaps"]}/INBOX?TEXT%20"printer"'
  curl, POP3       curl {login} 'pop3://{HOST}:{ports["pop3"]}/1'
  mail in, LMTP    {HOST} port {ports["lmtp"]}
  from files       {bustia} import --directory {place} --account {user} FILE…
  is it all right  {bustia} verify --directory {place}

The certificate is self-signed. Ctrl-C ends it.""",
        flush=True,
    )


def _this_command() -> str:
    """How the reader calls this program again, from any directory: by its name where a shell finds it, else by its path."""
    name = "bustia"
    return name if shutil.which(name) else shlex.quote(str(Path(sys.executable).with_name(name)))
