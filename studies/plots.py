"""The plots of a backtest's report, as SVG: the frontier, an item's stock with what happened to it, a forecast's fan."""

import html
import io
from pathlib import Path
from typing import Any, Final

import numpy as np

from andon.planning.backtest.core import DAY, Core, learn
from andon.planning.backtest.history import Batch, History
from andon.planning.backtest.run import run
from andon.planning.backtest.scenario import ANDON, CLAIRVOYANT, Study
from andon.planning.backtest.world import World
from andon.planning.demand import demand as demands
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc

#: Colour-blind safe (Okabe and Ito), ours first.
_COLOURS: Final = ("#0072b2", "#d55e00", "#e69f00", "#56b4e9", "#999999", "#009e73", "#cc79a7")
_SHOWN_DAYS: Final = 182
_FAN_DAYS: Final = 28
#: What serves less is not drawn.
_LEAST_FILL: Final = 0.8
#: Marker and colour of the kinds of alerts; there are as many kinds as can open in a simulation.
_ALERT_MARKS: Final = (
    ("v", "#cc79a7"),
    ("s", "#e69f00"),
    ("P", "#56b4e9"),
    ("X", "#222222"),
    ("o", "#8c564b"),
    ("^", "#999999"),
)
#: Of the intervals, the widest palest.
_SHADES: Final = ("#d9e9f4", "#a6cbe5", "#66a9d4")
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
        "Up and to the left is better: more demand served from less stock. Each dot is one setting of a policy's dial, each "
        "diamond the policy at the items' own service level, the star the clairvoyant, who knows everything to come.",
    )


def write_frontier(report: dict[str, Any], path: Path) -> None:
    """Write the curves of all policies as a picture, in the form that the file's name ends in."""
    figure = _frontier(report)
    figure.savefig(path, dpi=100, bbox_inches="tight")
    _pyplot().close(figure)


def _frontier(report: dict[str, Any]) -> Any:
    plot = _pyplot()
    figure, axes = plot.subplots(figsize=(9, 4.8))
    own = {one["policy"]: (one["average_stock"], one["fill_rate"]) for one in report["policies"]}
    most = 0.0
    for colour, (name, curve) in zip(_COLOURS, report["curves"].items(), strict=False):
        points = sorted((one["fill_rate"], one["average_stock"]) for one in curve)
        inside = [(fill, stock) for fill, stock in points if fill >= _LEAST_FILL]
        if not inside:
            continue
        fills, stocks = zip(*inside, strict=True)
        if name != "weeks of cover":
            most = max(most, *stocks)
        width = 2.6 if name == ANDON else 1.4
        axes.plot(stocks, fills, "o-", color=colour, linewidth=width, markersize=4, label=name)
        axes.plot(*own[name], "D", color=colour, markeredgecolor="#222", markersize=7, zorder=4)
    axes.plot(*own[CLAIRVOYANT], "*", color="#222", markersize=11, label=CLAIRVOYANT, zorder=4)
    axes.set_xlim(0, most * 1.05 or 1)
    axes.set_ylim(_LEAST_FILL, 1.005)
    axes.set_yticks([0.8, 0.85, 0.9, 0.95, 0.98, 1.0])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.xaxis.set_major_formatter(_units)
    axes.set_xlabel("average stock, units")
    axes.set_ylabel("fill rate")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    return figure


def _units(value: float, _: int) -> str:
    return f"{value:,.0f}"


def _date(value: float, _: int) -> str:
    return f"{utc(value * DAY):%d %b %Y}"


