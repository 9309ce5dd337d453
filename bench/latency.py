"""Event-to-alert latency under load: from a sale's publication to its alert in a consumer's hands, of a worker or of a peer."""

import asyncio
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from peer import Peer
from watched import WatchedWorker
from workload import START, master_data, publish, ranks, sale, sku_of

from andon.streams.settings import Settings
from andon.streams.topics import topic_name

#: One sale in so many empties an item, so that it must be ordered at once.
PROBE_EVERY_SECONDS = 0.02
#: Whatever was started is given so long to come to its speed: a JVM compiles, and every item has its first sale of the day.
WARM_UP_SECONDS = 10.0
#: The part of a day that is looked at where its beginning is.
MORNING_SECONDS = 60.0
#: What a probe sells: all but two of what an item of ours has, and of what a peer begins with.
OURS, THEIRS = 12, 950
#: Sales of probes are numbered from here: no other has such a number.
PROBE_NUMBER = 9_000_000_000
#: A feeder that was held up catches up in steps of so many sales: more might not fit into the batch of a partition.
_MOST_AT_ONCE = 4000
_STEP_SECONDS = 0.01
_PATIENCE_SECONDS = 30.0


@contextmanager
def busy_loops() -> Iterator[None]:
    """Let every core have something else to do."""
    loops = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@contextmanager
def _worker(settings: Settings, items: int, probes: int, share: float) -> Iterator[None]:
    """Have a worker that has taken in the items, and those that the probes are of."""
    expected = Counter(ranks(items, 100_000, 1))
    sold = {rank: math.ceil(count * share) for rank, count in expected.items()}
    publish(settings, master_data(items, sold, cover_days=100))
    publish(settings, master_data(probes, {}, first=items, cover_days=4.0))
    with WatchedWorker(settings) as worker:
        worker.time_until(topic_name(settings, "stock"), items + probes)
        yield


@contextmanager
def _peer(settings: Settings, peer: Peer, number: int) -> Iterator[None]:
    """Have a peer that has told of one sale already."""
    topic = peer.alert_topic(settings)
    with peer.running(settings):
        value = probe(number, START, THEIRS)
        publish(settings, [("pos", f"S1/{sku_of(number)}".encode(), value)])
        with _listening(settings, topic) as observe:
            _wait_for({f"S1/{sku_of(number)}"}, observe)
        yield


