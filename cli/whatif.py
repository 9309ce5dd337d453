"""`andon whatif`: the recorded sales lived through twice, as things are and as they might be."""

from dataclasses import asdict, fields
from typing import Annotated, Any, Final, Literal

import typer

from andon.cli.support import study_options as inputs
from andon.cli.support.options import AsJson
from andon.cli.support.output import print_json, stdout, table
from andon.cli.support.table_options import tabular
from andon.connect.tables.options import TableOptions
from andon.planning.backtest.compare import interval, resamples
from andon.planning.backtest.history import History, Reals
from andon.planning.backtest.measure import Outcome, figures
from andon.planning.backtest.scenario import ANDON, OWN, Change
from andon.planning.backtest.snapshot import aims, together
from andon.streams.errors import UserError
from andon.studies.files import Assumed
from andon.studies.words import spread

_CHANGE: Final = "What is changed"
_DRAWS: Final = 400
_SHARES: Final = {"fill_rate", "cycle_service", "service_level"}
_FINE: Final = {"turns", "days_of_supply", "protection_days", "daily_demand"}
_SHOWN: Final = {
    "fill_rate": "fill rate",
    "cycle_service": "cycle service",
    "stockout_days": "short days a year",
    "average_stock": "stock",
    "average_stock_value": "stock value",
    "turns": "turns",
    "days_of_supply": "days of supply",
    "wasted": "waste a year",
    "orders": "orders a year",
    "daily_demand": "demand a day",
    "insurance_cost": "what the safety stock costs a year",
    "insured_cost": "what it saves a year",
    "holding_cost": "holding cost",
    "shortage_cost": "shortage cost",
    "ordering_cost": "ordering cost",
    "waste_cost": "waste cost",
    "cost": "total cost",
}


