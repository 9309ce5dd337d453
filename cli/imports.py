"""`andon import`: a company's own tables in, shown and asked about before anything is sent."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from andon.cli.support.import_show import show
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stderr, stdout
from andon.cli.support.table_options import tabular
from andon.connect.imports.mapping import Mapping, load_mapping, save_mapping
from andon.connect.imports.sending import leave_out, send
from andon.connect.imports.spool import Spool
from andon.connect.imports.survey import Survey, survey
from andon.connect.tables.errors import FormatError
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import TableOptions
from andon.streams.errors import UserError
from andon.streams.settings import Settings

#: Nothing was sent, because nobody said yes.
NOT_SENT: Final = 3
_KindName = Literal["sales", "items", "stock", "orders", "suppliers", "locations"]
_SAID = "What the table does not say"
_KEPT = "Mapping"


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    found = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        if not name or not equals:
            msg = f"{option} {text!r}: expected NAME=VALUE"
            raise UserError(msg)
        found[name] = value
    return found


def _numbers(option: str, given: list[str] | None) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in _pairs(option, given).items()}
    except ValueError as error:
        msg = f"{option}: {error}"
        raise UserError(msg) from error


def _over(before: TableOptions, said: TableOptions) -> TableOptions:
    given = {
        name: value
        for name in TableOptions.__struct_fields__
        if (value := getattr(said, name)) is not None
    }
    return msgspec.structs.replace(before, **given)


class _Progress:
    """How far it is, on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]:,}"),
            TimeElapsedColumn(),
            console=stderr(),
            transient=True,
            disable=quiet,
        )

    def reading(self, file: InputFile) -> Any:
        """Return what shows the rows that are read."""
        task = self.bar.add_task("rows read", total=file.size or None, count=0)
        return lambda rows: self.bar.update(task, completed=file.position(), count=rows)

    def sending(self, total: int) -> Any:
        """Return what shows the events that are sent."""
        task = self.bar.add_task("events sent", total=total, count=0)
        return lambda done: self.bar.update(task, completed=done, count=done)


@connected
@tabular
def import_(
    kind: Annotated[
        _KindName,
        typer.Argument(metavar="KIND", help="sales, items, stock, orders, suppliers or locations."),
    ],
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="CSV or Excel, gzipped or not; - is standard input."),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show; no broker is needed.")
    ] = False,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping", metavar="FILE", help="A mapping that was saved.", rich_help_panel=_KEPT
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save-mapping",
            metavar="FILE",
            help="Save what was understood and said, as TOML.",
            rich_help_panel=_KEPT,
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="FIELD=NAME",
            help="The column of a field; FIELD= for none.",
            rich_help_panel=_KEPT,
        ),
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=FILE",
            help="What identities (sku, location) are called here: TOML, or a table of two columns.",
            rich_help_panel=_KEPT,
        ),
    ] = None,
    location: Annotated[
        list[str] | None,
        typer.Option(
            "--location", help="Of rows that name none; of items, several.", rich_help_panel=_SAID
        ),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Of all rows that do not say it.",
            rich_help_panel=_SAID,
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="When it was counted, ordered or changed.",
            rich_help_panel=_SAID,
        ),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone",
            metavar="NAME",
            help="Of times without an offset; else UTC.",
            rich_help_panel=_SAID,
        ),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit",
            metavar="NAME=FACTOR",
            help="Units in a unit of measure, such as case=12.",
            rich_help_panel=_SAID,
        ),
    ] = None,
    scale: Annotated[
        float | None,
        typer.Option(
            "--scale",
            help="Factor of all quantities: 1000 for kilograms in grams.",
            rich_help_panel=_SAID,
        ),
    ] = None,
    grain: Annotated[
        Literal["day"] | None,
        typer.Option(
            "--grain",
            help="Rows are of one day each, though they look otherwise.",
            rich_help_panel=_SAID,
        ),
    ] = None,
    as_json: AsJson = False,
    *,
    settings: Settings,
    options: TableOptions,
) -> None:
    """Show what was understood of a table, and send its rows as events once somebody says yes.

    Every row is accounted for: read, skipped or refused, with its reason and line. Importing a file again adds nothing. Without a
    terminal and without --yes nothing is sent, and the exit code is 3.

    Examples:

        andon import sales sales.csv --dry-run

        andon import stock stock.xlsx --location store-1 --at 2026-11-28T06:00 --time-zone Europe/Berlin

        andon import items items.csv --location store-1 --location store-2 --set lead_time_days=7 --yes

        andon import orders orders.csv --save-mapping orders.toml
    """
    base = load_mapping(mapping, kind) if mapping is not None else Mapping()
    said = msgspec.structs.replace(
        base,
        kind=kind,
        locations=tuple(location or base.locations),
        time_zone=time_zone or base.time_zone,
        at=at or base.at,
        scale=scale if scale is not None else base.scale,
        grain=grain or base.grain,
        table=_over(base.table, options),
        columns={**base.columns, **_pairs("--column", column)},
        set={**base.set, **_pairs("--set", values)},
        units={**base.units, **_numbers("--unit", unit)},
        maps={**base.maps, **_pairs("--map", maps)},
    )
    progress = _Progress(quiet=as_json)
    with InputFile(file) as source, Spool() as spool:
        try:
            with progress.bar:
                done = progress.reading(source)
                made = survey(
                    source, said, spool, now=datetime.now(UTC).replace(microsecond=0), progress=done
                )
        except FormatError as error:
            msg = f"{file}: {error}"
            raise UserError(msg) from error
        if not dry_run:
            leave_out(settings, spool, made)
        if not as_json:
            show(made, file, spool.taken(), stdout())
        elif dry_run:
            print_json(made.as_dict(file, spool.taken(), None))
        if save is not None:
            save_mapping(save, made.mapping)
            stderr().print(f"written: {save}")
        if made.stopped is not None and not dry_run:
            msg = f"{file}: nothing was sent: {made.stopped}"
            raise UserError(msg)
        code = 0
        if not dry_run:
            code = _send(settings, spool, file, made, progress, yes=yes, as_json=as_json)
    if code:
        raise typer.Exit(code)


def _send(
    settings: Settings,
    spool: Spool,
    file: str,
    made: Survey,
    progress: _Progress,
    *,
    yes: bool,
    as_json: bool,
) -> int:
    total = spool.to_send()
    if total and not yes and not _agreed(total, file):
        if as_json:
            print_json(made.as_dict(file, spool.taken(), None))
        else:
            stderr().print("nothing was sent: --yes sends it")
        return NOT_SENT
    account = made.as_dict(file, spool.taken(), total)
    if total:
        with progress.bar:
            asyncio.run(send(settings, spool, progress.sending(total)))
    if as_json:
        print_json(account)
    else:
        stdout().print(f"{total:,} events sent.")
    return 0


def _agreed(total: int, file: str) -> bool:
    if file == "-" or not sys.stdin.isatty():
        return False
    return typer.confirm(f"Send {total:,} events?")
