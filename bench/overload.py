"""What the worker holds in memory while sales come in faster than it can take them, for minutes.

Items have stock for some ten sales, so that most are soon out of stock and nearly every sale is a decision: the dearest load there is.

Run: python bench/overload.py [--for 5m] [--items 10000] [--partitions 8] [--broker host:port] [--json]
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator
from itertools import count, pairwise
from typing import Any

from measured import broker_of, prepare, settings_of
from rich.console import Console
from verdict import tell
from watched import WatchedWorker
from workload import START, Published, publish, ranks, sale, sku_of

from andon.cli.support.duration import duration
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

#: Books fill with what they remember and caches with what they see at first: memory is compared from then on.
SETTLED_SHARE = 0.25
#: What the most may be of what was held once settled: an allocator's ups and downs, and no more.
MOST_GROWTH = 1.1
SAMPLE_SECONDS = 1.0
_ORDER = 200_000
_STEP_SECONDS = 0.002


def endless(items: int, seconds: float, fed: Any) -> Iterator[Published]:
    """Yield sales for so many seconds, as fast as they are taken, all of one day; `fed` counts them."""
    keys = [(rank, f"S1/{sku_of(rank)}".encode()) for rank in ranks(items, _ORDER, 2)]
    ends_at = time.monotonic() + seconds
    for number in count():
        rank, key = keys[number % _ORDER]
        yield "pos", key, sale(number, rank, START + min(number * _STEP_SECONDS, 6 * 3600.0))
        if number % 1000 == 0:
            fed.value = number
            if time.monotonic() > ends_at:
                return


def feed(settings: Settings, items: int, seconds: float, fed: Any) -> None:
    """Publish sales for so many seconds; the target of a process."""
    publish(settings, endless(items, seconds, fed))


def overload(
    settings: Settings, items: int, seconds: float, out: Console
) -> list[dict[str, float]]:
    """Feed a worker for so many seconds and return what was seen of it every second."""
    prepare(settings, items, 0)
    topic = topic_name(settings, "pos")
    context = multiprocessing.get_context("spawn")
    fed = context.Value("q", 0)
    feeder = context.Process(target=feed, args=(settings, items, seconds, fed))
    samples: list[dict[str, float]] = []
    with WatchedWorker(settings) as worker:
        worker.wait("it was ready", worker.ready)
        feeder.start()
        began = time.perf_counter()
        while feeder.is_alive():
            feeder.join(SAMPLE_SECONDS)
            applied = worker.applied(topic)
            if not fed.value or not applied:
                continue
            at = time.perf_counter() - began
            behind = float(fed.value) - applied
            samples.append({"at": at, "applied": applied, "behind": behind})
            samples[-1]["resident_mb"] = worker.resident_mb()
            if len(samples) % 15 == 1:
                out.print(
                    f"{at:6.0f} s  {applied:>12,.0f} applied, {behind:>12,.0f} behind, "
                    f"{samples[-1]['resident_mb']:6.0f} MB"
                )
    if feeder.exitcode:
        msg = f"the feeder ended with {feeder.exitcode}"
        raise RuntimeError(msg)
    return samples


def judge(samples: list[dict[str, float]], out: Console) -> bool:
    """Print the verdict; return whether the input outran the worker all the time, and its memory stayed flat."""
    settled = samples[int(len(samples) * SETTLED_SHARE) :]
    half = len(settled) // 2
    before = max(one["resident_mb"] for one in settled[:half])
    after = max(one["resident_mb"] for one in settled[half:])
    quarters = [settled[len(settled) * part // 4]["behind"] for part in range(4)]
    quarters.append(settled[-1]["behind"])
    rising = all(one < two for one, two in pairwise(quarters))
    met = {
        f"the worker fell behind all the time, by {quarters[-1]:,.0f} sales in the end": rising,
        f"memory flat: {before:.0f} MB at most, then {after:.0f} MB": after <= before * MOST_GROWTH,
    }
    return tell(met, out)


def main() -> int:
    """Run the benchmark; 1 if memory grows, or the input did not outrun the worker."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--for", dest="time", default="5m", help="how long sales come in")
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--broker", help="a Kafka of your own")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    out = Console(stderr=options.json, width=160)
    with broker_of(options.broker) as (bootstrap, _):
        settings = settings_of(bootstrap, "overload", options.partitions)
        samples = overload(settings, options.items, duration(options.time), out)
    met = judge(samples, out)
    if options.json:
        print(json.dumps(samples))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
