"""`andon backtest`: what the decisions would have cost and served in the past, beside what others would have."""

from pathlib import Path
from typing import Annotated, Any

import typer

from andon.cli.support import study_options as inputs
from andon.cli.support.options import AsJson
from andon.cli.support.output import print_json, stderr, stdout
from andon.cli.support.study_tables import show
from andon.cli.support.table_options import tabular
from andon.connect.tables.options import TableOptions
from andon.studies.figures import as_csv
from andon.studies.files import Assumed
from andon.studies.page import check_file, check_page, write_page
from andon.studies.report import report, span


@tabular
def backtest(
    sales: inputs.SalesFile,
    form: inputs.Form = "sales",
    grain: inputs.Grain = None,
    items: inputs.Items = None,
    shipments: inputs.Shipments = None,
    location: inputs.LocationName = "all",
    most: inputs.Most = None,
    warm_up: inputs.WarmUp = None,
    settle: inputs.Settle = 28,
    horizon: inputs.Horizon = None,
    review: inputs.Review = None,
    backorders: inputs.Backorders = False,
    seed: inputs.Seed = 1,
    seeds: inputs.Seeds = 1,
    lead_time: inputs.LeadTimeDays = 7.0,
    lead_time_sd: inputs.LeadTimeSd = None,
    order_cost: inputs.OrderCost = 0.0,
    service_class: inputs.ServiceClass = "balanced",
    processes: inputs.Processes = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Leave out the curves and the split of the regret."),
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write the report with plots, in one file."),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write every figure of the report as CSV."),
    ] = None,
    shown: Annotated[
        list[str] | None,
        typer.Option(
            "--show",
            metavar="LOCATION/SKU",
            help="An item to draw in the HTML report; repeatable. Default: three telling ones.",
        ),
    ] = None,
    as_json: AsJson = False,
    *,
    options: TableOptions,
) -> None:
    """Drive the live decisions through recorded sales, their orders arriving as stock, beside what others would do.

    The rivals: static min/max, the textbook's moving-average reorder point, periodic order-up-to, weeks of cover; and the
    clairvoyant, who knows everything to come. Nothing is published and no broker is needed.

    Examples:

        andon backtest sales.csv.gz --items items.csv --html report.html

        andon backtest online_retail.csv.gz --format online-retail --lead-time 14 --order-cost 10 --most-items 500
    """
    chosen = inputs.choose(
        sales,
        options=options,
        form=form,
        grain=grain,
        location=location,
        items=items,
        shipments=shipments,
        most=most,
        assumed=Assumed(
            lead_time_days=lead_time,
            lead_time_sd_days=lead_time_sd,
            order_cost=order_cost,
            service_class=service_class,
        ),
        warm_up=warm_up,
        settle=settle,
        horizon=horizon,
        review=review,
        backorders=backorders,
        seed=seed,
        curves=not quick,
        splits=not quick,
    )
    if html is not None:
        check_page(html, chosen.histories, shown or [])
    if table is not None:
        check_file(table, "--csv")
    results = inputs.simulated(chosen.study, chosen.histories, processes, seeds=seeds)
    made: dict[str, Any] = {
        "record": span(chosen.study.first_day, chosen.study.last_day),
        "warm_up_days": chosen.study.conditions.warm_up_days,
        "settle_days": settle,
        "seed": seed,
        "seeds": seeds,
        "lost_sales": not backorders,
        "rows": chosen.rows,
        "rows_not_read": chosen.bad,
        "rows_of": grain or "day",
        "orders_skipped": chosen.orders_skipped,
        "items_too_short": chosen.too_short,
        "items_beyond_most": chosen.beyond,
        **report(results, chosen.histories, seed),
    }
    if html is not None:
        write_page(html, made, results, chosen.study, chosen.histories, shown or [])
        stderr().print(f"written: {html}", markup=False)
    if table is not None:
        table.write_text(as_csv(made), encoding="utf-8")
        stderr().print(f"written: {table}", markup=False)
    if as_json:
        print_json(made)
        return
    console = stdout()
    console.print(
        f"{made['items']} items, {made['record']}, the first {made['warm_up_days']} days to learn from"
        + (f"; {seeds} chances of lead times" if seeds > 1 else "")
        + (f"; {chosen.too_short} items with too short a record" if chosen.too_short else "")
        + (f"; {chosen.beyond} that sell less left out" if chosen.beyond else "")
        + (f"; {sum(chosen.bad.values())} rows not read" if chosen.bad else "")
        + (
            f"; rows of a {grain}, spread evenly over its days"
            if grain not in (None, "day")
            else ""
        ),
        markup=False,
    )
    console.print()
    show(made, console)
