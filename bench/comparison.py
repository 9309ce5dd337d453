"""What a comparison of Andon with its peers says: medians of interleaved turns, tables in Markdown, and the verdicts."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

ANDON = "Andon"
PYTHON_ALONE = "Andon, Python alone"
LIMIT = "the limit"
FLINK = "Flink 2.2, exactly once"
KAFKA_STREAMS = "Kafka Streams 4.4, exactly once"
QUIX = "Quix Streams 3.28"
STOCK_FAUST = "stock Faust 0.15"
#: A limit that was busy for less of its time waited for something that is no limit.
LEAST_BUSY = 0.8
MOST_P99_MS = 100
MOST_MORNING_P99_MS = 300
MOST_TIMES_P99_WHEN_BUSY = 2.0

Result = Mapping[str, float]
Figures = dict[str, float]


def figures(result: Result) -> Figures:
    """Return sales a second and processor seconds a million, whole and warm, and the peak of memory."""
    return {
        "rate": result["events"] / result["seconds"],
        "warm_rate": result["warm_events"] / result["warm_seconds"],
        "cpu": result["cpu_seconds"] / result["events"] * 1e6,
        "warm_cpu": result["warm_cpu_seconds"] / result["warm_events"] * 1e6,
        "peak_mb": result["peak_mb"],
    }


def medians(results: Iterable[Result]) -> Figures:
    """Return the median of each figure over the turns."""
    turns = [figures(result) for result in results]
    return {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}


def times(
    turns: Mapping[str, Sequence[Result]], figure: str, other: str, other_figure: str | None = None
) -> float | None:
    """Return the median over the turns of how many times another's figure Andon's is; None if the other was left out."""
    if not turns.get(other):
        return None
    pairs = zip(turns[ANDON], turns[other], strict=True)
    return statistics.median(
        figures(ours)[figure] / figures(theirs)[other_figure or figure] for ours, theirs in pairs
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines).replace("|  |", "| |")


def throughput_table(turns: Mapping[str, Sequence[Result]], left_out: Mapping[str, str]) -> str:
    """Return the table of who did how much, with why some are not in it."""
    rows = []
    for name, results in turns.items():
        if not results:
            continue
        middle = medians(results)
        ours = name.startswith(ANDON)
        rows.append(
            (
                f"**{name}**" if ours else name,
                f"{middle['rate']:,.0f}",
                f"{middle['warm_rate']:,.0f}",
                f"{middle['cpu']:.1f}",
                f"{middle['warm_cpu']:.1f}",
                f"{middle['peak_mb']:.0f}",
            )
        )
    rows += [(name, f"left out: {why}", "", "", "", "") for name, why in left_out.items()]
    head = ("", "sales/s", "warm", "processor seconds a million", "warm", "peak MB")
    return table(head, rows)


def differences_table(differs: Mapping[str, str]) -> str:
    """Return the table of what is not alike between the jobs."""
    return table(("", "what its work is"), differs.items())


def latency_table(latencies: Mapping[str, Result]) -> str:
    """Return the table of how long an alert takes from its sale."""
    rows = [
        (
            name,
            f"{late['events_per_second']:,.0f} sales/s",
            f"{late['p50_ms']:,.0f} ms",
            f"{late['p99_ms']:,.0f} ms",
            f"{late['p999_ms']:,.0f} ms",
            f"{late['alerts']:,.0f}",
        )
        for name, late in latencies.items()
    ]
    return table(("event to alert", "at", "p50", "p99", "p99.9", "alerts"), rows)


def busy_name(name: str) -> str:
    """Return how a row is called that was measured beside one busy loop on each core."""
    return f"{name}, beside a busy loop a core"


MORNING = f"{ANDON}, first minute of a day"


def judge(found: Mapping[str, Any]) -> dict[str, bool]:
    """Return each target with its figure, and whether it is met; one without its peer is not judged."""
    turns, late = found["turns"], found["latency"]
    met: dict[str, bool] = {}

    def at_least(what: str, value: float | None, target: float) -> None:
        if value is not None:
            met[f"{what}: {value:.2f} x, at least {target:g} x"] = value >= target

    def at_most(what: str, value: float | None, target: float) -> None:
        if value is not None:
            met[f"{what}: {value:.2f} x, at most {target:g} x"] = value <= target

    at_least(f"sales/s of {FLINK}", times(turns, "rate", FLINK), 1.0)
    for other in (FLINK, KAFKA_STREAMS):
        at_most(
            f"processor seconds, whole, of those of {other}, warm",
            times(turns, "cpu", other, "warm_cpu"),
            0.6,
        )
    at_most(f"processor seconds of those of {QUIX}", times(turns, "cpu", QUIX), 0.4)
    at_least(f"sales/s of {STOCK_FAUST}", times(turns, "rate", STOCK_FAUST), 30.0)
    at_least("sales/s of the limit", times(turns, "rate", LIMIT), 0.35)
    for result in turns.get(LIMIT, ()):
        busy = result["cpu_seconds"] / result["seconds"]
        met[f"the limit is one of processor time: busy for {busy:.2f} of its time"] = (
            busy >= LEAST_BUSY
        )
    if ANDON in late:
        ours = late[ANDON]["p99_ms"]
        met[f"p99 of an alert, {ours:.0f} ms, under {MOST_P99_MS} ms"] = ours < MOST_P99_MS
        if KAFKA_STREAMS in late:
            theirs = late[KAFKA_STREAMS]["p99_ms"]
            met[f"the same under {KAFKA_STREAMS}: {theirs:.0f} ms"] = ours < theirs
    ours, theirs = late.get(busy_name(ANDON)), late.get(busy_name(KAFKA_STREAMS))
    if ours and theirs:
        at_most(
            f"p99 beside busy loops, of that of {KAFKA_STREAMS}",
            ours["p99_ms"] / theirs["p99_ms"],
            MOST_TIMES_P99_WHEN_BUSY,
        )
    if MORNING in late:
        morning = late[MORNING]["p99_ms"]
        met[
            f"p99 in the first minute of a day, {morning:.0f} ms, under {MOST_MORNING_P99_MS} ms"
        ] = morning < MOST_MORNING_P99_MS
    return met
