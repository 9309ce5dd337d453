"""A backtest's figures as a table: a row a figure, as spreadsheets and programs take them."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from andon.connect.tables.formulas import harmless


class Figure(NamedTuple):
    """One figure, with the ends of its interval where it has one; nothing where it is not known.

    `at` is the setting of a policy's dial (of `curves`), or the fill rate (of `equal_fill`).
    """

    table: str
    group: str
    policy: str
    at: float | None
    figure: str
    value: float | None
    low: float | None = None
    high: float | None = None


#: Names of what a row is about, which are columns of their own.
_NAMES: Final = ("policy", "setting", "intervals")


def figures_of(report: dict[str, Any]) -> Iterator[Figure]:
    """Return every figure of a report, table by table."""
    for one in report["policies"]:
        yield from _of_policy("policies", "", one["policy"], one)
    for policy, curve in report["curves"].items():
        yield from _of_curve(policy, curve)
    for one in report["equal_fill"]:
        for name, value in one.items():
            if name not in (*_NAMES, "fill_rate"):
                at = one["fill_rate"]
                yield Figure("equal_fill", "", one["policy"], at, name, *_parts(value))
    for cause, found in (report["regret"] or {}).items():
        yield Figure("regret", cause, "andon", None, "cost", *_parts(found))
    for table in ("by_class", "by_location"):
        for group, policies in report[table].items():
            for policy, one in policies.items():
                yield from _of_policy(table, group, policy, one)


def as_csv(report: dict[str, Any]) -> str:
    """Return every figure of a report as CSV, in full precision; a name that a spreadsheet would take for a formula has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Figure._fields)
    writer.writerows(map(harmless, figure) for figure in figures_of(report))
    return out.getvalue()


def as_link(report: dict[str, Any]) -> str:
    """Return a link that saves the figures from the page itself: it fetches nothing."""
    data = quote(as_csv(report))
    return (
        "<p><a download='backtest.csv' "
        f"href='data:text/csv;charset=utf-8,{data}'>All figures as CSV</a></p>"
    )


def _of_policy(table: str, group: str, policy: str, one: dict[str, Any]) -> Iterator[Figure]:
    for name, value in one.items():
        if name in _NAMES:
            continue
        if isinstance(value, int | float):
            low, high = one["intervals"].get(name) or (None, None)
            yield Figure(table, group, policy, None, name, value, low, high)
        else:
            yield Figure(table, group, policy, None, name, *_parts(value))


def _of_curve(policy: str, curve: list[dict[str, float]]) -> Iterator[Figure]:
    for point in curve:
        for name, value in point.items():
            if name not in _NAMES:
                yield Figure("curves", "", policy, point["setting"], name, value)


def _parts(value: Any) -> tuple[float | None, float | None, float | None]:
    """Return a figure and the ends of its interval, of a number or of what has these by name."""
    if isinstance(value, dict):
        return value["value"], value["low"], value["high"]
    return value, None, None
