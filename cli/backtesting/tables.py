"""A backtest's report for people in a terminal."""

from typing import Any, Final

from rich.console import Console
from rich.table import Table

from andon.cli.output import table

#: What a regret is split into, in the order in which it is taken away.
CAUSES: Final = {
    "service_class": "a service level that is not what the costs ask for",
    "constraints": "packs and minimum orders",
    "lead_time": "lead times that vary",
    "forecast": "demand that nobody knows",
    "policy": "the policy, with all of it known",
}


def show(report: dict[str, Any], console: Console) -> None:
    """Print the report."""
    console.print(_policies(report))
    console.print()
    console.print(_costs(report))
    console.print()
    if report["equal_fill"]:
        console.print(_equal_fill(report))
        console.print()
    if report["regret"]:
        console.print(_regret(report["regret"]))
        console.print()
    for name in ("by_class", "by_location"):
        if len(report[name]) > 1:
            console.print(_groups(name.replace("_", " ").capitalize(), report[name]))
            console.print()


def _policies(report: dict[str, Any]) -> Table:
    made = table(
        "Each policy at the items' own service level",
        "policy",
        "fill rate#",
        "cycle service#",
        "short days a year#",
        "stock#",
        "stock value#",
        "turns#",
        "days of supply#",
        "waste a year#",
        "orders a year#",
    )
    for one in report["policies"]:
        made.add_row(
            one["policy"],
            f"{one['fill_rate']:.2%}",
            f"{one['cycle_service']:.1%}",
            f"{one['stockout_days']:,.0f}",
            f"{one['average_stock']:,.0f}",
            f"{one['average_stock_value']:,.0f}",
            f"{one['turns']:,.1f}",
            f"{one['days_of_supply']:.1f}",
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
        "above the clairvoyant (95 %)#",
    )
    for one in report["policies"]:
        made.add_row(
            one["policy"],
            *(
                f"{one[f'{name}_cost']:,.0f}"
                for name in ("holding", "shortage", "ordering", "waste")
            ),
            f"{one['cost']:,.0f}",
            "" if one["policy"] == "andon" else spread(one["cost_above_andon"]),
            "" if one["policy"] == "clairvoyant" else spread(one["regret"]),
        )
    return made


def spread(found: dict[str, float] | None, form: str = "+,.0f") -> str:
    """Return a figure with its interval."""
    if found is None:
        return "-"
    return f"{found['value']:{form}} ({found['low']:{form}} to {found['high']:{form}})"


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
            "" if one["policy"] == "andon" else spread(one["andon_needs_less"], ".1%"),
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
        "fill rate#",
        "cycle service#",
        "stock#",
        "days of supply#",
        "total cost#",
    )
    for group, policies in groups.items():
        for place, (policy, one) in enumerate(policies.items()):
            made.add_row(
                group if not place else "",
                str(one["items"]) if not place else "",
                policy,
                f"{one['fill_rate']:.2%}",
                f"{one['cycle_service']:.1%}",
                f"{one['average_stock']:,.0f}",
                f"{one['days_of_supply']:.1f}",
                f"{one['cost']:,.0f}",
            )
    return made
