"""Forecasters on a real broker: shapes reach the models, and a forecaster that is killed leaves no item without one."""

import pytest
from support.workers import ForecasterProcess, WorkerProcess, publish, read, send, state, until

from andon.planning.forecasting.candidates import NAMES, Shaped
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale

pytestmark = [pytest.mark.chaos, pytest.mark.apache]

DAY = 86400.0
START = 20_000 * DAY
SKUS = tuple(f"A{number}" for number in range(8))
DAYS = 42
WEEK = (4, 6, 8, 10, 12, 20, 10)


def item(sku):
    source = Source(supplier="ACME", lead_time_days=5.0)
    return Item(location="S", sku=sku, updated_at=utc(START), sources=(source,))


def sale(sku, day):
    return Sale(
        event_id=f"{sku}-{day}",
        occurred_at=utc(START + day * DAY + DAY / 2),
        location="S",
        sku=sku,
        quantity=WEEK[day % 7],
    )


def test_a_forecaster_that_is_killed_leaves_no_item_without_a_shape(topics):
    send(topics, [("items", item(sku)) for sku in SKUS])
    with WorkerProcess(topics) as worker:
        send(topics, [("pos", sale(sku, day)) for day in range(DAYS) for sku in SKUS])
        until(lambda: len(list(read(topics, "fits"))) >= len(SKUS), "every item has asked")
        forecaster = ForecasterProcess(topics).start()
        until(lambda: next(read(topics, "shapes"), None), "a first shape was published")
        forecaster.kill()
        done = {record.key for record in read(topics, "shapes")}
        assert len(done) < len(SKUS), "it was killed too late to prove anything"
        publish(topics, [("fits", b"S/A0", b"no request")])
        forecaster = ForecasterProcess(topics).start()
        until(
            lambda: len({record.key for record in read(topics, "shapes")}) == len(SKUS),
            "every item has its shape",
        )
        applied = topics.prefix + ".shapes.v1"
        until(
            lambda: (
                worker.metric("andon_events_total", topic=applied, outcome="applied") >= len(SKUS)
            ),
            "the worker has applied them",
        )
        until(lambda: next(read(topics, "deadletters"), None), "what was no request is put aside")
        assert forecaster.stop() == 0
        assert worker.stop() == 0
    models = state(topics, "models")
    place = NAMES.index(Shaped.name)
    for sku in SKUS:
        known = models[f"S/{sku}"]
        assert known.is_ready(place)
        assert known.fitted_with == "week"
        ahead = known.shaped.demand.shape[:28]
        assert sum(ahead) / 28 == pytest.approx(1.0, abs=0.1)