def item_plots(study: Study, history: History) -> list[str]:
    """Return an item's plots: its stock with what happened to it, and a forecast beside what came."""
    batch = Batch([history], study.conditions, study.first_day, study.last_day)
    core = Core(batch, learn(batch), aloud=True)
    fan_row = min(int(batch.judged[0]) + _SHOWN_DAYS // 2, batch.days - _FAN_DAYS - 1)
    watcher = _Watcher(core, fan_row)
    world = run(batch, watcher)
    name = html.escape(history.key, quote=True)
    return [_trajectory(batch, watcher, core, world, name), _fan(batch, watcher, name)]


def _trajectory(batch: Batch, watcher: "_Watcher", core: Core, world: World, name: str) -> str:
    """Draw stock and position against the reorder point, with alerts above and the units ordered and received below."""
    first = int(batch.judged[0])
    rows = range(first, min(first + _SHOWN_DAYS, batch.days))
    dates = _dates(batch, rows)
    plot = _pyplot()
    figure, (axes, below) = plot.subplots(
        2, 1, figsize=(9, 5), sharex=True, height_ratios=(3, 1.2), layout="constrained"
    )
    stock = world.stock[rows.start : rows.stop, 0]
    axes.fill_between(dates, stock, step="mid", color=_COLOURS[0], alpha=0.15)
    axes.step(dates, stock, where="mid", color=_COLOURS[0], label="stock at the end of the day")
    positions = [watcher.positions[row] for row in rows]
    axes.step(dates, positions, where="mid", color="#999", linewidth=1, label="stock and on order")
    levels = [watcher.levels.get(row, np.nan) for row in rows]
    axes.plot(dates, levels, color="#222", linewidth=1, linestyle="--", label="reorder point")
    short = [day for day, row in zip(dates, rows, strict=True) if world.short[row, 0] > 0]
    axes.plot(short, [0] * len(short), "x", color="#c00000", zorder=4, label="short")
    found = _alerts(core, dates[0], dates[-1])
    kinds = sorted({kind for _, kind in found})
    for (marker, colour), kind in zip(_ALERT_MARKS, kinds, strict=False):
        at = [day for day, other in found if other == kind]
        for day in at:
            axes.axvline(day, color=colour, linewidth=0.8, alpha=0.6)
        label = f"alert: {kind.replace('_', ' ')}"
        heights = [0.97] * len(at)
        above = axes.get_xaxis_transform()
        axes.plot(at, heights, marker, color=colour, transform=above, label=label)
    axes.set_ylabel("units")
    highest = float(np.nanmax([*stock, *positions, *levels]))
    axes.set_ylim(-0.02 * highest, 1.12 * highest or 1)
    axes.yaxis.set_major_formatter(_units)
    for values, sign, colour, label in (
        (world.ordered, 1, _COLOURS[1], "ordered"),
        (world.received, -1, _COLOURS[5], "received"),
    ):
        below.bar(
            dates, sign * values[rows.start : rows.stop, 0], width=1, color=colour, label=label
        )
    below.axhline(0, color="#222", linewidth=0.8)
    below.set_ylabel("units a day")
    below.yaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
    below.xaxis.set_major_formatter(_date)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    return _svg(
        figure,
        f"stock-{name}",
        "An order is placed when stock and what is on order have fallen to the reorder point. Each order is a replenishment "
        "alert; other alerts are marked above.",
    )


def _alerts(core: Core, first: Any, last: Any) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []
    for said in core.said[0]:
        if said.family != "disruptions" or not said.type.endswith("opened"):
            continue
        alert = decode(said.body, Alert)
        at = alert.opened_at.replace(tzinfo=None)
        if first <= at <= last:
            found.append((at, alert.kind))
    return found


class _Watcher:
    """The core, with its positions and reorder points noted, and its forecast on one day."""

    def __init__(self, core: Core, fan_row: int) -> None:
        self._core, self.fan_row = core, fan_row
        self.levels: dict[int, int] = {}
        self.positions: dict[int, int] = {}
        self.fan: list[tuple[float, list[int]]] = []

    def initial(self) -> Any:
        return self._core.initial()

    def close(self, row: int, world: Any) -> Any:
        # As it is when the core looks: what it orders now is not yet in it.
        self.positions[row] = int(world.position[0])
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


def _dates(batch: Batch, rows: range) -> list[Any]:
    return [utc((batch.first_day + row) * DAY).replace(tzinfo=None) for row in rows]


def _fan(batch: Batch, watcher: _Watcher, name: str) -> str:
    plot = _pyplot()
    figure, axes = plot.subplots(figsize=(9, 3.4), layout="constrained")
    start = watcher.fan_row + 1
    before = range(max(start - _FAN_DAYS, 0), start)
    after = range(start, min(start + _FAN_DAYS, batch.days))
    made = watcher.fan[: len(after)]
    for place, ((low, high), colour) in enumerate(zip(_FAN, _SHADES, strict=True)):
        lows = [values[2 * place] for _, values in made]
        highs = [values[2 * place + 1] for _, values in made]
        label = f"{high - low:.0%} interval"
        axes.fill_between(_dates(batch, after), lows, highs, step="mid", color=colour, label=label)
    means = [mean for mean, _ in made]
    axes.step(_dates(batch, after), means, where="mid", color=_COLOURS[0], label="expected")
    both = range(before.start, after.stop)
    wanted = batch.demand[both.start : both.stop, 0]
    axes.plot(_dates(batch, both), wanted, ".-", color="#222", linewidth=1, label="wanted")
    made_at = utc((batch.first_day + start - 0.5) * DAY).replace(tzinfo=None)
    axes.axvline(made_at, color="#222", linewidth=0.8, linestyle=":", label="forecast made")
    axes.set_ylabel("units a day")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    axes.yaxis.set_major_formatter(_units)
    axes.xaxis.set_major_formatter(_date)
    figure.legend(loc="outside lower center", ncols=6, fontsize=8, frameon=False)
    day = utc((batch.first_day + watcher.fan_row) * DAY)
    return _svg(
        figure,
        f"forecast-{name}",
        f"The forecast made at the end of {day:%d %B %Y} for each of the {len(after)} days after it, and what was wanted then.",
    )