@tabular
def whatif(
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
    backorders: inputs.Backorders = False,
    seed: inputs.Seed = 1,
    lead_time: inputs.LeadTimeDays = 7.0,
    lead_time_sd: inputs.LeadTimeSd = None,
    order_cost: inputs.OrderCost = 0.0,
    service_class: inputs.ServiceClass = "balanced",
    processes: inputs.Processes = None,
    to_class: Annotated[
        Literal["lean", "balanced", "critical"] | None,
        typer.Option("--to-class", help="Another service class.", rich_help_panel=_CHANGE),
    ] = None,
    to_level: Annotated[
        float | None,
        typer.Option(
            "--to-service-level", help="A service level of its own.", rich_help_panel=_CHANGE
        ),
    ] = None,
    to_lead_time: Annotated[
        float | None,
        typer.Option("--to-lead-time", min=0.05, help="In days.", rich_help_panel=_CHANGE),
    ] = None,
    to_lead_time_sd: Annotated[
        float | None,
        typer.Option("--to-lead-time-sd", min=0.0, help="In days.", rich_help_panel=_CHANGE),
    ] = None,
    to_supplier: Annotated[
        str | None,
        typer.Option(
            "--to-supplier", help="Another source of the items file.", rich_help_panel=_CHANGE
        ),
    ] = None,
    to_cost: Annotated[
        float | None,
        typer.Option("--to-unit-cost", min=0.0, help="Of a unit.", rich_help_panel=_CHANGE),
    ] = None,
    price_factor: Annotated[
        float,
        typer.Option("--price-factor", min=0.0, help="Of all prices.", rich_help_panel=_CHANGE),
    ] = 1.0,
    demand_factor: Annotated[
        float,
        typer.Option("--demand-factor", min=0.0, help="Of all sales.", rich_help_panel=_CHANGE),
    ] = 1.0,
    to_order_cost: Annotated[
        float | None,
        typer.Option("--to-order-cost", min=0.0, help="Of an order.", rich_help_panel=_CHANGE),
    ] = None,
    to_review: Annotated[
        int | None,
        typer.Option("--to-review", min=1, help="Days between reviews.", rich_help_panel=_CHANGE),
    ] = None,
    snapshot: Annotated[
        bool,
        typer.Option(
            "--snapshot",
            help="Compare what the items aim at on the record's last day; live through nothing.",
        ),
    ] = False,
    as_json: AsJson = False,
    *,
    options: TableOptions,
) -> None:
    """Compare the items as they are with how they might be: class, lead time, supplier, price, demand.

    Both live through the same sales, decided by the live decisions; the differences come with the interval that holds
    them in 95 of 100 resamplings of the items.

    Examples:

        andon whatif sales.csv --items items.csv --to-class critical

        andon whatif sales.csv --lead-time 14 --to-lead-time 7 --demand-factor 1.2

        andon whatif sales.csv --items items.csv --to-supplier FAST --snapshot
    """
    if to_level is not None and not 0 < to_level < 1:
        msg = f"--to-service-level {to_level}: between 0 and 1"
        raise UserError(msg)
    change = Change(
        service_class=to_class,
        service_level=to_level,
        lead_time_days=to_lead_time,
        lead_time_sd_days=to_lead_time_sd,
        supplier=to_supplier,
        unit_cost=to_cost,
        price_factor=price_factor,
        demand_factor=demand_factor,
        order_cost=to_order_cost,
        review_days=to_review,
    )
    if change == Change():
        msg = "nothing is changed: give one of the options under 'What is changed'"
        raise UserError(msg)
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
        review=None,
        backorders=backorders,
        seed=seed,
        curves=False,
        splits=False,
        rivals=False,
    )
    both = (chosen.histories, _changed(chosen.histories, change))
    if snapshot:
        span = chosen.study.first_day, chosen.study.last_day
        was, might_be = (aims(histories, *span) for histories in both)
        made = _aims(was, might_be, seed)
    else:
        before, after = (
            inputs.simulated(chosen.study, histories, processes, what).outcomes[ANDON, OWN]
            for what, histories in zip(("as it is", "as it might be"), both, strict=True)
        )
        made = _compared(before, after, seed)
    if as_json:
        print_json(made)
        return
    shown = table(
        f"{len(chosen.histories)} items: as they are, and with "
        + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in _given(change).items()),
        "",
        "as it is#",
        "as it might be#",
        "difference (95 %)#",
    )
    for name, one in made.items():
        label = _SHOWN.get(name, name.replace("_", " "))
        form_ = ".2%" if name in _SHARES else ",.1f" if name in _FINE else ",.0f"
        shown.add_row(
            label,
            f"{one['before']:{form_}}",
            f"{one['after']:{form_}}",
            spread(one["difference"], f"+{form_}"),
        )
    stdout().print(shown)


def _changed(histories: list[History], change: Change) -> list[History]:
    try:
        return [change.apply(history) for history in histories]
    except ValueError as error:
        raise UserError(str(error)) from error


def _given(change: Change) -> dict[str, Any]:
    usual = Change()
    return {
        field.name: getattr(change, field.name)
        for field in fields(Change)
        if getattr(change, field.name) != getattr(usual, field.name)
    }


def _compared(before: Outcome, after: Outcome, seed: int) -> dict[str, Any]:
    """Return each figure before, after, and the difference with its interval; the items are drawn in pairs."""
    weights = resamples(len(before.days), _DRAWS, seed)
    was, is_ = figures(before, weights), figures(after, weights)
    return {name: _difference(was[name], is_[name]) for name in was}


def _difference(before: Reals, after: Reals) -> dict[str, Any]:
    """Return a figure before and after, and the difference with its interval; the first of the rows is the figure."""
    found = interval(after - before)
    return {
        "before": float(before[0]),
        "after": float(after[0]),
        "difference": None if found is None else asdict(found),
    }


def _aims(before: dict[str, Any], after: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return each aim of all items together before, after, and the difference with its interval."""
    weights = resamples(len(before["service_level"]), _DRAWS, seed)
    was, is_ = together(before, weights), together(after, weights)
    return {name: _difference(was[name], is_[name]) for name in was}
