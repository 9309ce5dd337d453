"""The plots of a backtest's report, as SVG: the frontier, an item's stock with what happened to it, a forecast's fan."""

import html
import io
from pathlib import Path
from typing import Any, Final

import numpy as np

from andon.planning import demand as demands
from andon.planning.backtest.core import DAY, Core, learn
from andon.planning.backtest.history import Batch, History
from andon.planning.backtest.run import run
from andon.planning.backtest.scenario import ANDON, Study
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc

#: Colour-blind safe (Okabe and Ito), ours first.
_COLOURS: Final = ("#0072b2", "#d55e00", "#e69f00", "#56b4e9", "#999999", "#009e73", "#cc79a7")
_SHOWN_DAYS: Final = 182
_FAN_DAYS: Final = 28
_FAN: Final = ((0.025, 0.975), (0.1, 0.9), (0.25, 0.75))


def _pyplot() -> Any:
    # Loaded here: it takes a second, and most reports are read in the terminal.
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("svg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "andon", "font.size": 10})
    from matplotlib import pyplot as plt  # noqa: PLC0415

    return plt


def _svg(figure: Any, name: str, caption: str) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    _pyplot().close(figure)
    text = buffer.getvalue()
    return (
        f"<figure id='{name}'>{text[text.index('<svg') :]}"
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def frontier(report: dict[str, Any]) -> str:
    """Return the curves of all policies: the share of demand served against the stock it takes."""
    return _svg(
        _frontier(report),
        "frontier",
        "Up and to the left is better: more demand served from less stock. Each point is one setting of a policy's dial.",
    )


def write_frontier(report: dict[str, Any], path: Path) -> None:
    """Write the curves of all policies as a picture, in the form that the file's name ends in."""
    figure = _frontier(report)
    figure.savefig(path, dpi=100, bbox_inches="tight")
    _pyplot().close(figure)


def _frontier(report: dict[str, Any]) -> Any:
    plot = _pyplot()
    figure, axes = plot.subplots(figsize=(9, 4.8))
    most = 0.0
    for colour, (name, curve) in zip(_COLOURS, report["curves"].items(), strict=False):
        points = sorted((one["fill_rate"], one["average_stock"]) for one in curve)
        inside = [(fill, stock) for fill, stock in points if fill >= 0.8]
        if not inside:
            continue
        fills, stocks = zip(*inside, strict=True)
        if name != "weeks of cover":
            most = max(most, *stocks)
        width = 2.6 if name == ANDON else 1.4
        axes.plot(stocks, fills, "o-", color=colour, linewidth=width, markersize=4, label=name)
    axes.set_xlim(0, most * 1.05 or 1)
    axes.set_ylim(0.8, 1.0)
    axes.set_yticks([0.8, 0.85, 0.9, 0.95, 0.98, 1.0])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("average stock, units")
    axes.set_ylabel("fill rate")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    return figure


def item_plots(study: Study, history: History) -> list[str]:
    """Return an item's plots: its stock with what happened to it, and a forecast beside what came."""
    batch = Batch([history], study.conditions, study.first_day, study.last_day)
    core = Core(batch, learn(batch), aloud=True)
    fan_row = min(int(batch.judged[0]) + _SHOWN_DAYS // 2, batch.days - _FAN_DAYS - 1)
    watcher = _Watcher(core, fan_row)
    world = run(batch, watcher)
    first = int(batch.judged[0])
    rows = range(first, min(first + _SHOWN_DAYS, batch.days))
    dates = [utc((batch.first_day + row) * DAY).replace(tzinfo=None) for row in rows]
    plot = _pyplot()
    figure, axes = plot.subplots(figsize=(9, 3.6))
    stock = world.stock[rows.start : rows.stop, 0]
    axes.fill_between(dates, stock, step="mid", color=_COLOURS[0], alpha=0.15)
    axes.step(dates, stock, where="mid", color=_COLOURS[0], label="stock at the end of the day")
    levels = [watcher.levels.get(row, np.nan) for row in rows]
    axes.plot(dates, levels, color="#777", linewidth=1, linestyle="--", label="reorder point")
    for values, marker, colour, label in (
        (world.ordered, "^", _COLOURS[1], "order placed"),
        (world.received, "v", _COLOURS[5], "receipt"),
        (world.short, "x", "#c00000", "short"),
    ):
        at = [day for day, row in zip(dates, rows, strict=True) if values[row, 0] > 0]
        units = [int(values[row, 0]) for row in rows if values[row, 0] > 0]
        axes.plot(at, units, marker, color=colour, markersize=4, linestyle="none", label=label)
    top = float(max(stock.max(initial=1), 1)) * 1.12
    for day, kind in _alerts(core, dates[0], dates[-1]):
        axes.axvline(day, color="#cc79a7", linewidth=0.8, alpha=0.8)
        axes.text(day, top, kind.replace("_", " "), rotation=90, va="top", ha="right", fontsize=6)
    axes.set_ylabel("units")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=5, fontsize=8, frameon=False)
    figure.autofmt_xdate(rotation=0, ha="center")
    name = html.escape(history.key, quote=True)
    return [
        _svg(
            figure,
            f"stock-{name}",
            "Stock, orders and receipts (at their units), and where alerts other than for orders opened.",
        ),
        _fan(batch, watcher, name),
    ]


def _alerts(core: Core, first: Any, last: Any) -> list[tuple[Any, str]]:
    found = []
    for said in core.said[0]:
        if said.family != "disruptions" or not said.type.endswith("opened"):
            continue
        alert = decode(said.body, Alert)
        at = alert.opened_at.replace(tzinfo=None)
        if first <= at <= last:
            found.append((at, alert.kind))
    return found


class _Watcher:
    """The core, with its reorder points noted, and its forecast on one day."""

    def __init__(self, core: Core, fan_row: int) -> None:
        self._core, self.fan_row = core, fan_row
        self.levels: dict[int, int] = {}
        self.fan: list[tuple[float, list[int]]] = []

    def initial(self) -> Any:
        return self._core.initial()

    def close(self, row: int, world: Any) -> Any:
        orders = self._core.close(row, world)
        book = self._core.books[0]
        if book.targets is not None:
            self.levels[row] = book.targets.reorder_point
        if row == self.fan_row:
            begin = (self._core.batch.first_day + row + 1) * DAY
            for day in range(_FAN_DAYS):
                usual = demands.over(book.demand, begin + day * DAY, 1.0)
                shares = [share for pair in _FAN for share in pair]
                self.fan.append((usual.mean, [usual.quantile(share) for share in shares]))
        return orders


def _fan(batch: Batch, watcher: _Watcher, name: str) -> str:
    plot = _pyplot()
    figure, axes = plot.subplots(figsize=(9, 3))
    start = watcher.fan_row + 1
    before = range(max(start - _FAN_DAYS, 0), start)
    after = range(start, min(start + _FAN_DAYS, batch.days))

    def dates(rows: range) -> list[Any]:
        return [utc((batch.first_day + row) * DAY).replace(tzinfo=None) for row in rows]

    for place, (low, high) in enumerate(_FAN):
        lows = [values[2 * place] for _, values in watcher.fan][: len(after)]
        highs = [values[2 * place + 1] for _, values in watcher.fan][: len(after)]
        label = f"{high - low:.0%} of days"
        axes.fill_between(
            dates(after), lows, highs, step="mid", color=_COLOURS[0], alpha=0.15, label=label
        )
    means = [mean for mean, _ in watcher.fan][: len(after)]
    axes.step(dates(after), means, where="mid", color=_COLOURS[0], label="expected")
    both = range(before.start, after.stop)
    axes.plot(
        dates(both), batch.demand[both.start : both.stop, 0], ".-", color="#222", label="wanted"
    )
    axes.set_ylabel("units a day")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=5, fontsize=8, frameon=False)
    axes.xaxis.set_major_formatter(lambda value, _: f"{utc(value * DAY):%d %b}")
    return _svg(figure, f"forecast-{name}", "The forecast of one day, and what came.")
