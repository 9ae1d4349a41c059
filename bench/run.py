"""`make bench`: this server and, where it is installed, Debian's Dovecot, measured in one run; one table, a ratio a line.

python -m bench.run [--messages N] [--seed S] [--servers bustia,dovecot] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from bench import maildrop, servers, several, single
from bench.lines import LINES, Figures
from bench.mail import Mailbag
from bench.servers import NotHere, Server

STARTERS: dict[str, Callable[[Path, int], AbstractContextManager[Server]]] = {
    "bustia": servers.bustia,
    "dovecot": servers.dovecot,
}


def measure(name: str, base: Path, bag: Mailbag) -> tuple[str, dict[str, float]]:
    """(the server's name with its version, its figures). Raises NotHere if it cannot be started."""
    figures = Figures()
    with STARTERS[name](base, several.SESSIONS) as server:
        ground = single.Ground(server, bag, figures)
        for group in (single, several, maildrop):
            print(f"{server.name}: {group.__name__} …", file=sys.stderr, flush=True)
            group.measure(ground)
    return server.name, figures.medians()


def table(results: dict[str, dict[str, float]]) -> list[str]:
    """The figures as text, one line each; `<` marks one that falls short of its goal."""
    names = list(results)
    head = f"{'':30}{'unit':>9}" + "".join(f"{name:>17}" for name in names)
    rows = [head + f"{'times as fast':>16}{'goal':>7}" if len(names) > 1 else head]
    for line in LINES:
        values = [results[name].get(line.name) for name in names]
        row = f"{line.name:30}{line.unit:>9}" + "".join(f"{'–' if v is None else number(v):>17}" for v in values)
        ours, theirs = values[0], values[1] if len(values) > 1 else None
        if ours is not None and theirs is not None:
            row += f"{line.ratio(ours, theirs):16.2f}{line.goal:7.2f}"
            row += " <" if line.missed(ours, theirs) else ""
        rows.append(row)
    return rows


def number(value: float) -> str:
    """Three figures that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def machine(bag: Mailbag) -> str:
    """What the figures were measured on and with."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    size = bag.total(len(bag)) / 1e6
    return (
        f"{len(bag):,} messages, {size:,.0f} MB; {os.cpu_count()} processors, Python {platform.python_version()}, "
        f"kernel {platform.release()}, load before {load}"
    )


def main() -> int:
    """Measure and print; the exit status."""
    parser = argparse.ArgumentParser(description="Measure this server beside Debian's Dovecot.")
    parser.add_argument("--messages", type=int, default=2_000, help="messages in the mailbox (default 2000)")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other mail")
    parser.add_argument("--servers", default=",".join(STARTERS), help="which ones, ours first (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the table")
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="bustia-bench-"))
    results: dict[str, dict[str, float]] = {}
    try:
        bag = Mailbag(base / "mail", options.messages, options.seed)
        about = machine(bag)
        for name in options.servers.split(","):
            try:
                shown, figures = measure(name, base, bag)
                results[shown] = figures
            except NotHere as error:
                print(f"{name}: not measured: {error}", file=sys.stderr)
    finally:
        shutil.rmtree(base)
    if options.json:
        print(json.dumps({"machine": about, "results": results}))
    else:
        print("\n".join([about, *table(results)]))
    return 0 if results else 1


if __name__ == "__main__":
    sys.exit(main())
