"""Sales through the whole worker on the embedded broker: events a second, and whether the books are right.

Run: python bench/pipeline.py [--sales 200000] [--items 2000] [--partitions 4] [--broker host:port]
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition
from watched import WatchedWorker

from andon.agents.tables import TABLES
from andon.schemas.common import encode, utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.stock import StockMovement
from andon.streams.admin import TopicAdmin
from andon.streams.embedded import EmbeddedBroker
from andon.streams.producer import partition_of
from andon.streams.settings import Settings, load_settings
from andon.streams.state import Codec
from andon.streams.topics import topic_name

START = 1_760_000_000.0


def sales_of(count: int, items: int, seed: int) -> list[tuple[str, bytes]]:
    """Return key and value of random sales, popular items more often, over three days."""
    chance = random.Random(seed)
    weights = [1 / (rank + 10) for rank in range(items)]
    skus = chance.choices(range(items), weights, k=count)
    return [
        (
            f"S1/{sku}",
            encode(
                Sale(
                    event_id=f"e{number}",
                    occurred_at=utc(START + number * 3 * 86400 / count),
                    location="S1",
                    sku=str(sku),
                    quantity=1 + number % 3,
                )
            ),
        )
        for number, sku in enumerate(skus)
    ]


async def fill(settings: Settings, sales: list[tuple[str, bytes]], items: int) -> None:
    """Publish master data, first counts and sales, in batches."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.servers, max_batch_size=500_000)
    await producer.start()
    records: list[tuple[str, str, bytes]] = []
    for sku in range(items):
        source = Source(supplier="ACME", lead_time_days=3.0)
        item = Item(location="S1", sku=str(sku), updated_at=utc(START), sources=(source,))
        count = StockMovement(
            event_id=f"c{sku}",
            occurred_at=utc(START - 1),
            location="S1",
            sku=str(sku),
            kind="count",
            quantity=1_000_000,
        )
        records.append(("items", f"S1/{sku}", encode(item)))
        records.append(("stock", f"S1/{sku}", encode(count)))
    records += [("pos", key, value) for key, value in sales]
    batches: dict[tuple[str, int], object] = {}
    for family, key, value in records:
        place = (family, partition_of(key.encode(), settings.partitions))
        batch = batches.get(place) or producer.create_batch()
        if batch.append(key=key.encode(), value=value, timestamp=None) is None:
            await (
                await producer.send_batch(batch, topic_name(settings, family), partition=place[1])
            )
            batch = producer.create_batch()
            batch.append(key=key.encode(), value=value, timestamp=None)
        batches[place] = batch
    for (family, partition), batch in batches.items():
        await (await producer.send_batch(batch, topic_name(settings, family), partition=partition))
    await producer.stop()


async def books_in(settings: Settings) -> dict[str, int]:
    """Return what each book says was sold, read back from the changelog."""
    codec = Codec({spec.name: spec for spec in TABLES})
    topic = topic_name(settings, "state")
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.servers, auto_offset_reset="earliest")
    await consumer.start()
    partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
    consumer.assign(partitions)
    await consumer.seek_to_beginning()
    ends = await consumer.end_offsets(partitions)
    sold: dict[str, int] = {}
    for partition in partitions:
        while await consumer.position(partition) < ends[partition]:
            for records in (await consumer.getmany(partition, timeout_ms=500)).values():
                for record in records:
                    table, key = codec.decode_key(record.key)
                    if table == "books" and record.value is not None:
                        sold[key] = codec.decode(table, record.value).sold
    await consumer.stop()
    return sold


def main() -> int:
    """Run the benchmark and print its figures; 1 if a book is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sales", type=int, default=200_000)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broker", help="a Kafka of your own instead of the embedded one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sales = sales_of(options.sales, options.items, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        broker = None
        if options.broker is None:
            broker = EmbeddedBroker(Path(folder))
            broker.start()
        settings = load_settings(
            broker=options.broker or broker.bootstrap,
            prefix=f"bench-{int(time.time())}",
            partitions=options.partitions,
            allowed_lateness_hours=0.0,
        )
        try:
            result = measure(settings, sales, options.items)
        finally:
            if broker is not None:
                broker.stop()
    if options.json:
        print(json.dumps(result))
    else:
        print(
            f"{result['events_per_second']:,.0f} sales/s ({result['sales']:,} sales of "
            f"{options.items:,} items over {options.partitions} partitions in "
            f"{result['seconds']:.2f} s; worker CPU {result['cpu_seconds']:.2f} s, "
            f"peak memory {result['peak_mb']:.0f} MB); wrong books: {result['wrong_books']}"
        )
    return 1 if result["wrong_books"] else 0


def measure(settings: Settings, sales: list[tuple[str, bytes]], items: int) -> dict[str, float]:
    """Publish first, then start a worker, and time from its first sale to the last one committed."""
    with TopicAdmin(settings) as admin:
        admin.create()
    asyncio.run(fill(settings, sales, items))
    expected: Counter[str] = Counter()
    for number, (key, _) in enumerate(sales):
        expected[key] += 1 + number % 3
    topic = topic_name(settings, "pos")
    with WatchedWorker(settings) as worker:
        begin, end = worker.time_until(topic, len(sales))
        cpu, peak = worker.usage()
    sold = asyncio.run(books_in(settings))
    wrong = sum(1 for key, quantity in expected.items() if sold.get(key) != quantity)
    return {
        "sales": len(sales),
        "seconds": end - begin,
        "events_per_second": len(sales) / (end - begin),
        "cpu_seconds": cpu,
        "peak_mb": peak,
        "wrong_books": wrong,
    }


if __name__ == "__main__":
    sys.exit(main())
