"""`andon place`: where the safety stock of a supply chain belongs."""

from pathlib import Path
from typing import Annotated

import typer

from andon.cli.support.options import AsJson
from andon.cli.support.output import print_json, stdout, table
from andon.cli.support.table_options import tabular
from andon.connect.tables.options import TableOptions
from andon.studies.placement import placed


@tabular
def place(
    stages: Annotated[Path, typer.Argument(help="A table of stages; - is standard input.")],
    as_json: AsJson = False,
    *,
    options: TableOptions,
) -> None:
    """Compute where the safety stock of a supply chain belongs, and what that saves (guaranteed service, Graves and Willems, 2000).

    A stage is an item at a place: made, moved or sold there. The table has a row for each, with the columns stage, days (that it takes
    itself, whole), cost (of holding a unit for a year) and, as far as they are known, sources (stages it comes from, with ; between),
    sd (of a day's demand; needed where it sells to customers), service_level (0.95 unless told) and longest_service (days that it
    may promise; customers are served at once). Stages must form a tree.

    Nothing is written: the promises say which stage should hold stock, for you to plan its items accordingly.

    Examples:

        andon place chain.csv

        andon place chain.csv --json
    """
    found = placed(stages, options)
    if as_json:
        print_json(
            {
                "cost": round(found.placement.cost, 2),
                "cost_if_each_covers_its_own_time": round(found.apart, 2),
                "stages": found.rows(),
            }
        )
        return
    shown = table(
        "Where safety stock belongs (times in days)",
        "stage", "waits#", "takes#", "promises#", "safety stock#", "cost a year#",
    )  # fmt: skip
    for row in found.rows():
        shown.add_row(
            row["stage"],
            f"{row['inbound_days']}",
            f"{row['own_days']}",
            f"{row['promised_days']}",
            f"{row['safety_stock']:,.1f}",
            f"{row['cost']:,.2f}",
        )
    stdout().print(shown)
    cost, apart = found.placement.cost, found.apart
    stdout().print(
        f"It costs {cost:,.2f} a year, where {apart:,.2f} is what it costs if each stage covers its own time."
    )
