"""Event-to-alert latency under load: from a sale's publication to its alert in a consumer's hands."""

import asyncio
import json
import math
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from watched import WatchedWorker
from workload import master_data, publish, ranks

from andon.streams.settings import Settings
from andon.streams.topics import topic_name

#: One sale in so many empties an item, so that it must be ordered at once.
PROBE_EVERY_SECONDS = 0.02
#: At first every item has its first sale of the day, which closes the day before and decides: that is told apart.
WARM_UP_SECONDS = 5.0
#: A feeder that was held up catches up in steps of so many sales: more might not fit into the batch of a partition.
_MOST_AT_ONCE = 4000
_STEP_SECONDS = 0.01


def latency(
    settings: Settings, items: int, events_per_second: float, seconds: float
) -> dict[str, float]:
    """Feed sales at a steady rate, and time the alerts of items that a single large sale has emptied.

    Args:
        settings: with fresh topics.
        items: how many items sell.
        events_per_second: of sales.
        seconds: how long.
    """
    probes = int(seconds / PROBE_EVERY_SECONDS)
    expected = Counter(ranks(items, 100_000, 1))
    share = events_per_second * seconds / 100_000
    sold = {rank: math.ceil(count * share) for rank, count in expected.items()}
    publish(settings, master_data(items, sold, cover_days=100))
    publish(settings, master_data(probes, {}, first=items, cover_days=4.0))
    with WatchedWorker(settings) as worker:
        worker.time_until(topic_name(settings, "stock"), items + probes)
        observe: dict[str, float] = {}
        ready, stop = threading.Event(), threading.Event()
        listener = threading.Thread(target=_listen, args=(settings, observe, ready, stop))
        listener.start()
        ready.wait(30)
        feeder = subprocess.run(
            [
                sys.executable,
                str(Path(__file__).parent / "feeder.py"),
                settings.model_dump_json(exclude_unset=True),
                str(items),
                str(events_per_second),
                str(probes),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds * 4 + 60,
        )
        if feeder.returncode:
            raise RuntimeError(feeder.stderr[-2000:])
        report = json.loads(feeder.stdout.splitlines()[-1])
        sent: dict[str, float] = report["sent"]
        deadline = time.monotonic() + 60
        while len(observe.keys() & sent.keys()) < len(sent) and time.monotonic() < deadline:
            time.sleep(0.1)
        stop.set()
        listener.join()
    missing = sent.keys() - observe.keys()
    if missing:
        msg = f"{len(missing)} of {len(sent)} alerts did not come within a minute"
        raise RuntimeError(msg)
    warm = min(sent.values()) + WARM_UP_SECONDS
    waits = sorted(observe[key] - at for key, at in sent.items() if at >= warm)
    early = sorted(observe[key] - at for key, at in sent.items() if at < warm)
    return {
        "events_per_second": report["events"] / report["seconds"],
        "alerts": len(waits),
        "p50_ms": _share_within(waits, 0.5),
        "p99_ms": _share_within(waits, 0.99),
        "p999_ms": _share_within(waits, 0.999),
        "warm_up_p99_ms": _share_within(early, 0.99),
    }


def _share_within(waits: list[float], part: float) -> float:
    """Return the milliseconds within which a share of sorted seconds lies."""
    return waits[min(int(part * len(waits)), len(waits) - 1)] * 1000


def _listen(
    settings: Settings, observe: dict[str, float], ready: threading.Event, stop: threading.Event
) -> None:
    """Note when the first alert of each key was received."""
    topic = topic_name(settings, "replenishment")
    consumer = KafkaConsumer(bootstrap_servers=settings.servers, group_id=None, fetch_max_wait_ms=5)
    partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
    consumer.assign(partitions)
    consumer.seek_to_end(*partitions)
    for partition in partitions:
        consumer.position(partition)
    ready.set()
    while not stop.is_set():
        for records in consumer.poll(timeout_ms=50).values():
            now = time.time()
            for record in records:
                observe.setdefault(record.key.decode(), now)
    consumer.close()


def _put(batch: Any, key: bytes, value: bytes) -> None:
    """Append to a batch, which must have room: what is not sent would be waited for in vain."""
    if batch.append(key=key, value=value, timestamp=None) is None:
        msg = "a batch is full"
        raise RuntimeError(msg)


async def feed(
    settings: Settings, items: int, events_per_second: float, probes: int
) -> dict[str, object]:
    """Publish sales at a steady rate, every 10 ms what is due, and return when each probe was handed to the producer."""
    from aiokafka import AIOKafkaProducer  # noqa: PLC0415 - only the feeder's process needs it
    from workload import START, sale, sku_of  # noqa: PLC0415

    from andon.streams.producer import BATCH_BYTES, partition_of  # noqa: PLC0415

    producer = AIOKafkaProducer(bootstrap_servers=settings.servers, max_batch_size=BATCH_BYTES)
    await producer.start()
    topic = topic_name(settings, "pos")
    order = ranks(items, 200_000, 2)
    keys = [f"S1/{sku_of(rank)}".encode() for rank in range(items)]
    homes = [partition_of(key, settings.partitions) for key in keys]
    total = int(events_per_second * probes * PROBE_EVERY_SECONDS)
    probe_every = total // probes
    sent: dict[str, float] = {}
    waiting: set[asyncio.Future[object]] = set()
    begin = time.perf_counter()
    number = 0
    while number < total:
        woke = time.perf_counter()
        due = min(int((woke - begin) * events_per_second), total, number + _MOST_AT_ONCE)
        batches = [producer.create_batch() for _ in range(settings.partitions)]
        for count in range(number, due):
            rank = order[count % len(order)]
            value = sale(count, rank, START + count * 6 * 3600 / total)
            _put(batches[homes[rank]], keys[rank], value)
            if count % probe_every == probe_every - 1 and len(sent) < probes:
                rank = items + len(sent)
                key = f"S1/{sku_of(rank)}"
                value = sale(total + rank, rank, START + count * 6 * 3600 / total)
                value = value.replace(b'"quantity":%d' % (1 + (total + rank) % 3), b'"quantity":12')
                home = partition_of(key.encode(), settings.partitions)
                sent[key] = time.time()
                _put(batches[home], key.encode(), value)
        number = max(due, number)
        for partition, batch in enumerate(batches):
            if batch.record_count():
                future = await producer.send_batch(batch, topic, partition=partition)
                waiting.add(future)
                future.add_done_callback(waiting.discard)
        await asyncio.sleep(max(woke + _STEP_SECONDS - time.perf_counter(), 0.001))
    seconds = time.perf_counter() - begin
    await asyncio.gather(*waiting)
    await producer.stop()
    return {"sent": sent, "events": total, "seconds": seconds}
