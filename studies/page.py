"""A backtest's report as one HTML file with its plots inside: nothing is fetched, no script is run."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from andon.planning.backtest.history import History
from andon.planning.backtest.scenario import ANDON, CLAIRVOYANT, OWN, Results, Study
from andon.streams.errors import UserError
from andon.studies.figures import as_link
from andon.studies.plots import frontier, item_plots
from andon.studies.words import CAUSES, figure, spread

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#222}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem}figure{margin:1rem 0}figure svg{width:100%;height:auto}
figcaption,.note{color:#555;font-size:.9rem}.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.82rem}
td,th{padding:.25rem .45rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
th{white-space:normal;vertical-align:bottom}td:first-child,th:first-child{text-align:left}tr.ours{font-weight:600;background:#eef5fb}
@media(prefers-color-scheme:dark){body{background:#181a1b;color:#ddd}figure svg{background:#fff}
td,th{border-color:#444}tr.ours{background:#1d2b38}figcaption,.note{color:#aaa}}
"""


def check_page(path: Path, histories: Sequence[History], shown: list[str]) -> None:
    """See, before minutes are spent, that the report can be written and has what is to be shown.

    Raises:
        UserError: it cannot, or an item is not among those that are simulated.
    """
    keys = {history.key for history in histories}
    missing = next((key for key in shown if key not in keys), None)
    if missing is not None:
        msg = f"--show {missing}: not among the items that are simulated"
        raise UserError(msg)
    check_file(path, "--html")


def check_file(path: Path, option: str) -> None:
    """See that a file can be written where an option says.

    Raises:
        UserError: it cannot.
    """
    if path.is_dir() or not path.absolute().parent.is_dir():
        msg = f"{option} {path}: no file can be there"
        raise UserError(msg)


def write_page(
    path: Path,
    report: dict[str, Any],
    results: Results,
    study: Study,
    histories: Sequence[History],
    shown: list[str],
) -> None:
    """Write the report with its plots, of the items to be shown or of three telling ones."""
    by_key = {history.key: history for history in histories}
    chosen = [by_key[key] for key in shown or _telling(results)]
    parts = [
        f"<h1>Backtest of {report['items']} items</h1>",
        _lead(report),
        _money(report, histories),
        as_link(report),
    ]
    if report["curves"]:
        parts += ["<h2>Service against stock</h2>", frontier(report)]
    parts += [
        "<h2>Each policy at the items' own service level</h2>",
        _service(report),
        "<h2>What each costs a year</h2>",
        _costs(report),
        _note("Regret is the cost above that of the clairvoyant, who knows everything to come."),
    ]
    if report["equal_fill"]:
        parts += [
            "<h2>Stock for the same fill rate</h2>",
            _equal(report),
            _note("Read off each policy's curve, linearly between its dots."),
        ]
    if report["regret"]:
        parts += [
            "<h2>What not knowing costs</h2>",
            _regret(report),
            _note(
                "Andon's regret, money a year: the causes are taken away one after the other, each with those before it; "
                "what one step saves is its part. Less than nothing: what is held against it covers later causes, too."
            ),
        ]
    for name, title in (("by_class", "By class"), ("by_location", "By location")):
        if len(report[name]) > 1:
            parts += [f"<h2>{title}</h2>", _groups(report[name])]
    parts.append(
        _note(
            "In brackets: the interval that holds the figure in 95 of 100 bootstrap resamplings of the items; unsure where "
            "too many of them have none."
        )
    )
    for history in chosen:
        name = f"{history.item.description}, " if history.item.description else ""
        parts += [f"<h2>{html.escape(name + history.key)}</h2>", *item_plots(study, history)]
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
    if report["rows_of"] != "day":
        text += f" The sales are of a {report['rows_of']} each, spread evenly over its days: real days vary more."
    return f"<p>{html.escape(text)}</p>"


