"""A backtest's report for people in a terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table

from andon.cli.support.output import table
from andon.planning.backtest.scenario import ANDON, CLAIRVOYANT
from andon.studies.words import CAUSES, figure, spread


def show(report: dict[str, Any], console: Console) -> None:
    """Print the report."""
    tables = [_service(report), _flow(report), _costs(report)]
    if report["equal_fill"]:
        tables.append(_equal_fill(report))
    if report["regret"]:
        tables.append(_regret(report["regret"]))
    tables += [
        _groups(name.replace("_", " ").capitalize(), report[name])
        for name in ("by_class", "by_location")
        if len(report[name]) > 1
    ]
    for place, made in enumerate(tables):
        if place:
            console.print()
        console.print(made)


def _service(report: dict[str, Any]) -> Table:
    made = table(
        "Each policy at the items' own service level",
        "policy",
        "fill rate (95 %)#",
        "cycle service#",
        "short days a year#",
        "stock (95 %)#",
        "days of supply#",
    )
    for one in report["policies"]:
        made.add_row(
            one["policy"],
            figure(one, "fill_rate", ".2%"),
            f"{one['cycle_service']:.1%}",
            f"{one['stockout_days']:,.0f}",
            figure(one, "average_stock"),
            f"{one['days_of_supply']:.1f}",
        )
    return made


def _flow(report: dict[str, Any]) -> Table:
    made = table(
        "What each holds and moves",
        "policy",
        "stock value (95 %)#",
        "turns#",
        "waste a year#",
        "orders a year#",
    )
    for one in report["policies"]:
        made.add_row(
            one["policy"],
            figure(one, "average_stock_value"),
            f"{one['turns']:,.1f}",
            f"{one['wasted']:,.0f}",
            f"{one['orders']:,.0f}",
        )
    return made


def _costs(report: dict[str, Any]) -> Table:
    made = table(
        "What each costs a year",
        "policy",
        "holding#",
        "shortage#",
        "ordering#",
        "waste#",
        "total#",
        "above Andon (95 %)#",
        "regret (95 %)#",
    )
    made.caption = "Regret: above the clairvoyant, who knows everything to come."
    made.caption_justify = "left"
    for one in report["policies"]:
        made.add_row(
            one["policy"],
            *(
                f"{one[f'{name}_cost']:,.0f}"
                for name in ("holding", "shortage", "ordering", "waste")
            ),
            f"{one['cost']:,.0f}",
            "" if one["policy"] == ANDON else spread(one["cost_above_andon"]),
            "" if one["policy"] == CLAIRVOYANT else spread(one["regret"]),
        )
    return made


def _equal_fill(report: dict[str, Any]) -> Table:
    made = table(
        "Average stock at the same fill rate (interpolated on each policy's curve)",
        "fill rate#",
        "policy",
        "stock#",
        "stock value#",
        "Andon needs less by (95 %)#",
    )
    for one in report["equal_fill"]:
        stock, value = one["average_stock"], one["average_stock_value"]
        made.add_row(
            f"{one['fill_rate']:.0%}",
            one["policy"],
            "not reached" if stock is None else f"{stock:,.0f}",
            "" if value is None else f"{value:,.0f}",
            "" if one["policy"] == ANDON else spread(one["andon_needs_less"], ".1%"),
        )
    return made


def _regret(regret: dict[str, Any]) -> Table:
    made = table(
        "What not knowing costs: Andon above the clairvoyant, money a year",
        "because of",
        "cost (95 %)#",
    )
    for name, cause in CAUSES.items():
        made.add_row(cause, spread(regret[name]))
    made.add_row("together", spread(regret["total"]), style="bold")
    return made


def _groups(title: str, groups: dict[str, Any]) -> Table:
    made = table(
        title,
        "group",
        "items#",
        "policy",
        "fill rate (95 %)#",
        "cycle service#",
        "stock (95 %)#",
        "days of supply#",
        "total cost#",
    )
    for group, policies in groups.items():
        for place, (policy, one) in enumerate(policies.items()):
            made.add_row(
                group if not place else "",
                str(one["items"]) if not place else "",
                policy,
                figure(one, "fill_rate", ".2%"),
                f"{one['cycle_service']:.1%}",
                figure(one, "average_stock"),
                f"{one['days_of_supply']:.1f}",
                f"{one['cost']:,.0f}",
            )
    return made
