"""What the benchmarks of a whole worker share: a broker, settings with topics of their own, and a worker that is timed."""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from rich.console import Console
from support.apache import ApacheKafka, available
from watched import WatchedWorker
from workload import master_data, publish, ranks, sales

from andon.streams.admin import TopicAdmin
from andon.streams.embedded import EmbeddedBroker
from andon.streams.settings import Settings, load_settings
from andon.streams.topics import topic_name

LAST_EVENT = "andon_last_event_timestamp_seconds"
SCRAPE_SECONDS = 1.0
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
        warm: tuple[float, float, float] | None = None
        # Metrics are asked for seldom, as they cost the worker time; it says itself when it applied the last sale.
        while (seen := applied()) < count:
            if warm is None and 2 * seen >= count:
                warm = (seen, last_event(), sum(worker.usage()[0] for worker in running))
            time.sleep(SCRAPE_SECONDS)
        until = last_event()
        used = [worker.usage() for worker in running]
        restored = max(worker.metric("andon_recovery_seconds_sum") for worker in running)
    finally:
        for worker in running:
            worker.__exit__(None, None, None)
    cpu_until = sum(cpu for cpu, _ in used)
    half, half_at, half_cpu = warm or (first, since, cpu)
    return {
        "events": count - first,
        "seconds": until - since,
        "cpu_seconds": cpu_until - cpu,
        "warm_events": count - half,
        "warm_seconds": until - half_at,
        "warm_cpu_seconds": cpu_until - half_cpu,
        "peak_mb": max(peak for _, peak in used),
        "recovery_seconds": restored,
        "until_first_seconds": begin - started,
    }


def rate(result: dict[str, float]) -> float:
    """Return events a second."""
    return result["events"] / result["seconds"]