def _money(report: dict[str, Any], histories: Sequence[History]) -> str:
    """Return the verdict in a line: what Andon costs beside the cheapest rival, in which currency."""
    costs = {
        one["policy"]: one["cost"] for one in report["policies"] if one["policy"] != CLAIRVOYANT
    }
    ours = costs.pop(ANDON)
    currency = " and ".join(sorted({one.item.currency for one in histories}))
    text = f"Money is in {currency}. Andon costs {ours:,.0f} a year"
    if costs:
        best = min(costs, key=lambda policy: costs[policy])
        less = 1 - ours / costs[best] if costs[best] else 0.0
        text += f", the cheapest rival ({best}) {costs[best]:,.0f}: {abs(less):.1%} {'less' if less >= 0 else 'more'}"
    return f"<p><b>{html.escape(text)}.</b></p>"


def _table(head: Sequence[str], rows: Sequence[tuple[bool, Sequence[str]]]) -> str:
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr{' class=ours' if ours else ''}>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
        + f"{'<td>' * (len(head) - len(row))}</tr>"
        for ours, row in rows
    )
    return f"<div class=wide><table><tr>{cells}</tr>{body}</table></div>"


def _note(text: str) -> str:
    return f"<p class=note>{html.escape(text)}</p>"


def _service(report: dict[str, Any]) -> str:
    head = (
        "policy",
        "fill rate (95 %)",
        "cycle service",
        "short days a year",
        "stock, units (95 %)",
        "stock value (95 %)",
        "turns",
        "days of supply",
    )
    rows = [
        (
            one["policy"] == ANDON,
            (
                one["policy"],
                figure(one, "fill_rate", ".2%"),
                f"{one['cycle_service']:.1%}",
                f"{one['stockout_days']:,.0f}",
                figure(one, "average_stock"),
                figure(one, "average_stock_value"),
                f"{one['turns']:,.1f}",
                f"{one['days_of_supply']:.1f}",
            ),
        )
        for one in report["policies"]
    ]
    return _table(head, rows)


def _costs(report: dict[str, Any]) -> str:
    head = (
        "policy",
        "orders",
        "units wasted",
        *("holding", "shortage", "ordering", "waste", "total"),
        "above Andon (95 %)",
        "regret (95 %)",
    )
    shown = (
        "orders",
        "wasted",
        *(f"{name}_cost" for name in ("holding", "shortage", "ordering", "waste")),
    )
    rows = [
        (
            one["policy"] == ANDON,
            (
                one["policy"],
                *(f"{one[name]:,.0f}" for name in (*shown, "cost")),
                "" if one["policy"] == ANDON else spread(one["cost_above_andon"]),
                "" if one["policy"] == CLAIRVOYANT else spread(one["regret"]),
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
                "" if one["average_stock_value"] is None else f"{one['average_stock_value']:,.0f}",
                "" if one["policy"] == ANDON else spread(one["andon_needs_less"], ".1%"),
            ),
        )
        for one in report["equal_fill"]
    ]
    head = ("policy", "fill rate", "stock, units", "stock value", "Andon needs less by (95 %)")
    return _table(head, rows)


def _regret(report: dict[str, Any]) -> str:
    regret = report["regret"]
    rows = [
        (name == "total", (text, spread(regret[name])))
        for name, text in {**CAUSES, "total": "together"}.items()
    ]
    return _table(("because of", "cost a year (95 %)"), rows)


def _groups(groups: dict[str, Any]) -> str:
    head = (
        "group, policy",
        "fill rate (95 %)",
        "cycle service",
        "short days a year",
        "stock, units (95 %)",
        "days of supply",
        "units wasted",
        "total cost (95 %)",
    )
    rows: list[tuple[bool, Sequence[str]]] = []
    for group, policies in groups.items():
        items = policies[ANDON]["items"]
        rows.append((False, (f"{group}, {items} item{'s' if items != 1 else ''}",)))
        rows += [
            (
                policy == ANDON,
                (
                    policy,
                    figure(one, "fill_rate", ".2%"),
                    f"{one['cycle_service']:.1%}",
                    f"{one['stockout_days']:,.0f}",
                    figure(one, "average_stock"),
                    f"{one['days_of_supply']:.1f}",
                    f"{one['wasted']:,.0f}",
                    figure(one, "cost"),
                ),
            )
            for policy, one in policies.items()
        ]
    return _table(head, rows)
