"""The live header: what the worker's metrics say now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from prometheus_client.parser import text_string_to_metric_families
from rich.text import Text

from andon.cli.support.output import STYLES
from andon.connect.http import ask
from andon.streams.topics import FAMILIES

K = TypeVar("K")

_TIMEOUT = 1.0


@dataclass
class BoardFigures:
    """What a worker has counted so far; times in seconds."""

    events: dict[str, float] = field(default_factory=dict)
    lag: float = 0.0
    items: float = 0.0
    open_by_severity: dict[str, float] = field(default_factory=dict)
    dead_letters: float = 0.0
    p50: float | None = None
    p99: float | None = None

    @property
    def total(self) -> float:
        """Events of all topics."""
        return sum(self.events.values())


def fetch(address: str, timeout: float = _TIMEOUT) -> BoardFigures | None:
    """Return the figures of the worker at an address (`http://host:port`), or None if it does not answer in time."""
    try:
        with ask(f"{address}/metrics", timeout=timeout) as answer:
            return figures(answer.read().decode())
    except OSError:
        return None


def ready(address: str) -> bool:
    """Whether the worker at an address has its state and consumes."""
    try:
        with ask(f"{address}/ready", timeout=_TIMEOUT) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def figures(text: str) -> BoardFigures:
    """Return the figures in a Prometheus exposition."""
    found = BoardFigures()
    buckets: dict[float, float] = {}
    for metric in text_string_to_metric_families(text):
        for name, labels, value, *_ in metric.samples:
            match name:
                case "andon_events_total":
                    _add(found.events, family_of(labels["topic"]), value)
                case "andon_consumer_lag_records":
                    found.lag += value
                case "andon_state_keys" if labels["table"] == "books":
                    found.items += value
                case "andon_alerts_open":
                    _add(found.open_by_severity, labels["severity"], value)
                case "andon_deadletters_total":
                    found.dead_letters += value
                case "andon_event_to_alert_seconds_bucket":
                    _add(buckets, float(labels["le"]), value)
    cumulative = sorted(buckets.items())
    found.p50, found.p99 = quantile(cumulative, 0.5), quantile(cumulative, 0.99)
    return found


def family_of(topic: str) -> str:
    """Return the family of a topic, `pos` of `andon.pos.v1`, `orders.events` of `andon.orders.events.v1`."""
    stem = topic.rpartition(".")[0]
    return max((name for name in FAMILIES if stem.endswith(f".{name}")), key=len, default=topic)


def quantile(cumulative: Sequence[tuple[float, float]], q: float) -> float | None:
    """Return the quantile of a histogram by linear interpolation in its bucket, as Prometheus' histogram_quantile does.

    Args:
        cumulative: upper bounds, ascending, the last infinite, with the counts up to each.
        q: between 0 and 1.
    """
    if not cumulative or not cumulative[-1][1]:
        return None
    rank = q * cumulative[-1][1]
    low, below = 0.0, 0.0
    for bound, count in cumulative:
        if count >= rank:
            if bound == float("inf"):
                return low
            return (
                low + (bound - low) * (rank - below) / (count - below) if count > below else bound
            )
        low, below = bound, count
    return low


def header(now: BoardFigures, rate: float, simulated: str) -> Text:
    """Return the header as one line.

    Args:
        now: the newest figures.
        rate: events a second.
        simulated: the simulated date.
    """
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(" ANDON ", style="bold reverse")
    text.append(f" {simulated}  ")
    text.append(f"{rate:,.0f} events/s  lag {now.lag:,.0f}  {now.items:,.0f} items  open ")
    for severity in ("critical", "warning", "info"):
        count = now.open_by_severity.get(severity, 0)
        text.append(f"{count:,.0f} {severity} ", style=STYLES[severity] if count else "dim")
    shapes = now.events.get("shapes", 0)
    if shapes:
        text.append(f" {shapes:,.0f} shapes ")
    text.append(f" event-to-alert p50 {seconds(now.p50)} p99 {seconds(now.p99)}")
    return text


def seconds(value: float | None) -> str:
    """Return a short time for people."""
    if value is None:
        return "-"
    return f"{value * 1000:,.0f} ms" if value < 1 else f"{value:,.1f} s"


def rates(before: Mapping[str, float], after: Mapping[str, float], elapsed: float) -> float:
    """Return events a second between two counts, never negative (a restart begins at 0)."""
    grown = sum(after.values()) - sum(before.values())
    return max(grown, 0.0) / elapsed if elapsed > 0 else 0.0


def _add(counts: dict[K, float], key: K, value: float) -> None:
    counts[key] = counts.get(key, 0.0) + value
