"""The whole worker next to stock Faust, Quix Streams and the limit, on the same sales and the same broker, in one run.

Run: python bench/throughput.py [--sales 1000000] [--items 10000] [--partitions 8] [--broker host:port] [--json]
     python bench/throughput.py --scale     how cost grows with items and workers, and what recovery takes
     python bench/throughput.py --paths 3   the compiled, the fast and the clear path (ANDON_CLEAR_PATH), so many times in turn
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
from latency import WARM_UP_SECONDS, latency
from support.apache import ApacheKafka, available
from verdict import tell
from watched import WatchedWorker
from workload import master_data, publish, ranks, sales

from andon.agents.compiled_sales import plain_sales
from andon.streams.admin import TopicAdmin
from andon.streams.embedded import EmbeddedBroker
from andon.streams.settings import Settings, load_settings
from andon.streams.topics import topic_name

QUIX = "quixstreams==3.28.1"
#: What is aimed at: how many times as fast as each peer, and the rest as named.
TARGETS = {"stock Faust": 30.0, "Quix Streams": 2.5, "the limit": 0.35}
#: A limit that was busy for less of its time waited for something that is no limit.
LEAST_BUSY = 0.8
SLICE = 50_000
LAST_EVENT = "andon_last_event_timestamp_seconds"
SCRAPE_SECONDS = 2.0
MILLION = 1_000_000
MOST_KILOBYTES = 1.5
MOST_RECOVERY_SECONDS = 60.0
console = Console(stderr=True)


@contextmanager
def broker_of(given: str | None) -> Iterator[tuple[str, str]]:
    """Yield the servers to measure on and what they are: those given, else Apache Kafka, else the embedded broker."""
    if given is not None:
        yield given, "the broker given"
        return
    kind = ApacheKafka if available() else EmbeddedBroker
    with tempfile.TemporaryDirectory() as folder, kind(Path(folder)) as broker:
        yield broker.bootstrap, f"{broker.kind} on this machine"


def settings_of(bootstrap: str, name: str, partitions: int) -> Settings:
    """Return settings with topics of their own."""
    settings = load_settings(
        broker=bootstrap,
        prefix=f"bench-{name}-{int(time.time())}",
        partitions=partitions,
        allowed_lateness_hours=0.0,
    )
    with TopicAdmin(settings) as admin:
        admin.create()
    return settings


def prepare(settings: Settings, items: int, count: int) -> float:
    """Have a worker take in master data and counts, then publish the sales; return the seconds the first part took."""
    sold = Counter(ranks(items, count, 1))
    console.print(f"publishing {items:,} items")
    publish(settings, master_data(items, sold, low_every=20))
    with WatchedWorker(settings) as worker:
        begin, end = worker.time_until(topic_name(settings, "stock"), items)
        worker.time_until(topic_name(settings, "items"), items)
    console.print(f"publishing {count:,} sales")
    publish(settings, sales(items, count))
    return end - begin


def andon(settings: Settings, count: int, workers: int = 1) -> dict[str, float]:
    """Time a worker, or several, from the first sale applied to the last."""
    topic = topic_name(settings, "pos")
    running = [WatchedWorker(settings) for _ in range(workers)]
    started = time.perf_counter()
    for worker in running:
        worker.__enter__()
    try:
        restored = 0.0

        def applied() -> float:
            return sum(worker.applied(topic) for worker in running)

        def last_event() -> float:
            return max(worker.metric(LAST_EVENT, topic=topic) for worker in running)

        while applied() == 0:
            time.sleep(0.05)
        begin, cpu = time.perf_counter(), sum(worker.usage()[0] for worker in running)
        since, first = last_event(), applied()
        # Metrics are asked for seldom, as they cost the worker time; it says itself when it applied the last sale.
        while applied() < count:
            time.sleep(SCRAPE_SECONDS)
        seconds = last_event() - since
        used = [worker.usage() for worker in running]
        restored = max(worker.metric("andon_recovery_seconds_sum") for worker in running)
    finally:
        for worker in running:
            worker.__exit__(None, None, None)
    return {
        "events": count - first,
        "seconds": seconds,
        "cpu_seconds": sum(cpu for cpu, _ in used) - cpu,
        "peak_mb": max(peak for _, peak in used),
        "recovery_seconds": restored,
        "until_first_seconds": begin - started,
    }


def peer(python: str, script: str, settings: Settings, events: int) -> dict[str, float]:
    """Run one of the peers until it has seen all events, and return what it printed."""
    with KafkaAdminClient(bootstrap_servers=settings.servers) as admin:
        # No peer makes the topic of its alerts by itself on a broker that does not.
        alerts = f"{topic_name(settings, 'pos')}-{Path(script).stem}-alerts"
        admin.create_topics([NewTopic(alerts, settings.partitions, 1)])
    done = subprocess.run(
        [
            python,
            str(HERE / "peers" / script),
            settings.broker,
            topic_name(settings, "pos"),
            str(settings.partitions),
            str(events),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        msg = f"{script} printed no result:\n{done.stderr[-2000:]}"
        raise RuntimeError(msg)
    result: dict[str, float] = json.loads(lines[-1])
    return result


def quix_python() -> str:
    """Return the Python of an environment with Quix Streams, made when it is first needed."""
    home = HERE.parent / "build" / "quix"
    python = home / "bin" / "python"
    if not (home / ".done").exists():
        console.print(f"installing {QUIX} into {home}: once")
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "--quiet", "install", QUIX], check=True)
        (home / ".done").touch()
    return str(python)


def rate(result: dict[str, float]) -> float:
    """Return events a second."""
    return result["events"] / result["seconds"]


def compare(options: argparse.Namespace, bootstrap: str) -> dict[str, Any]:
    """Measure ours and the peers on the same sales, then the latency at half of what ours did."""
    settings = settings_of(bootstrap, "main", options.partitions)
    prepare(settings, options.items, options.sales)
    results: dict[str, dict[str, float]] = {}
    for name, measure in (
        ("the limit", lambda: peer(sys.executable, "limit.py", settings, options.sales)),
        ("Andon", lambda: andon(settings, options.sales)),
        ("Quix Streams", lambda: peer(quix_python(), "quix.py", settings, options.sales)),
        ("stock Faust", lambda: peer(sys.executable, "stock_faust.py", settings, SLICE)),
    ):
        console.print(f"measuring {name} ...")
        results[name] = measure()
        console.print(f"  {rate(results[name]):,.0f} events/s")
    found: dict[str, Any] = {"results": results}
    found["ratios"] = {name: rate(results["Andon"]) / rate(results[name]) for name in TARGETS}
    if options.latency_seconds:
        half = rate(results["Andon"]) / 2
        console.print(f"measuring latency at {half:,.0f} sales a second")
        fresh = settings_of(bootstrap, "latency", options.partitions)
        found["latency"] = latency(fresh, options.items, half, options.latency_seconds)
    return found


def show(found: dict[str, Any], where: str, out: Console) -> bool:
    """Print the comparison and the verdict; return whether all targets are met."""
    table = Table(title=f"one process each, on {where}")
    for column in ("", "events/s", "CPU s per million", "peak MB", "Andon is", "target"):
        table.add_column(column, justify="left" if not column else "right")
    ratios = found["ratios"]
    for name, result in found["results"].items():
        table.add_row(
            name,
            f"{rate(result):,.0f}",
            f"{result['cpu_seconds'] / result['events'] * 1e6:.1f}",
            f"{result['peak_mb']:.0f}",
            f"{ratios[name]:.2f} x" if name in ratios else "",
            f"{TARGETS[name]:g} x" if name in TARGETS else "",
        )
    out.print(table)
    met = {name: ratios[name] >= target for name, target in TARGETS.items()}
    limit = found["results"]["the limit"]
    met["the limit is one of processor time, not of waiting"] = (
        limit["cpu_seconds"] >= LEAST_BUSY * limit["seconds"]
    )
    if "latency" in found:
        late = found["latency"]
        met["p99 under 250 ms"] = late["p99_ms"] < 250
        out.print(
            f"event to alert at {late['events_per_second']:,.0f} sales/s: p50 {late['p50_ms']:.0f} ms, "
            f"p99 {late['p99_ms']:.0f} ms, p99.9 {late['p999_ms']:.0f} ms ({late['alerts']} alerts); "
            f"in the first {WARM_UP_SECONDS:.0f} s, when every item has its first sale of the day: p99 {late['warm_up_p99_ms']:.0f} ms"
        )
    return tell(met, out)


def scale(options: argparse.Namespace, bootstrap: str, out: Console) -> list[dict[str, Any]]:
    """Print how throughput, memory and recovery change with the number of items and of workers."""
    rows = []
    for items in options.item_counts:
        settings = settings_of(bootstrap, f"items{items}", options.partitions)
        taken_in = prepare(settings, items, options.sales)
        for workers in options.worker_counts if items == options.items else (1,):
            if workers != 1:
                settings = settings_of(bootstrap, f"workers{workers}", options.partitions)
                prepare(settings, items, options.sales)
            result: dict[str, Any] = andon(settings, options.sales, workers)
            with WatchedWorker(settings) as worker:
                began = time.perf_counter()
                result["restart_seconds"] = worker.wait("it was ready", worker.ready) - began
                result["idle_mb"] = worker.resident_mb()
            result |= {"items": items, "workers": workers, "master_data_seconds": taken_in}
            rows.append(result)
            out.print(
                f"{items:>9,} items, {workers} worker{'s' if workers > 1 else ' '}: {rate(result):>9,.0f} events/s, "
                f"CPU {result['cpu_seconds'] / result['events'] * 1e6:5.1f} s per million, peak {result['peak_mb']:6.0f} MB, "
                f"restarted in {result['restart_seconds']:.1f} s with {result['idle_mb']:.0f} MB; "
                f"items and counts taken in at {2 * items / taken_in:,.0f}/s"
            )
    return rows


def paths(options: argparse.Namespace, bootstrap: str, out: Console) -> list[dict[str, Any]]:
    """Print what the fast copies bring: the same sales on each path, in turn."""
    names = ("compiled", "fast", "clear") if plain_sales() else ("fast", "clear")
    rows = []
    for turn in range(options.paths):
        for name in names:
            settings = settings_of(bootstrap, f"{name}{turn}", options.partitions)
            settings = settings.model_copy(
                update={"clear_path": name == "clear", "compiled_path": name == "compiled"}
            )
            prepare(settings, options.items, options.sales)
            result: dict[str, Any] = andon(settings, options.sales)
            rows.append(result | {"path": name})
            out.print(
                f"{name:>8} path: {rate(result):>9,.0f} events/s, "
                f"CPU {result['cpu_seconds'] / result['events'] * 1e6:5.1f} s per million"
            )
    median = {
        name: statistics.median(rate(row) for row in rows if row["path"] == name) for name in names
    }
    for name in names[:-1]:
        times = median[name] / median["clear"]
        out.print(
            f"the {name} path is {times:.2f} times as fast as the clear one (medians of {options.paths})"
        )
    return rows


def judge_scale(rows: list[dict[str, Any]], out: Console) -> bool:
    """Print what an item more costs, from the fewest items to the most, and the verdict; return whether both targets are met."""
    alone = sorted((row for row in rows if row["workers"] == 1), key=lambda row: row["items"])
    few, many = alone[0], alone[-1]
    more = many["items"] - few["items"]
    if more <= 0:
        return True
    kilobytes = (many["idle_mb"] - few["idle_mb"]) * 1024 / more
    seconds = (many["restart_seconds"] - few["restart_seconds"]) * MILLION / more
    met = {
        f"memory at rest, {kilobytes:.2f} KB an item-location, under {MOST_KILOBYTES:g} KB": (
            kilobytes < MOST_KILOBYTES
        ),
        f"recovery, {seconds:.0f} s a million keys, under {MOST_RECOVERY_SECONDS:g} s": (
            seconds < MOST_RECOVERY_SECONDS
        ),
    }
    if many["items"] < MILLION:
        out.print(f"(drawn on from {many['items']:,} items)")
    return tell(met, out)


def main() -> int:
    """Run the benchmark; 1 if a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sales", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--latency-seconds", type=float, default=30.0, help="0 leaves it out")
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--paths", type=int, default=0, metavar="TURNS")
    parser.add_argument(
        "--item-counts", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000]
    )
    parser.add_argument("--worker-counts", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--broker", help="a Kafka of your own")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    out = Console(stderr=options.json, width=160)
    with broker_of(options.broker) as (bootstrap, where):
        if options.scale:
            rows = scale(options, bootstrap, out)
            if options.json:
                print(json.dumps(rows))
            return 0 if judge_scale(rows, out) else 1
        if options.paths:
            rows = paths(options, bootstrap, out)
            if options.json:
                print(json.dumps(rows))
            return 0
        found = compare(options, bootstrap)
        met = show(found, where, out)
        if options.json:
            print(json.dumps(found))
        return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
