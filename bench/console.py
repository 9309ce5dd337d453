"""What the console costs with very many alerts open, without a broker or a browser: milliseconds a view, and its memory.

Items are of so many codes, each at 200 locations alike; `--codes 0` lets each be different.

Run: python bench/console.py [--items 1000000] [--codes 5000] [--alerts 200000] [--rounds 20]
"""

import argparse
import asyncio
import random
import resource
import statistics
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import msgspec
from aiohttp.test_utils import TestClient, TestServer

from andon.console.app import Console
from andon.console.desk import Desk
from andon.console.guard import Guard
from andon.console.people import People
from andon.schemas.common import encode
from andon.schemas.examples import EXAMPLES
from andon.streams.garbage import collect_rarely, spare_the_living
from andon.streams.settings import load_settings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = ("replenish", "stockout_risk", "overdue_order", "book_mismatch")
#: Each asks for something else than the one before, and so for what was not made yet.
VIEWS = {
    "first page": "/api/today?_={n}",
    "a location": "/api/today?location=store-{n}",
    "a search": "/api/today?search=SKU-{n}+tea",
    "an item": "/api/items/store-{n}/SKU-{n}",
}


class Nobody:
    """No worker at all."""

    async def of_item(self, *_):
        return {"error": "none here"}

    async def of_all(self, *_):
        return {"error": "none here", "rows": []}


def entries(count: int):
    chance = random.Random(1)
    example = EXAMPLES["board"].alert
    for number in range(count):
        kind, location, sku = chance.choice(KINDS), f"store-{number % 200}", f"SKU-{number}"
        alert = msgspec.structs.replace(
            example,
            alert_id=f"{kind}:{location}/{sku}:1",
            kind=kind,
            location=location,
            sku=sku,
            supplier=f"SUPPLIER-{number % 90}",
            sentence=(
                f"Order {chance.randrange(6, 900)} units of {sku} (Tea no. {number}) for {location} from SUPPLIER-{number % 90}: "
                f"{chance.randrange(400)} on hand, {chance.uniform(0.2, 60):.1f} a day sell, and a delivery takes "
                f"{chance.uniform(1, 20):.1f} days; it runs out about Mon {chance.randrange(10, 28)} Mar 0{chance.randrange(9)}:15."
            ),
            value_at_risk=round(chance.expovariate(0.02), 2),
            order_by=NOW + timedelta(hours=chance.uniform(-5, 200)),
            changed_at=NOW,
        )
        yield alert.alert_id, msgspec.structs.replace(EXAMPLES["board"], alert=alert, answer=None)


def both(items: int, codes: int, alerts: int):
    example = EXAMPLES["items"]
    for number in range(items):
        item = msgspec.structs.replace(
            example,
            location=f"store-{number % 200}",
            sku=f"SKU-{number}",
            description=f"Tea no. {number % codes if codes else number}",
            unit_cost=1.0 + (number % codes if codes else number) / 100,
        )
        yield "items", f"{item.location}/{item.sku}", encode(item)
    for name, entry in entries(alerts):
        yield "board", name, encode(entry)


async def measure(items: int, codes: int, alerts: int, rounds: int) -> None:
    collect_rarely()
    desk = Desk(load_settings(), SimpleNamespace(), lambda: NOW)
    size = taken = 0
    # Each record is handed in as it is made, so that what is measured of memory is the console's.
    for family, key, value in both(items, codes, alerts):
        record = SimpleNamespace(
            topic=f"andon.{family}.v1", key=key.encode(), value=value, headers=()
        )
        began = time.process_time()
        desk.take(record)
        taken += time.process_time() - began
        size += len(value)
    desk.have_read()
    spare_the_living()
    count = items + alerts
    print(
        f"{items:,} items and {alerts:,} alerts, {size / count:,.0f} bytes each, taken in within {taken:.1f} s of CPU"
    )

    app = Console(desk, Guard((), People(None, time.monotonic)), Nobody(), "bench").application()
    async with TestClient(TestServer(app)) as client:
        for name, path in VIEWS.items():
            spent = []
            for number in range(rounds):
                desk.version += 1  # so that nothing made before is as new
                begin = time.process_time()
                where = path.replace("?_={n}", f"?first={number}").format(n=number)
                async with client.get(where) as answer:
                    body = await answer.read()
                    assert answer.status == 200, body
                spent.append(1000 * (time.process_time() - begin))
            p50, p95 = statistics.median(spent), sorted(spent)[int(0.95 * len(spent))]
            print(f"{name:<12} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms of CPU, client and server")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory       {peak:,.0f} MB at most")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=0)
    parser.add_argument("--codes", type=int, default=5000)
    parser.add_argument("--alerts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    asyncio.run(measure(given.items, given.codes, given.alerts, given.rounds))
