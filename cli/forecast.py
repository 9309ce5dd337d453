"""`andon forecast`: what an item is expected to sell, who says so, and how good it has been."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from andon.cli.item import fetch
from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import plain, print_json, stderr, stdout, table
from andon.planning.demand import demand as demands
from andon.planning.demand.demand import Demand
from andon.schemas.common import split_item_key, utc
from andon.streams.errors import UserError
from andon.streams.settings import Settings

_SHOWN_DAYS: Final = 84
_BARS: Final = " ▁▂▃▄▅▆▇█"


@connected
def forecast(
    key: Annotated[str, typer.Argument(metavar="LOCATION/SKU", help="Such as store-3/TEA-01.")],
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it, too: a .png, .svg or .pdf.")
    ] = None,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Show an item's sales, its forecast with quantiles, the models that compete for it, and which one speaks.

    Asks the worker on this machine (ANDON_METRICS_HOST and ANDON_METRICS_PORT).

    Examples:

        andon forecast store-3/TEA-01

        andon forecast store-3/TEA-01 --plot forecast.png
    """
    try:
        split_item_key(key)
    except ValueError as error:
        raise UserError(str(error)) from error
    found = fetch(settings.metrics_host, settings.metrics_port, "forecasts", key)
    if as_json:
        print_json(found)
    else:
        stdout().print(panel(found))
    if plot is not None:
        if not found["mean"]:
            msg = f"{key}: no day is closed yet, so there is nothing to draw"
            raise UserError(msg)
        draw(found, plot)
        stderr().print(f"drawn to {plot}")


def panel(found: dict[str, Any]) -> RenderableType:
    """Return a forecast for people."""
    title = Text(plain(found["key"]))
    if not found["mean"]:
        nothing = Text("No day is closed yet: a forecast begins with the first day that is over.")
        return Panel(nothing, title=title, title_align="left", expand=False)
    parts = [Text("\n".join(sentences(found))), Text(), _weeks(found), Text(), _candidates(found)]
    return Panel(Group(*parts), title=title, title_align="left", expand=False)


def sentences(found: dict[str, Any]) -> list[str]:
    """Return a forecast in plain sentences."""
    quantiles = found["quantiles"]
    covered = (
        f"Over the {found['protection_days']:.1f} days that an order must cover, {quantiles['0.5']:,} or "
        f"fewer in half of all cases, {quantiles['0.9']:,} in 90%, {quantiles['0.98']:,} in 98%."
    )
    said = [f"{found['level']:,.1f} a day, says the {found['model']}.", covered]
    shape = found["shape"]
    if shape["days_ahead"]:
        said.append(
            f"Prophet's shape ({shape['used']}) was fitted {_date(shape['fitted'])} and reaches "
            f"{shape['days_ahead']} days ahead."
        )
    elif shape["asked"] >= 0:
        said.append(
            f"A shape was asked for {_date(shape['asked'])}; no forecaster has answered yet."
        )
    else:
        said.append("No shape was asked for: too few days are known, or it sells on too few.")
    return said


def _date(day: int) -> str:
    return f"{utc(day * demands.DAY):%a %d %b %Y}"


def _weeks(found: dict[str, Any]) -> Text:
    """Return the last weeks as bars, and the next four paler behind them."""
    sold = found["history"]["sold"][-_SHOWN_DAYS:]
    ahead = found["mean"]
    most = max([units for units in sold if units is not None] + ahead + [1e-9])

    def bars(values: list[float | None]) -> str:
        return "".join(
            "·" if value is None else _BARS[round(value / most * (len(_BARS) - 1))]
            for value in values
        )

    text = Text(no_wrap=True, overflow="crop")
    text.append(bars(sold))
    text.append(bars(ahead), style="cyan")
    text.append(f"  {len(sold)} days sold, {len(ahead)} expected, up to {most:,.0f}", style="dim")
    return text


def _candidates(found: dict[str, Any]) -> RenderableType:
    made = table("", "", "model", "cost#", "WAPE#", "MASE#", "bias#", "90% held#")
    for one in found["candidates"]:
        figures = (
            f"{one[name]:{form}}" if one[name] is not None else "-"
            for name, form in (
                ("cost", ".2f"),
                ("wape", ".0%"),
                ("mase", ".2f"),
                ("bias", "+.0%"),
                ("coverage", ".0%"),
            )
        )
        style = "" if one["ready"] else "dim"
        made.add_row("speaks" if one["champion"] else "", one["name"], *figures, style=style)
    return made


def fitted(first: int, sold: list[int | None]) -> list[float]:
    """Return what the level had expected of each day of a history, the evening before (first: days since 1970)."""
    level = Demand(closed=first - 1)
    usual: list[float] = []
    for day, units in enumerate(sold, first):
        demands.record(level, day, units or 0)
        known = 0.0 if units is None else 1.0
        demands.close_through(
            level, day, known, observe=lambda _, __, expected: usual.append(expected)
        )
    return usual


def draw(found: dict[str, Any], file: Path) -> None:
    """Draw history, what the level had expected of it, and the forecast with its 90% interval.

    Raises:
        UserError: the file's ending names no format, or it cannot be written.
    """
    # Loaded here: it takes a second, and most forecasts are read in the terminal.
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    past, first = found["history"], found["first_day"]
    usual = fitted(past["first_day"], past["sold"])[-_SHOWN_DAYS:]
    sold = past["sold"][-_SHOWN_DAYS:]
    # matplotlib counts days since 1970, as we do.
    days = list(range(first - len(sold), first))
    ahead = list(range(first, first + len(found["mean"])))
    figure, axes = plt.subplots(figsize=(10, 4.2), layout="constrained")
    known = [(day, units) for day, units in zip(days, sold, strict=True) if units is not None]
    axes.bar(
        [day for day, _ in known],
        [units for _, units in known],
        width=0.8,
        color="#bbbbbb",
        label="sold",
    )
    axes.xaxis_date()
    axes.plot(days, usual, color="#d55e00", linewidth=1.2, label="expected the evening before")
    axes.plot(ahead, found["mean"], color="#0072b2", linewidth=2.2, label=found["model"])
    axes.fill_between(
        ahead, found["low"], found["high"], color="#0072b2", alpha=0.2, label="90% of days"
    )
    axes.set_title(f"{found['key']}: {found['level']:,.1f} a day", loc="left")
    axes.set_ylabel("units a day")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=4, loc="upper left", bbox_to_anchor=(0, -0.1))
    try:
        figure.savefig(file, dpi=110)
    except ValueError as error:
        msg = f"--plot {file}: {error}"
        raise UserError(msg) from error
    finally:
        plt.close(figure)
