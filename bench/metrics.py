"""What /metrics costs a worker that keeps many items: seconds a scrape over HTTP, with many alerts open and the census at work.

Run: python bench/metrics.py [--items 1000000] [--locations 100] [--scrapes 30]
"""

import argparse
import asyncio
import statistics
import time

import aiohttp
from aiohttp.test_utils import unused_port

from andon.agents.census import Census
from andon.agents.ledger import close_days
from andon.agents.supply import Scorecards
from andon.agents.tables import BOOKS, TABLES, open_alerts
from andon.planning.alerting.alerts import OpenAlert
from andon.planning.book.book import Book
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.streams.metrics import Metrics
from andon.streams.state import Shard, Shards
from andon.streams.topics import FAMILIES
from andon.streams.web import WebServer

PARTITIONS = 12
CLASSES = ("lean", "balanced", "critical")
CURRENCIES = ("EUR", "USD")
START = 20_000 * 86400.0


class Engine:
    """As much of an engine as a scrape sees: shards full of books, and offsets."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.shards = Shards(TABLES)
        self.generation = 1
        self.ready = True
        self.mean_bytes = {"books": 400.0}
        self.consumer = self

    def highwater(self, _):
        return 1_000_000


def fill(engine: Engine, items: int, locations: int) -> None:
    specs = engine.shards.specs
    for partition in range(PARTITIONS):
        shard = engine.shards.owned[partition] = Shard(partition, specs, 1)
        for family in FAMILIES:
            shard.positions[family] = 999_000
            shard.event_times[family] = START
    sources = (Source(supplier="ACME", lead_time_days=5.0),)
    kinds = {
        (place, kind): Item(
            location=f"store-{place:04}",
            sku="any",
            updated_at=utc(START),
            sources=sources,
            service_class=CLASSES[kind % 3],
            currency=CURRENCIES[place % 2],
        )
        for place in range(locations)
        for kind in range(3)
    }
    for number in range(items):
        place = number % locations
        key = f"store-{place:04}/{number}"
        shard = engine.shards.owned[number % PARTITIONS]
        book = Book(on_hand=number % 50, item=kinds[place, number % 3], counted_at=START)
        if number % 20 == 0:
            alert = OpenAlert(key, "stockout_risk", "warning", START, START, 10.0)
            book.alerts = {"stockout_risk": alert}
        shard.tables[BOOKS][key] = book
        shard.note_alerts(BOOKS, key, open_alerts(book))
        if number < locations * 30:
            book.clock = START
            close_days(book, key, START + 86400, 0.0, engine.metrics.business)


async def scrape(address: str, scrapes: int) -> tuple[list[float], int]:
    taken = []
    size = 0
    async with aiohttp.ClientSession() as session:
        for _ in range(scrapes):
            began = time.perf_counter()
            async with session.get(address) as answer:
                size = len(await answer.read())
            taken.append(time.perf_counter() - began)
            await asyncio.sleep(0.05)
    return taken, size


async def run(items: int, locations: int, scrapes: int) -> None:
    metrics = Metrics(places=locations)
    engine = Engine(metrics)
    began = time.perf_counter()
    fill(engine, items, locations)
    print(f"{items:,} books of {locations} locations made in {time.perf_counter() - began:.1f} s")

    census = Census(metrics, Scorecards(), 28)
    busy = 0.0

    async def no_rest(rest):
        nonlocal busy
        busy += rest / 49
        await asyncio.sleep(0)

    await census.look(engine, no_rest)
    print(
        f"census: {busy:.2f} s of work, {busy / items * 1e6:.2f} us a book; "
        f"a look takes {busy * 50:.0f} s at a fiftieth of the time"
    )
    server = WebServer(engine, "127.0.0.1", unused_port(), {})
    await server.start()
    try:
        for name, rest in (("idle", None), ("while the census looks", asyncio.sleep)):
            looking = rest and asyncio.create_task(census.look(engine, rest))
            taken, size = await scrape(f"{server.address}/metrics", scrapes)
            if looking:
                looking.cancel()
            print(
                f"/metrics, {name}: median {statistics.median(taken) * 1000:.1f} ms, "
                f"worst of {scrapes} {max(taken) * 1000:.1f} ms, {size / 1000:.0f} kB"
            )
    finally:
        await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--locations", type=int, default=100)
    parser.add_argument("--scrapes", type=int, default=30)
    given = parser.parse_args()
    asyncio.run(run(given.items, given.locations, given.scrapes))