def latency(
    settings: Settings,
    items: int,
    events_per_second: float,
    seconds: float,
    *,
    peer: Peer | None = None,
    morning: float = 0.0,
) -> dict[str, float]:
    """Feed sales at a steady rate, and time the alerts of items that a single large sale has emptied.

    Args:
        settings: with fresh topics.
        items: how many items sell.
        events_per_second: of sales.
        seconds: how long, after a while to warm up.
        peer: whom to time in place of a worker.
        morning: let a new day begin after the warming up, and time so many seconds from there.
    """
    total = WARM_UP_SECONDS + (morning or seconds)
    probes = int(total / PROBE_EVERY_SECONDS)
    if peer is None:
        system = _worker(settings, items, probes, events_per_second * total / 100_000)
    else:
        system = _peer(settings, peer, items + probes)
    topic = topic_name(settings, "replenishment") if peer is None else peer.alert_topic(settings)
    turn = int(WARM_UP_SECONDS / PROBE_EVERY_SECONDS) if morning else probes
    with system, _listening(settings, topic) as observe:
        given = [items, events_per_second, probes, turn, OURS if peer is None else THEIRS]
        feeder = subprocess.run(
            [
                sys.executable,
                str(Path(__file__).parent / "feeder.py"),
                settings.model_dump_json(exclude_unset=True),
                *map(str, given),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=total * 4 + 60,
        )
        if feeder.returncode:
            raise RuntimeError(feeder.stderr[-2000:])
        report = json.loads(feeder.stdout.splitlines()[-1])
        sent: dict[str, float] = report["sent"]
        _wait_for(sent.keys(), observe)
    begin = report["turned"] if morning else min(sent.values()) + WARM_UP_SECONDS
    waits = sorted(observe[key] - at for key, at in sent.items() if at >= begin)
    return {
        "events_per_second": report["events"] / report["seconds"],
        "alerts": len(waits),
        "p50_ms": _share_within(waits, 0.5),
        "p99_ms": _share_within(waits, 0.99),
        "p999_ms": _share_within(waits, 0.999),
        "most_ms": waits[-1] * 1000,
    }


def _wait_for(keys: Collection[str], observe: dict[str, float]) -> None:
    deadline = time.monotonic() + 60
    while missing := sum(key not in observe for key in keys):
        if time.monotonic() > deadline:
            msg = f"{missing} of {len(keys)} alerts did not come within a minute"
            raise RuntimeError(msg)
        time.sleep(0.1)


def _share_within(waits: list[float], part: float) -> float:
    """Return the milliseconds within which a share of sorted seconds lies."""
    return waits[min(int(part * len(waits)), len(waits) - 1)] * 1000


@contextmanager
def _listening(settings: Settings, topic: str) -> Iterator[dict[str, float]]:
    """Yield when the first alert of each key was received, as they come; read where it is committed."""
    observe: dict[str, float] = {}
    ready, stop = threading.Event(), threading.Event()
    given = (settings, topic, observe, ready, stop)
    listener = threading.Thread(target=_listen, args=given)
    listener.start()
    try:
        if not ready.wait(_PATIENCE_SECONDS):
            msg = f"{topic} cannot be read"
            raise RuntimeError(msg)
        yield observe
    finally:
        stop.set()
        listener.join()


def _listen(
    settings: Settings,
    topic: str,
    observe: dict[str, float],
    ready: threading.Event,
    stop: threading.Event,
) -> None:
    consumer = KafkaConsumer(
        bootstrap_servers=settings.servers,
        group_id=None,
        fetch_max_wait_ms=5,
        isolation_level="read_committed",
    )
    partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
    # A topic that was made just now is not known to every broker at once.
    until = time.monotonic() + _PATIENCE_SECONDS
    while not consumer.partitions_for_topic(topic) and time.monotonic() < until:
        time.sleep(0.05)
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
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


def probe(rank: int, at: float, quantity: int) -> bytes:
    """Return the sale that empties an item."""
    value = sale(PROBE_NUMBER + rank, rank, at)
    usual = b'"quantity":%d,' % (1 + (PROBE_NUMBER + rank) % 3)
    return value.replace(usual, b'"quantity":%d,' % quantity)


async def feed(
    settings: Settings,
    items: int,
    events_per_second: float,
    probes: int,
    turn: int,
    quantity: int,
) -> dict[str, object]:
    """Publish sales at a steady rate, every 10 ms what is due, and return when each probe was handed to the producer.

    Args:
        settings: where to.
        items: how many of them sell.
        events_per_second: the rate.
        probes: how many sales empty an item, which end it.
        turn: after how many of them the next day begins.
        quantity: what a probe sells.
    """
    from aiokafka import AIOKafkaProducer  # noqa: PLC0415 - only the feeder's process needs it

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
    number, turned = 0, 0.0
    while number < total:
        woke = time.perf_counter()
        due = min(int((woke - begin) * events_per_second), total, number + _MOST_AT_ONCE)
        batches = [producer.create_batch() for _ in range(settings.partitions)]
        for count in range(number, due):
            rank = order[count % len(order)]
            at = START + count * 6 * 3600 / total
            if count >= turn * probe_every:
                at += 86_400
                turned = turned or time.time()
            _put(batches[homes[rank]], keys[rank], sale(count, rank, at))
            if count % probe_every == probe_every - 1 and len(sent) < probes:
                rank = items + len(sent)
                key = f"S1/{sku_of(rank)}"
                home = partition_of(key.encode(), settings.partitions)
                sent[key] = time.time()
                _put(batches[home], key.encode(), probe(rank, at, quantity))
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
    return {"sent": sent, "events": total, "seconds": seconds, "turned": turned}
