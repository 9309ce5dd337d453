"""`andon connect`: processes beside the workers that bring in what others put down."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stderr, stdout
from andon.cli.support.stopping import Stop
from andon.connect.folder import Inbox, Waiting
from andon.connect.imports.sending import leave_out, send
from andon.connect.imports.spool import Spool
from andon.connect.imports.survey import survey
from andon.connect.tables.errors import FormatError
from andon.connect.tables.input_file import InputFile
from andon.streams.admin import BrokerUnavailable
from andon.streams.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Bring in what other programs put down.")


@app.callback()
def connect() -> None:
    """Bring in what other programs put down."""


@app.command("folder")
@connected
def folder(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder; its subfolders are made.")
    ],
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 10.0,
    settled: Annotated[
        float, typer.Option(min=0, help="Seconds for which nobody may have written to a file.")
    ] = 10.0,
    once: Annotated[
        bool,
        typer.Option(
            "--once", help="Take what is there, and end; the exit code is 1 if a file failed."
        ),
    ] = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Import the tables that are put into DIR/sales, stock, items, orders, suppliers and locations, until Ctrl-C.

    A mapping.toml beside them says what the tables do not (`andon import --save-mapping` writes one; `at = "file"` takes the time of
    the file). What was imported goes to processed/, what could not be to failed/, each with its account as JSON beside it.

    Examples:

        andon connect folder /srv/andon/inbox

        andon connect folder inbox --once --settled 0
    """
    inbox = Inbox(directory)
    failures = 0
    with Stop() as stop, inbox.alone():
        while True:
            try:
                for file in inbox.waiting(time.time(), settled):
                    if stop.asked:
                        break
                    failures += _take(settings, inbox, file, as_json=as_json)
            except BrokerUnavailable as error:
                if once:
                    raise
                stderr().print(f"{error}; trying again in {every:g} s", soft_wrap=True)
            if once or stop.wait(every):
                break
    if once and failures:
        raise typer.Exit(1)


def _take(settings: Settings, inbox: Inbox, file: Waiting, *, as_json: bool) -> bool:
    """Import a file and put it away; return whether it failed."""
    account: dict[str, Any]
    try:
        account = _imported(settings, file)
    except FormatError as error:
        account = {"file": file.path.name, "kind": file.kind, "failed": str(error)}
    failed = account.get("failed") is not None
    target = inbox.put_away(file, account, failed=failed)
    account["moved_to"] = str(target)
    if as_json:
        print_json(account)
    elif failed:
        stdout().print(f"{file.name}: failed: {account['failed']}", style="red", soft_wrap=True)
    else:
        refused = sum(group["count"] for group in account["refused"].values())
        stdout().print(
            f"{file.name}: {account['rows']:,} rows, {account['read']:,} read, {refused:,} refused; "
            f"{account['sent']:,} events sent, {account['imported_before']:,} were there before",
            soft_wrap=True,
        )
    return failed


def _imported(settings: Settings, file: Waiting) -> dict[str, Any]:
    """Send the events of a file, and return the account of its rows.

    Raises:
        FormatError: it cannot be read without a word from somebody.
        BrokerUnavailable: no broker answers.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    with InputFile(file.path) as source, Spool() as spool:
        made = survey(source, file.mapping(), spool, now=now)
        leave_out(settings, spool, made)
        account = made.as_dict(file.path.name, spool.taken(), None)
        if made.stopped is not None or (made.rows and not made.read and made.refused):
            return {**account, "failed": made.stopped or "every row of it is refused"}
        total = spool.to_send()
        if total:
            asyncio.run(send(settings, spool, lambda _: None))
        return {**account, "sent": total}
