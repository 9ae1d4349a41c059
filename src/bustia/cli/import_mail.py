"""`bustia import`: mail from files into an account, with a progress bar on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.progress import Progress, TextColumn, TimeElapsedColumn

from bustia.daemon import holds_store, open_store, run
from bustia.model.mailbox import MailboxName
from bustia.model.reason import Refused
from bustia.store.importing import ImportReport, import_mails
from bustia.store.mail_files import SourceMail, read_mails
from bustia.store.sqlite.prepare import prepare


def run_import(directory: Path, address: str, mailbox: str, sources: list[Path]) -> int:
    """Files all mails of `sources`; returns the exit code: 0, 1 if some were refused, 2 if it could not go on."""
    missing = [str(path) for path in sources if not path.exists()]
    if missing:
        print(f"bustia: no such file or directory: {', '.join(missing)}", file=sys.stderr)
        return 2
    if not holds_store(directory):
        print(f"bustia: no store in {directory}", file=sys.stderr)
        return 2
    try:
        report = run(_import(directory, address, MailboxName.parse(mailbox), sources))
    except (Refused, OSError) as error:
        print(f"bustia: {error}", file=sys.stderr)
        return 2
    for where, why in report.refused:
        print(f"bustia: not filed: {where}: {why}", file=sys.stderr)
    print(f"filed: {report.filed}, octets: {report.octets}, refused: {len(report.refused)}")
    return 1 if report.refused else 0


async def _import(directory: Path, address: str, target: MailboxName, sources: list[Path]) -> ImportReport:
    store = open_store(directory)
    record = store.directory.find(address)
    if record is None:
        raise FileNotFoundError(f"no account {address} in {directory}")
    await store.start()
    try:
        columns = (TextColumn("{task.completed} messages, {task.fields[megabytes]:.1f} MB"), TimeElapsedColumn())
        with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("import", total=None, megabytes=0.0)
            return await import_mails(
                store.account(record.id),
                _all(sources),
                target,
                prepare,
                now=lambda: int(time.time()),
                progress=lambda report: bar.update(task, completed=report.filed, megabytes=report.octets / 1e6),
            )
    finally:
        await store.aclose()


def _all(sources: list[Path]) -> Iterator[SourceMail]:
    for source in sources:
        yield from read_mails(source)
