"""The load that the benchmarks share: items by Zipf's law, their first counts, and sales, published in whole batches."""

import asyncio
import random
from collections.abc import Iterable, Iterator
from itertools import accumulate

from aiokafka import AIOKafkaProducer

from andon.schemas.common import encode, utc
from andon.schemas.items import Item, Source
from andon.schemas.stock import StockMovement
from andon.streams.producer import BATCH_BYTES, partition_of
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

#: Eight in the morning, so that the sales of some hours lie within one day.
START = 1_760_083_200.0

Published = tuple[str, bytes, bytes]


def sku_of(rank: int) -> str:
    """Return the code of the item of a rank, from 0 for the most popular."""
    return f"sku-{rank:07d}"


def ranks(items: int, count: int, seed: int) -> list[int]:
    """Return which item each of `count` sales is of: the n-th most popular one n times as rarely as the first."""
    weights = list(accumulate(1 / (rank + 1) for rank in range(items)))
    return random.Random(seed).choices(range(items), cum_weights=weights, k=count)


def sale(number: int, rank: int, at: float) -> bytes:
    """Return a sale as schemas.pos.Sale defines it (`at` in seconds since 1970), made quickly."""
    return (
        b'{"event_id":"till-%010d","occurred_at":"%s","location":"S1","sku":"%s","quantity":%d,"unit_price":9.95}'
        % (number, utc(at).isoformat().encode(), sku_of(rank).encode(), 1 + number % 3)
    )


def sales(items: int, count: int, *, seed: int = 1, hours: float = 6.0) -> Iterator[Published]:
    """Yield sales of some hours of one day as family, key and value."""
    step = hours * 3600 / max(count, 1)
    for number, rank in enumerate(ranks(items, count, seed)):
        key = f"S1/{sku_of(rank)}".encode()
        yield "pos", key, sale(number, rank, START + number * step)


def master_data(
    items: int,
    sold: dict[int, int],
    *,
    first: int = 0,
    cover_days: float = 20.0,
    low_every: int = 0,
) -> Iterator[Published]:
    """Yield master data and a first count of each item from the rank `first` on.

    Each has stock for `cover_days`; one in `low_every` (none if 0) for so few that it falls below its reorder point
    while its share of the sales goes by.
    """
    for rank in range(first, first + items):
        daily = float(max(2 * sold.get(rank, 0), 1))
        cover = 4.0 if low_every and rank % low_every == 0 else cover_days
        key = f"S1/{sku_of(rank)}".encode()
        item = Item(
            location="S1",
            sku=sku_of(rank),
            updated_at=utc(START - 7200),
            unit_cost=4.0,
            expected_daily_demand=daily,
            sources=(Source(supplier="ACME", lead_time_days=2.0),),
        )
        count = StockMovement(
            event_id=f"count-{rank}",
            occurred_at=utc(START - 3600),
            location="S1",
            sku=sku_of(rank),
            kind="count",
            quantity=int(daily * cover) + 10,
        )
        yield "items", key, encode(item)
        yield "stock", key, encode(count)


async def _publish(settings: Settings, records: Iterable[Published]) -> int:
    producer = AIOKafkaProducer(bootstrap_servers=settings.servers, max_batch_size=BATCH_BYTES)
    await producer.start()
    batches: dict[tuple[str, int], object] = {}
    waiting: list[asyncio.Future[object]] = []
    total = 0

    async def send(place: tuple[str, int], batch: object) -> None:
        topic = topic_name(settings, place[0])
        waiting.append(await producer.send_batch(batch, topic, partition=place[1]))

    for family, key, value in records:
        total += 1
        place = (family, partition_of(key, settings.partitions))
        batch = batches.get(place) or producer.create_batch()
        if batch.append(key=key, value=value, timestamp=None) is None:
            await send(place, batch)
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
        batches[place] = batch
    for place, batch in batches.items():
        await send(place, batch)
    await asyncio.gather(*waiting)
    await producer.stop()
    return total


def publish(settings: Settings, records: Iterable[Published]) -> int:
    """Publish records in batches and return their number when all are acknowledged."""
    return asyncio.run(_publish(settings, records))
