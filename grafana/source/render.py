"""Draw the dashboards with what a Prometheus answers to their queries: pictures for docs/monitoring.md, without Grafana.

Run: python grafana/source/render.py http://127.0.0.1:9090 docs/images [--minutes 3]
"""

import argparse
import json
import re
import textwrap
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import matplotlib.colors
import matplotlib.ticker

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

DASHBOARDS: Final = Path(__file__).resolve().parents[1] / "dashboards"
_COLOURS: Final = {"green": "#3a9b5c", "orange": "#e08a1e", "red": "#d0433f"}
#: More names than these have no room below a panel.
_LEGENDS: Final = 8
_BACK: Final = "#fbfbfb"
_COLUMN_INCHES: Final = 0.68
_ROW_INCHES: Final = 0.38
_VARIABLES: Final = {"$__rate_interval": "20s", "$window": "1h"}


def filled(expression: str) -> str:
    """Return an expression with Grafana's variables replaced."""
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    return re.sub(r"\$(location|class|model|worker)\b", ".*", expression)


def ask(prometheus: str, path: str, **arguments: object) -> list[Any]:
    """Return the series that Prometheus answers with."""
    query = urllib.parse.urlencode(arguments)
    with urllib.request.urlopen(f"{prometheus}/api/v1/{path}?{query}", timeout=30) as answer:
        return list(json.loads(answer.read())["data"]["result"])


def named(legend: str, labels: dict[str, str]) -> str:
    """Return a series' name, as Grafana makes it of a legend's form."""
    return re.sub(r"{{(\w+)}}", lambda found: labels.get(found[1], ""), legend).strip()


def worded(value: float, unit: str) -> str:
    """Return a value with its unit, in few letters."""
    if unit == "percentunit":
        return f"{value:.1%}"
    if unit == "s":
        for size, letter in ((86400, "d"), (3600, "h"), (60, "min")):
            if abs(value) >= size:
                return f"{value / size:.1f} {letter}"
        return f"{value:.2g} s" if value >= 1 else f"{value * 1000:.0f} ms"
    if unit == "d":
        return f"{value:.1f} d"
    if unit == "bytes":
        return f"{value / 1e6:.0f} MB"
    for size, letter in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / size * (10 if letter == 'k' else 1):.1f} {letter}"
    return f"{value:,.4g}"


def colour(value: float, steps: Sequence[dict[str, Any]]) -> str:
    """Return the colour that the thresholds give a value."""
    now = steps[0]["color"]
    for step in steps[1:]:
        if value >= step["value"]:
            now = step["color"]
    return _COLOURS[now]


