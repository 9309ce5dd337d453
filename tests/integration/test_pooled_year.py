"""The year of a pool on a real broker: partitions learn from each other, and forecasters lend what they learned."""

import math
import time

import pytest
from support.workers import (
    ForecasterProcess,
    WorkerProcess,
    homes,
    read,
    send,
    state,
    until,
    until_committed,
)

from andon.schemas.common import decode, utc
from andon.schemas.forecasts import FitRequest, Shape
from andon.schemas.items import Item, Source
from andon.schemas.pools import PoolShare
from andon.schemas.pos import Sale

pytestmark = pytest.mark.integration

DAY = 86400.0
START = 20_000
SKUS = tuple(f"A{number}" for number in range(10))
NEW = "new"
#: So many days are sold until pools are told of, and a month more once the new item has asked.
DAYS, MORE = 640, 30
WEEK = (4, 6, 8, 10, 12, 20, 10)
POOL = "category:tea at S"


def item(sku):
    source = Source(supplier="ACME", lead_time_days=5.0)
    return Item(
        location="S", sku=sku, updated_at=utc(START * DAY), sources=(source,), category="tea"
    )


def season(day):
    return 1 + 0.6 * math.sin(2 * math.pi * (day - START) / 365.25)


def sale(sku, day):
    return Sale(
        event_id=f"{sku}-{day}",
        occurred_at=utc((START + day) * DAY + DAY / 2),
        location="S",
        sku=sku,
        quantity=round(3 * WEEK[day % 7] * season(START + day)),
    )


def told_until(topics):
    """The last week that every partition with an item has told of, since 1970."""
    newest = {}
    for record in read(topics, "pools"):
        share = decode(record.value, PoolShare)
        newest[share.partition] = share.first_week + len(share.items)
    teachers = set(homes(topics, [f"S/{sku}" for sku in SKUS]).values())
    return min(newest.values()) if newest.keys() >= teachers else 0


def sell(topics, days, *skus):
    send(topics, [("pos", sale(sku, day)) for day in days for sku in skus])


def until_new_asks(topics):
    """Sell day by day until the new item has asked: whether its worker has read what partitions told cannot be seen."""
    for day in range(DAYS, DAYS + 60):
        sell(topics, [day], *SKUS, NEW)
        time.sleep(0.5)
        requests = (decode(record.value, FitRequest) for record in read(topics, "fits"))
        if any(request.sku == NEW for request in requests):
            return day + 1
    raise AssertionError("the new item has not asked")


def newest_shapes(topics):
    """What the newest shape of each item uses."""
    shapes = (decode(record.value, Shape) for record in read(topics, "shapes"))
    return {one.sku: one.used for one in sorted(shapes, key=lambda one: one.asked_at)}


def test_items_and_a_new_one_get_the_year_that_partitions_have_in_common(topics):
    assert len(set(homes(topics, [f"S/{sku}" for sku in SKUS]).values())) > 1
    send(topics, [("items", item(sku)) for sku in (*SKUS, NEW)])
    with WorkerProcess(topics) as worker:
        sell(topics, range(DAYS), *SKUS)
        until(lambda: told_until(topics) >= (START + DAYS) // 7 - 3, "partitions told of the pool")
        begin = until_new_asks(topics)
        sell(topics, range(begin, begin + MORE), *SKUS)
        forecaster = ForecasterProcess(topics, cpu_share=1.0).start()
        wanted = dict.fromkeys(SKUS, f"week, year of {POOL}") | {NEW: f"week and year of {POOL}"}
        until(lambda: newest_shapes(topics) == wanted, "every item has a year", patience=1200.0)
        until_committed(topics, "shapes", what="the worker has applied them")
        assert forecaster.stop() == 0
        assert worker.stop() == 0
    models = state(topics, "models")
    assert {sku: models[f"S/{sku}"].fitted_with for sku in wanted} == wanted
    level = models[f"S/{NEW}"].shaped.demand
    near, far = (sum(level.shape[begin : begin + 7]) for begin in (0, 28))
    month = [season(level.shape_start + day) for day in (3, 31)]
    assert far / near == pytest.approx(month[1] / month[0], rel=0.06)
