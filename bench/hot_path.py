"""What one sale costs inside the worker, part by part, without a broker: microseconds a sale.

Run: python bench/hot_path.py [--sales 500000] [--items 10000] [--profile] [--clear-path]
"""

import argparse
import cProfile
import gc
import pstats
import random
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple

import msgspec

from andon.agents.context import context_of
from andon.agents.items import item_agent
from andon.agents.sales import sale_agent
from andon.agents.supply import NetworkSupply, Scorecards
from andon.agents.tables import BOOKS, TABLES
from andon.planning.decision import decide
from andon.schemas.common import encode, utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.streams.batches import RecordBatch
from andon.streams.effects import Effects
from andon.streams.metrics import Metrics
from andon.streams.settings import load_settings
from andon.streams.state import Codec, Shard

START = 1_760_000_000.0


def timed(run: Callable[[], object]) -> float:
    """Return how many seconds of CPU a call takes."""
    gc.collect()
    begin = time.process_time()
    run()
    return time.process_time() - begin


def sales_of(count: int, items: int, seed: int, days: float = 1.0) -> list[tuple[int, bytes]]:
    """Return the item and the encoded sale of each of `count` sales, by Zipf's law, spread over some days."""
    chance = random.Random(seed)
    weights = list(accumulate(1 / (rank + 1) for rank in range(items)))
    skus = chance.choices(range(items), cum_weights=weights, k=count)
    return [
        (
            sku,
            encode(
                Sale(
                    event_id=f"till-{number:08d}",
                    occurred_at=utc(START + number * days * 86400 / count),
                    location="S1",
                    sku=f"sku-{sku:05d}",
                    quantity=1 + number % 3,
                    unit_price=9.95,
                )
            ),
        )
        for number, sku in enumerate(skus)
    ]


def stocked(items: int) -> Shard:
    """Return a shard whose items have master data and a first count."""
    shard = Shard(0, {spec.name: spec for spec in TABLES}, 1)
    for sku in range(items):
        book = shard.get(BOOKS, f"S1/sku-{sku:05d}")
        source = Source(supplier="ACME", lead_time_days=3.0)
        book.item = Item(
            location="S1", sku=f"sku-{sku:05d}", updated_at=utc(START), sources=(source,)
        )
        book.on_hand, book.counted_at = 1_000_000, START - 1
    return shard


class Record(NamedTuple):
    """A record as a batch holds it."""

    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: tuple[()] = ()


def batches_of(sales: list[tuple[int, bytes]], size: int) -> Iterator[RecordBatch]:
    """Yield the sales as batches of `size` fresh records of one partition, as fetching them would."""
    stamp = int(START * 1000) + 10 * 86_400_000
    for begin in range(0, len(sales), size):
        part = sales[begin : begin + size]
        records = [
            Record(begin + place, stamp, b"S1/sku-%05d" % sku, bytes(bytearray(value)))
            for place, (sku, value) in enumerate(part)
        ]
        end = begin + len(part)
        yield RecordBatch("andon.pos.v1", 0, records, begin=begin, end=end, generation=1)


def main() -> None:
    """Measure decoding, applying, encoding and deciding, and print each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sales", type=int, default=500_000)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=4000)
    parser.add_argument("--days", type=float, default=1.0, help="how many days the sales span")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--clear-path", action="store_true", help="without the fast copies")
    options = parser.parse_args()
    settings = load_settings(
        partitions=1, allowed_lateness_hours=0.0, clear_path=options.clear_path
    )
    context = context_of(settings, Metrics())
    sales = sales_of(options.sales, options.items, 1, options.days)
    shard = stocked(options.items)
    agent = sale_agent(context)
    effects = Effects("andon.pos.v1", 0, "andon.deadletters.v1", context.metrics)
    decode = msgspec.json.Decoder(Sale).decode

    profile = cProfile.Profile()

    def apply() -> float:
        spent = 0.0
        for batch in batches_of(sales, options.batch):
            begin = time.process_time()
            if options.profile:
                profile.enable()
            agent(shard, batch, effects)
            profile.disable()
            spent += time.process_time() - begin
            for table, key in shard.pending_outboxes:
                shard.tables[table][key].outbox.clear()
            shard.pending_outboxes.clear()
        return spent

    count = options.sales
    print(
        f"decode      {timed(lambda: [decode(v) for _, v in sales]) / count * 1e6:8.2f} us a sale"
    )
    print(f"whole agent {apply() / count * 1e6:8.2f} us a sale (decoding included)")
    if options.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(18)
    master = [encode(book.item) for book in shard.tables[BOOKS].values() if book.item is not None]
    tell_items = item_agent(context)
    told = [Record(number, int(START * 1000), b"", value) for number, value in enumerate(master)]
    items = RecordBatch("andon.items.v1", 0, told, begin=0, end=len(told), generation=1)
    cost = timed(lambda: tell_items(shard, items, effects)) / len(told)
    print(f"master data {cost * 1e6:8.2f} us an item that is told again")
    books = shard.tables[BOOKS]
    codec = Codec(shard.specs)
    size = sum(len(codec.encode(book, 1)) for book in books.values()) / len(books)
    cost = timed(lambda: [codec.encode(book, 1) for book in books.values()]) / len(books)
    print(f"encode      {cost * 1e6:8.2f} us a book of {size:,.0f} bytes")
    supply = NetworkSupply(Scorecards(), {})
    now = START + options.days * 86400
    some = list(books.items())[:2000]
    for closed in (0, 1):
        cost = timed(
            lambda closed=closed: [
                decide.reconsider(book, key, now, supply, closed=closed) for key, book in some
            ]
        ) / len(some)
        print(f"reconsider  {cost * 1e6:8.2f} us a book{' with its forecast' if closed else ''}")


if __name__ == "__main__":
    main()
