"""`python -m tools.support [--check]`: writes docs/support.md from the rows of the capability table, or says whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from bustia.protocol.imap.capability import CAPABILITIES, Row, SessionFacts
from bustia.protocol.imap.commands import COMMANDS, State

PAGE = Path("docs") / "support.md"
BEFORE = SessionFacts(authenticated=False, may_start_tls=False, may_send_password=True)
CLEAR = SessionFacts(authenticated=False, may_start_tls=True, may_send_password=False)
AFTER = SessionFacts(authenticated=True, may_start_tls=False, may_send_password=True)


def _mark(answer: bool) -> str:
    return "yes" if answer else ""


def _row(row: Row) -> str:
    shown = [_mark(row.shown(facts)) for facts in (CLEAR, BEFORE, AFTER)]
    return f"| {row.name} | {row.rfc} | {' | '.join(shown)} | {_mark(row.in_rev2)} | {_mark(row.can_enable)} |"


def _states(states: State) -> str:
    names = [state.name.lower().replace("_", " ") for state in State if state in states and state.name]
    return "any" if len(names) == 3 else ", ".join(names)


def page() -> str:
    """The text of docs/support.md."""
    return "\n".join(
        [
            "# What the IMAP server supports",
            "",
            "Made by `python -m tools.support` from the tables of `src/bustia/protocol/imap/`; do not edit.",
            "",
            "## Capabilities",
            "",
            "Shown in the clear before login, privately (TLS or loopback) before login, after login; part of IMAP4rev2; known to ENABLE.",
            "",
            "| capability | source | in the clear | private | after login | in IMAP4rev2 | ENABLE |",
            "|---|---|---|---|---|---|---|",
            *map(_row, CAPABILITIES),
            "",
            "## Commands",
            "",
            "| command | states | announced by | holds EXPUNGE back |",
            "|---|---|---|---|",
            *(
                f"| {spec.name.decode()} | {_states(spec.states)} | {spec.needs or 'IMAP4rev1'} | {_mark(spec.holds_expunge)} |"
                for spec in COMMANDS
            ),
            "",
        ]
    )


def main(arguments: list[str], root: Path = Path()) -> int:
    """Writes the page, or with --check compares it; the exit status."""
    path = root / PAGE
    if arguments == ["--check"]:
        fresh = path.is_file() and path.read_text("utf-8") == page()
        if not fresh:
            print(f"{PAGE} is not what the tables say: python -m tools.support")
        return 0 if fresh else 1
    path.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
