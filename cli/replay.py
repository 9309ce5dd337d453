"""`andon replay`: publishes a file of real events, and accounts for every row of it."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stderr, stdout, table
from andon.cli.support.table_options import RowsOf, tabular
from andon.connect.account import Account
from andon.connect.formats import FORMATS, format_of, read
from andon.connect.formats.rows import FormatError, Row
from andon.connect.imports.grain import how_spread, to_spread
from andon.connect.replay import FAMILIES_PUBLISHED, Replay, publish_rows
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import TableOptions
from andon.connect.tables.table import Table, described, is_json
from andon.streams.bulk import BulkPublisher
from andon.streams.errors import UserError
from andon.streams.settings import Settings


async def _replay(
    settings: Settings,
    path: str,
    rows: Iterator[Row],
    progress: "_Progress",
    *,
    by_time: bool,
    speed: float,
) -> Account:
    async with BulkPublisher(settings) as publisher:
        await publisher.check(FAMILIES_PUBLISHED)
        name = Path(path).name if path != "-" else "stdin"
        replay = Replay(settings, publisher, name, speed)
        begun = time.monotonic()
        async for done in publish_rows(replay, rows, by_time=by_time):
            progress.show(done)
        await publisher.flush()
        replay.account.seconds = time.monotonic() - begun
    return replay.account


class _Progress:
    """How much of the file has been read, on standard error."""

    def __init__(self, path: str, source: InputFile, *, quiet: bool) -> None:
        self._source = source
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rows]:,} rows"),
            TimeElapsedColumn(),
            console=stderr(),
            transient=True,
            disable=quiet,
        )
        self._task = self.bar.add_task(path, total=source.size or None, rows=0)

    def show(self, rows: int) -> None:
        self.bar.update(self._task, completed=self._source.position(), rows=rows)


@connected
@tabular
def replay(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="CSV, Excel or JSON lines, gzipped or not; - is standard input."
        ),
    ],
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help=f"One of {', '.join(FORMATS)}; else canonical or sales, by what the file holds.",
        ),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(min=0, help="Seconds of the file's time a second; 0 is as fast as it goes."),
    ] = 0,
    location: Annotated[str | None, typer.Option(help="Location of rows that name none.")] = None,
    grain: RowsOf = None,
    with_items: Annotated[
        bool, typer.Option("--with-items", help="Publish planning master data for new items too.")
    ] = False,
    as_json: AsJson = False,
    *,
    settings: Settings,
    options: TableOptions,
) -> None:
    """Publish a file of real events, with their own event times, and account for every row.

    Replaying a file again publishes the same event ids: each event has the id of its line.

    Examples:

        andon replay online_retail.csv.gz --format online-retail

        andon replay sales.csv --location store-1

        andon replay deliveries.csv.gz --format scms --speed 86400

        cat events.jsonl | andon replay - --json
    """
    if format is not None and format not in FORMATS:
        msg = f"--format {format} is unknown: it is one of {', '.join(FORMATS)}"
        raise UserError(msg)
    try:
        with InputFile(file) as source:
            if not source.is_live and not is_json(source):
                stderr().print(f"{file}: {described(Table(source, options).understood)}")
            format = format or format_of(source, options)
            rows = read(
                source, format, location, with_items=with_items, options=options, grain=grain
            )
            whole = to_spread(grain)
            if whole is not None:
                stderr().print(f"{file}: {how_spread(whole)}", style="yellow", soft_wrap=True)
            by_time = format == "scms" or whole is not None
            progress = _Progress(file, source, quiet=as_json)
            with progress.bar:
                account = asyncio.run(
                    _replay(settings, file, rows, progress, by_time=by_time, speed=speed)
                )
    except FormatError as error:
        msg = f"{file}: {error}"
        raise UserError(msg) from error
    if as_json:
        print_json(account.as_dict())
    else:
        show(account, stdout())


def show(account: Account, console: Console) -> None:
    """Print the account for people."""
    made = table("", "", "rows#", "units#")
    for outcome, count in account.published.items():
        units = account.units[outcome]
        made.add_row(f"{outcome}s", f"{count:,}", f"{units:,}" if units else "")
    for reason, count in account.skipped.items():
        made.add_row(f"skipped: {reason}", f"{count:,}", "")
    for reason, count in account.dead_letters.items():
        made.add_row(f"dead letters: {reason}", f"{count:,}", "")
    made.add_section()
    made.add_row("all" if account.balanced else "all (does not add up)", f"{account.rows:,}", "")
    console.print(made)
    console.print(f"Published in {account.seconds:.1f} s, {account.rate:,.0f} rows a second.")
