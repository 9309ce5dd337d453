"""What a run of `andon up` came to."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from andon.cli.support.board import BoardFigures, seconds
from andon.cli.support.output import stdout, table
from andon.planning.alerting.sentences import plain
from andon.simulation.network import Network


def summary(
    network: Network,
    changes: Mapping[tuple[str, str], int],
    published: Mapping[str, int],
    figures: BoardFigures,
    elapsed_seconds: float,
) -> dict[str, Any]:
    """Return the figures of a run, for scripts and people."""
    alerts: dict[str, Counter[str]] = {}
    for (kind, status), count in changes.items():
        alerts.setdefault(kind, Counter())[status] += count
    return {
        "seconds": round(elapsed_seconds, 1),
        "simulated_days": round(network.days, 1),
        "events": {family: int(count) for family, count in sorted(figures.events.items())},
        "published": dict(published),
        "items": int(figures.items),
        "alerts": {kind: dict(counts) for kind, counts in sorted(alerts.items())},
        "orders": network.orders,
        "event_to_alert_p50_seconds": figures.p50,
        "event_to_alert_p99_seconds": figures.p99,
        "shapes": int(figures.events.get("shapes", 0)),
        "dead_letters": int(figures.dead_letters),
        "fill_rate": round(network.fill_rate, 4),
        "built": 0 if network.plant is None else network.plant.built,
        "line_stops": 0 if network.plant is None else network.plant.stops,
    }


def show(result: Mapping[str, Any]) -> None:
    """Print a summary for people."""
    console = stdout()
    events = result["events"]
    parts = ", ".join(f"{count:,} {family}" for family, count in events.items() if count)
    console.print()
    console.print(
        f"{result['simulated_days']:.1f} simulated days in {result['seconds']:.0f} s: "
        f"{sum(events.values()):,} events of {result['items']:,} items ({parts})",
        soft_wrap=True,
    )
    made = table("", "alerts", "opened#", "updated#", "resolved#")
    for kind, counts in result["alerts"].items():
        cells = (f"{counts.get(status, 0):,}" for status in ("opened", "updated", "resolved"))
        made.add_row(kind, *cells)
    if result["alerts"]:
        console.print(made)
    console.print(
        f"{result['orders']:,} orders placed, fill rate {result['fill_rate']:.1%}, "
        f"event to alert p50 {seconds(result['event_to_alert_p50_seconds'])}, "
        f"p99 {seconds(result['event_to_alert_p99_seconds'])}, "
        f"{result['shapes']:,} shapes fitted, "
        f"{result['dead_letters']:,} dead letters",
        soft_wrap=True,
    )
    if result["built"]:
        stops = plain(result["line_stops"], "line stop")
        console.print(f"The plant built {result['built']:,} lamps, with {stops} foreseen.")
