"""A backtest's report as one HTML file with its plots inside: nothing is fetched, no script is run."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from andon.cli.backtesting.plots import frontier, item_plots
from andon.cli.backtesting.tables import CAUSES, spread
from andon.cli.errors import UserError
from andon.planning.backtest.history import History
from andon.planning.backtest.scenario import ANDON, OWN, Results, Study

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#222}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem}figure{margin:1rem 0}figure svg{width:100%;height:auto}
figcaption{color:#555;font-size:.9rem}.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}
td,th{padding:.25rem .45rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
td:first-child,th:first-child{text-align:left}tr.ours{font-weight:600;background:#eef5fb}
@media(prefers-color-scheme:dark){body{background:#181a1b;color:#ddd}figure svg{background:#fff}
td,th{border-color:#444}tr.ours{background:#1d2b38}figcaption{color:#aaa}}
"""


def write_page(
    path: Path,
    report: dict[str, Any],
    results: Results,
    study: Study,
    histories: Sequence[History],
    shown: list[str],
) -> None:
    """Write the report with its plots.

    Raises:
        UserError: an item that is to be shown is not among those simulated.
    """
    by_key = {history.key: history for history in histories}
    missing = [key for key in shown if key not in by_key]
    if missing:
        msg = f"--show {missing[0]}: not among the items that were simulated"
        raise UserError(msg)
    chosen = [by_key[key] for key in shown or _telling(results)]
    parts = [f"<h1>Backtest of {report['items']} items</h1>", _lead(report)]
    if report["curves"]:
        parts += ["<h2>Service against stock</h2>", frontier(report)]
    parts += ["<h2>Each policy at the items' own service level</h2>", _policies(report)]
    if report["equal_fill"]:
        parts += ["<h2>Stock for the same fill rate</h2>", _equal(report)]
    if report["regret"]:
        parts += ["<h2>What not knowing costs</h2>", _regret(report)]
    for name, title in (("by_class", "By class"), ("by_location", "By location")):
        if len(report[name]) > 1:
            parts += [f"<h2>{title}</h2>", _groups(report[name])]
    for history in chosen:
        parts += [f"<h2>{html.escape(history.key)}</h2>", *item_plots(study, history)]
    page = (
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><link rel=icon href='data:,'>"
        f"<title>Andon backtest</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )
    path.write_text(page, encoding="utf-8")


def _telling(results: Results) -> list[str]:
    """Return the items at the middle, at nine tenths and at the end of what was short."""
    outcome = results.outcomes[ANDON, OWN]
    order = np.argsort(outcome.short, kind="stable")
    places = {order[int(share * (len(order) - 1))] for share in (0.5, 0.9, 1.0)}
    return [results.keys[place] for place in sorted(places)]


def _lead(report: dict[str, Any]) -> str:
    ours = next(one for one in report["policies"] if one["policy"] == ANDON)
    text = (
        f"{report['record']}; the first {report['warm_up_days']} days are to learn from, the next "
        f"{report['settle_days']} do not count. What is short is "
        f"{'lost' if report['lost_sales'] else 'delivered later'}. Andon served "
        f"{ours['fill_rate']:.1%} of demand from {ours['average_stock']:,.0f} units on average "
        f"({ours['days_of_supply']:.1f} days of supply)."
    )
    return f"<p>{html.escape(text)}</p>"


def _table(head: Sequence[str], rows: Sequence[tuple[bool, Sequence[str]]]) -> str:
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr{' class=ours' if ours else ''}>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
        + "</tr>"
        for ours, row in rows
    )
    return f"<div class=wide><table><tr>{cells}</tr>{body}</table></div>"


def _policies(report: dict[str, Any]) -> str:
    head = (
        "policy",
        "fill rate",
        "cycle service",
        "stock",
        "stock value",
        "turns",
        "days of supply",
        "waste",
        "orders",
        "holding",
        "shortage",
        "ordering",
        "total cost",
        "above Andon",
    )
    rows = [
        (
            one["policy"] == ANDON,
            (
                one["policy"],
                f"{one['fill_rate']:.2%}",
                f"{one['cycle_service']:.1%}",
                *(f"{one[name]:,.0f}" for name in ("average_stock", "average_stock_value")),
                f"{one['turns']:,.1f}",
                f"{one['days_of_supply']:.1f}",
                *(f"{one[name]:,.0f}" for name in ("wasted", "orders", "holding_cost")),
                *(f"{one[name]:,.0f}" for name in ("shortage_cost", "ordering_cost", "cost")),
                "" if one["policy"] == ANDON else spread(one["cost_above_andon"]),
            ),
        )
        for one in report["policies"]
    ]
    return _table(head, rows)


def _equal(report: dict[str, Any]) -> str:
    rows = [
        (
            one["policy"] == ANDON,
            (
                one["policy"],
                f"{one['fill_rate']:.0%}",
                "not reached" if one["average_stock"] is None else f"{one['average_stock']:,.0f}",
                "" if one["policy"] == ANDON else spread(one["andon_needs_less"], ".1%"),
            ),
        )
        for one in report["equal_fill"]
    ]
    return _table(("policy", "fill rate", "stock", "Andon needs less by (95 %)"), rows)


def _regret(report: dict[str, Any]) -> str:
    regret = report["regret"]
    rows = [
        (name == "total", (text, spread(regret[name])))
        for name, text in {**CAUSES, "total": "together"}.items()
    ]
    return _table(("because of", "cost a year (95 %)"), rows)


def _groups(groups: dict[str, Any]) -> str:
    head = (
        "group",
        "policy",
        "fill rate",
        "cycle service",
        "stock",
        "days of supply",
        "total cost",
    )
    rows = [
        (
            policy == ANDON,
            (
                f"{group} ({one['items']} items)" if policy == ANDON else "",
                policy,
                f"{one['fill_rate']:.2%}",
                f"{one['cycle_service']:.1%}",
                f"{one['average_stock']:,.0f}",
                f"{one['days_of_supply']:.1f}",
                f"{one['cost']:,.0f}",
            ),
        )
        for group, policies in groups.items()
        for policy, one in policies.items()
    ]
    return _table(head, rows)