class Picture:
    """One dashboard as a picture: its panels where Grafana would put them."""

    def __init__(self, prometheus: str, dashboard: dict[str, Any], minutes: float) -> None:
        self._prometheus = prometheus
        self._dashboard = dashboard
        self._minutes = minutes
        self._high = max(
            panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"]
        )

    def draw(self) -> Figure:
        """Return the picture."""
        inches = (24 * _COLUMN_INCHES, (self._high + 2) * _ROW_INCHES)
        figure = plt.figure(figsize=inches, facecolor="white")
        title = self._dashboard["title"]
        figure.text(
            0.008, 1 - 0.9 / (self._high + 2), title, fontsize=17, weight="bold", va="center"
        )
        for panel in self._dashboard["panels"]:
            self._place(figure, panel)
        return figure

    def _place(self, figure: Figure, panel: dict[str, Any]) -> None:
        place, high = panel["gridPos"], self._high + 2
        top = 1 - (place["y"] + 2) / high
        if panel["type"] == "row":
            figure.text(
                0.008, top - 0.5 / high, panel["title"], fontsize=12, va="center", color="#666"
            )
            return
        left, bottom = place["x"] / 24, top - place["h"] / high
        pad_x, pad_y = 0.004, 0.18 / high
        frame = figure.add_axes(
            (
                left + pad_x,
                bottom + pad_y,
                place["w"] / 24 - 2 * pad_x,
                place["h"] / high - 2 * pad_y,
            )
        )
        frame.set(xticks=[], yticks=[], facecolor=_BACK)
        for side in frame.spines.values():
            side.set_color("#ddd")
        name = textwrap.shorten(panel["title"], place["w"] * 8, placeholder="…")
        title = frame.annotate(
            name,
            (0, 1),
            xytext=(6, -5),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            fontsize=9,
            weight="bold",
        )
        kinds = {"stat": self._stat, "bargauge": self._bars, "timeseries": self._lines}
        kinds[panel["type"]](frame, panel)
        if panel["type"] == "stat" and frame.get_facecolor() != mpl.colors.to_rgba(_BACK):
            title.set_color("white")

    def _now(self, panel: dict[str, Any]) -> list[tuple[str, float]]:
        found = []
        for target in panel["targets"]:
            for series in ask(self._prometheus, "query", query=filled(target["expr"])):
                value = float(series["value"][1])
                found.append((named(target.get("legendFormat", ""), series["metric"]), value))
        return found

    def _stat(self, frame: Axes, panel: dict[str, Any]) -> None:
        defaults = panel["fieldConfig"]["defaults"]
        found = self._now(panel)
        steps = defaults["thresholds"]["steps"]
        if not found:
            frame.text(0.5, 0.42, defaults["noValue"], ha="center", va="center", color="#888")
            return
        text = "\n".join(
            f"{worded(value, defaults['unit'])} {name}".strip() for name, value in found
        )
        coloured = len(steps) > 1
        if coloured:
            frame.set_facecolor(colour(found[0][1], steps))
        ink = "white" if coloured else "#333"
        frame.text(0.5, 0.4, text, ha="center", va="center", fontsize=17, color=ink)

    def _bars(self, frame: Axes, panel: dict[str, Any]) -> None:
        defaults = panel["fieldConfig"]["defaults"]
        found = self._now(panel)[:10]
        if not found:
            frame.text(0.5, 0.42, defaults["noValue"], ha="center", va="center", color="#888")
            return
        inner = frame.inset_axes((0.24, 0.06, 0.58, 0.78), facecolor=_BACK)
        values = [value for _, value in found]
        steps = defaults["thresholds"]["steps"]
        inner.barh(range(len(found)), values, color=[colour(value, steps) for value in values])
        inner.set_yticks(range(len(found)), [name for name, _ in found], fontsize=8)
        inner.set_xticks([])
        inner.invert_yaxis()
        inner.spines[:].set_visible(False)
        inner.axvline(0, color="#999", linewidth=0.6)
        for row, value in enumerate(values):
            text = worded(value, defaults["unit"])
            inner.text(max(value, 0), row, f" {text}", va="center", fontsize=8)

    def _lines(self, frame: Axes, panel: dict[str, Any]) -> None:
        defaults = panel["fieldConfig"]["defaults"]
        inner = frame.inset_axes((0.09, 0.2, 0.89, 0.66), facecolor=_BACK)
        end = time.time()
        series = [
            (named(target.get("legendFormat", ""), one["metric"]), one["values"])
            for target in panel["targets"]
            for one in ask(
                self._prometheus,
                "query_range",
                query=filled(target["expr"]),
                start=end - self._minutes * 60,
                end=end,
                step=2,
            )
        ]
        stacked = defaults["custom"].get("stacking", {}).get("mode") == "normal"
        if stacked and series:
            self._stack(inner, series)
        else:
            for name, values in series:
                inner.plot(
                    [at for at, _ in values],
                    [float(value) for _, value in values],
                    label=name,
                    linewidth=1.1,
                )
        for step in defaults["thresholds"]["steps"][1:]:
            low, high = inner.get_ylim()
            if low <= step["value"] <= high:
                inner.axhline(step["value"], color=_COLOURS[step["color"]], dashes=(4, 3), lw=0.8)
        inner.tick_params(labelsize=7, length=2)
        inner.yaxis.set_major_formatter(lambda value, _: worded(value, defaults["unit"]))
        inner.xaxis.set_major_formatter(lambda at, _: time.strftime("%H:%M:%S", time.gmtime(at)))
        inner.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
        inner.set_xlim(end - self._minutes * 60, end)
        inner.grid(visible=True, color="#eee")
        inner.spines[:].set_color("#ddd")
        if not series:
            inner.set_yticks([])
            said = defaults["noValue"]
            inner.text(0.5, 0.5, said, ha="center", transform=inner.transAxes, color="#888")
        else:
            handles, names = inner.get_legend_handles_labels()
            inner.legend(
                handles[:_LEGENDS],
                names[:_LEGENDS],
                fontsize=6.5,
                ncols=4,
                loc="upper center",
                bbox_to_anchor=(0.5, -0.1),
                frameon=False,
            )

    @staticmethod
    def _stack(inner: Axes, series: list[tuple[str, list[Any]]]) -> None:
        times = sorted({at for _, values in series for at, _ in values})
        known = [dict(values) for _, values in series]
        rows = [[float(one.get(at, 0.0)) for at in times] for one in known]
        inner.stackplot(times, rows, labels=[name for name, _ in series], alpha=0.75)


def main() -> None:
    """Draw all dashboards."""
    parser = argparse.ArgumentParser()
    parser.add_argument("prometheus")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=3)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(DASHBOARDS.glob("*.json")):
        dashboard = json.loads(path.read_text(encoding="utf-8"))
        figure = Picture(given.prometheus, dashboard, given.minutes).draw()
        figure.savefig(given.folder / f"{path.stem}.png", dpi=72)
        plt.close(figure)
        print(f"drew {path.stem}")


if __name__ == "__main__":
    main()
