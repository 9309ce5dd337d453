"""`andon connect`: processes beside the workers that bring in what others put down."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from andon.cli.connect_cdc import cdc
from andon.cli.connect_dry_run import show_folder
from andon.cli.connect_http import http
from andon.cli.connect_out import app as out
from andon.cli.connect_topic import topic
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stderr, stdout
from andon.cli.support.stopping import Stop
from andon.connect.edi.inbox import KIND as EDI
from andon.connect.folder import Inbox, Waiting
from andon.connect.taking import take
from andon.streams.admin import BrokerUnavailable
from andon.streams.settings import Settings

app = typer.Typer(
    no_args_is_help=True, help="Bring in what others put down or send, and send orders out."
)


app.command("http")(http)
app.command("cdc")(cdc)
app.command("topic")(topic)
app.add_typer(out, name="out")


@app.callback()
def connect() -> None:
    """Bring in what others put down or send, and send orders out."""


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
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Only show what the files there would bring; they stay, and no broker is needed.",
        ),
    ] = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Import what is put into DIR/sales, stock, items, orders, suppliers, locations and edi, until Ctrl-C.

    A mapping.toml beside them says what the tables do not (`andon import --save-mapping` writes one; `at = "file"` takes the time of
    the file). What was imported goes to processed/, what could not be to failed/, each with its account as JSON beside it. X12 and
    EDIFACT are put into DIR/edi; what is to be sent back, 997 or CONTRL, lies in DIR/edi/out.

    Examples:

        andon connect folder /srv/andon/inbox

        andon connect folder inbox --once --settled 0

        andon connect folder inbox --dry-run
    """
    if dry_run:
        show_folder(directory, as_json=as_json)
        return
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
    account = take(settings, inbox, file, datetime.now(UTC).replace(microsecond=0))
    if account is None:
        stderr().print(f"{file.name}: was written to meanwhile, and is taken later")
        return False
    failed = account.get("failed") is not None
    if as_json:
        print_json(account)
    elif failed:
        stdout().print(f"{file.name}: failed: {account['failed']}", style="red", soft_wrap=True)
    else:
        refused = sum(group["count"] for group in account["refused"].values())
        what = "segments" if account["kind"] == EDI else "rows"
        stdout().print(
            f"{file.name}: {account['rows']:,} {what}, {account['read']:,} read, {refused:,} refused; "
            f"{account['sent']:,} events sent, {account['imported_before']:,} were there before",
            soft_wrap=True,
        )
    if not as_json:
        _tell_answers(file, account)
    return failed


def _tell_answers(file: Waiting, account: dict[str, Any]) -> None:
    """Say what a partner did not take of what was sent to it."""
    for answer in account.get("answers", ()):
        if not answer["taken"]:
            stdout().print(
                f"{file.name}: the partner refuses {answer['kind']} {answer['reference']} ({answer['text']})",
                style="red",
                soft_wrap=True,
            )
