"""The command `bustia`: each command here is a thin face of a function; what it needs is imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="One store of mail: served by IMAP and POP3.",
)

Directory = Annotated[Path, typer.Option("--directory", "-d", help="Where the mail is kept.")]


@app.command()
def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on one line when ready.")] = False,
    directory: Annotated[Path | None, typer.Option("--directory", "-d", help="Keep the mail here.")] = None,
    accounts: Annotated[
        int | None, typer.Option("--accounts", min=1, max=10_000, help="Make u1@bench.test … uN@bench.test.")
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Without mail.")] = False,
    password: Annotated[str, typer.Option("--password", help="The password of every account.")] = "demo",
) -> None:
    """Serve generated mail on free ports of this machine, to try things out; Ctrl-C ends it."""
    from bustia.cli.demo import DemoWishes, run_demo

    run_demo(DemoWishes(as_json, directory, accounts, empty, password))


@app.command("import")
def import_(
    sources: Annotated[list[Path], typer.Argument(help="mbox files, Maildirs, .eml files, or folders of them.")],
    directory: Directory,
    account: Annotated[str, typer.Option("--account", "-a", help="The address of the account.")],
    mailbox: Annotated[
        str, typer.Option("--mailbox", "-m", help="Where to file; folders become mailboxes below.")
    ] = "INBOX",
) -> None:
    """File mail from files into an account; also while the server runs."""
    from bustia.cli.import_mail import run_import

    raise typer.Exit(run_import(directory, account, mailbox, sources))


@app.command()
def verify(directory: Directory) -> None:
    """Check every stored octet, counter and reference; exit code 1 if anything is wrong."""
    from bustia.cli.verify import run_verify

    raise typer.Exit(run_verify(directory))


def main() -> None:
    """Entry point of the command."""
    app()


if __name__ == "__main__":
    main()
