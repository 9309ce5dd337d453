"""The options that say what is simulated; `andon backtest` and `andon whatif` share them."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from andon.cli.support.output import stderr
from andon.cli.support.table_options import RowsOf
from andon.connect.imports.grain import Said, how_spread, to_spread
from andon.connect.tables.options import TableOptions
from andon.connect.tables.table import described
from andon.planning.backtest.history import Conditions, History, until
from andon.planning.backtest.scenario import RIVALS, Results, Study
from andon.streams.errors import UserError
from andon.studies.deliveries import read_lead_times
from andon.studies.files import (
    Assumed,
    SalesFormat,
    histories,
    read_items,
    read_sales,
)
from andon.studies.study import judged, run_study

_INPUT = "Input"
_WORLD = "The simulated world"
_ASSUMED = "Items that no file describes"

SalesFile = Annotated[
    Path, typer.Argument(metavar="SALES", help="CSV or Excel, gzipped or not.", show_default=False)
]
Form = Annotated[
    SalesFormat, typer.Option("--format", help="How the file is written.", rich_help_panel=_INPUT)
]
Grain = RowsOf
Items = Annotated[
    Path | None,
    typer.Option("--items", help="Items as JSON lines or CSV.", rich_help_panel=_INPUT),
]
Shipments = Annotated[
    Path | None,
    typer.Option(
        "--shipments",
        help="Past orders, to learn lead times from: supplier, ordered_at, received_at.",
        rich_help_panel=_INPUT,
    ),
]
LocationName = Annotated[
    str,
    typer.Option("--location", help="Of rows that name none.", rich_help_panel=_INPUT),
]
Most = Annotated[
    int | None,
    typer.Option(
        "--most-items", min=1, help="Only the items that sell most.", rich_help_panel=_INPUT
    ),
]
WarmUp = Annotated[
    int | None,
    typer.Option(
        "--warm-up",
        min=28,
        help="Days to learn from before anything is decided; default half of the record.",
        rich_help_panel=_WORLD,
    ),
]
Settle = Annotated[
    int,
    typer.Option("--settle", min=0, help="Days before the results count.", rich_help_panel=_WORLD),
]
Horizon = Annotated[
    int | None,
    typer.Option(
        "--horizon",
        min=1,
        help="Days to decide after the warm-up; default all there are.",
        rich_help_panel=_WORLD,
    ),
]
Review = Annotated[
    int | None,
    typer.Option(
        "--review", min=1, help="Days between reviews, for all items.", rich_help_panel=_WORLD
    ),
]
Backorders = Annotated[
    bool,
    typer.Option(
        "--backorders", help="What is short waits; else it is lost.", rich_help_panel=_WORLD
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Of the lead times.", rich_help_panel=_WORLD)]
Seeds = Annotated[
    int,
    typer.Option(
        "--seeds",
        min=1,
        help="Live through so many chances of the lead times, from --seed on.",
        rich_help_panel=_WORLD,
    ),
]
LeadTimeDays = Annotated[
    float, typer.Option("--lead-time", min=0.05, help="In days.", rich_help_panel=_ASSUMED)
]
LeadTimeSd = Annotated[
    float | None,
    typer.Option(
        "--lead-time-sd",
        min=0.0,
        help="In days; default a quarter of the lead time.",
        rich_help_panel=_ASSUMED,
    ),
]
OrderCost = Annotated[
    float, typer.Option("--order-cost", min=0.0, help="Of an order.", rich_help_panel=_ASSUMED)
]
ServiceClass = Annotated[
    Literal["lean", "balanced", "critical"],
    typer.Option("--class", help="Service class.", rich_help_panel=_ASSUMED),
]
Processes = Annotated[
    int | None,
    typer.Option("--processes", min=1, help="Default: one for each core."),
]


@dataclass(frozen=True)
class Chosen:
    """The histories that are judged, what is simulated with them, and what was left out.

    `orders_skipped` counts the past orders that say nothing of lead times.
    `too_short` counts the items whose record leaves too little to judge, `beyond` those that sell less than the most
    that were asked for.
    """

    study: Study
    histories: list[History]
    too_short: int
    beyond: int
    rows: int
    bad: dict[str, int]
    orders_skipped: dict[str, int]


def choose(
    sales_file: Path,
    *,
    options: TableOptions,
    form: SalesFormat,
    grain: Said | None,
    location: str,
    items: Path | None,
    shipments: Path | None,
    most: int | None,
    assumed: Assumed,
    warm_up: int | None,
    settle: int,
    review: int | None,
    backorders: bool,
    seed: int,
    horizon: int | None = None,
    curves: bool = True,
    splits: bool = True,
    rivals: bool = True,
) -> Chosen:
    """Read the files and return what is to be simulated.

    Raises:
        UserError: no item has a record that is long enough.
    """
    sales = read_sales(sales_file, form, location, options, grain)
    if sales.understood:
        stderr().print(f"{sales_file}: {described(sales.understood)}", soft_wrap=True)
    whole = to_spread(grain)
    if whole is not None:
        stderr().print(f"{sales_file}: {how_spread(whole)}", style="yellow", soft_wrap=True)
    skipped: Counter[str] = Counter()
    orders = read_lead_times(shipments, skipped) if shipments is not None else {}
    if skipped:
        text = ", ".join(f"{count} {what}" for what, count in skipped.items())
        stderr().print(f"{shipments}: skipped: {text}", style="yellow", soft_wrap=True)
    found = histories(
        sales,
        read_items(items) if items is not None else {},
        orders,
        assumed,
    )
    first = min((one.first_day for one in found), default=0)
    last = max((one.last_day for one in found), default=0)
    learned = warm_up if warm_up is not None else (last - first + 1) // 2
    if horizon is not None:
        last = min(last, first + learned + horizon - 1)
        found = [until(one, last) for one in found if one.first_day <= last]
    study = Study(
        conditions=Conditions(
            warm_up_days=learned,
            settle_days=settle,
            review_days=review,
            lost_sales=not backorders,
            seed=seed,
        ),
        rivals=RIVALS if rivals else (),
        curves=curves,
        splits=splits,
        first_day=first,
        last_day=last,
    )
    chosen = judged(study, found)
    too_short, enough = len(found) - len(chosen), len(chosen)
    if most is not None and len(chosen) > most:
        ranked = sorted(chosen, key=lambda one: (-int(one.sold.sum()), one.key))[:most]
        chosen = sorted(ranked, key=lambda one: one.key)
    if not chosen:
        msg = (
            f"{sales_file}: {len(found)} items, none with a record long enough: it spans "
            f"{last - first + 1} days, of which {study.conditions.warm_up_days} are to learn from"
        )
        raise UserError(msg)
    return Chosen(
        study, chosen, too_short, enough - len(chosen), sales.rows, dict(sales.bad), dict(skipped)
    )


def progress() -> Progress:
    """Return a progress bar that goes when it is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=stderr(),
        transient=True,
    )


def simulated(
    study: Study,
    chosen: list[History],
    processes: int | None,
    what: str = "items",
    *,
    seeds: int = 1,
) -> Results:
    """Return the results of a study, with a progress bar on the terminal."""
    with progress() as bar:
        task = bar.add_task(what, total=len(chosen) * seeds)
        return run_study(
            study,
            chosen,
            processes=processes,
            seeds=seeds,
            progress=lambda done: bar.advance(task, done),
        )
