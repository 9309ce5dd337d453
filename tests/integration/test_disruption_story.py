"""A port closes, procurement takes the ways out, the port opens again: the whole story, with and without a crash in it."""

from collections import defaultdict

import pytest
from support.workers import WorkerProcess, alerts, send, state, until, until_committed

from andon.schemas.acks import Ack
from andon.schemas.common import utc
from andon.schemas.delays import DelayEvent, Scope
from andon.schemas.items import Item, Source
from andon.schemas.pos import Sale
from andon.schemas.shipments import ShipmentEvent, ShipmentLine
from andon.schemas.stock import StockMovement

pytestmark = pytest.mark.integration

DAY = 86400.0
START = 20_000 * DAY
SKUS = [f"A{number}" for number in range(6)]


def item(sku):
    sources = (
        Source(supplier="ACME", lead_time_days=4.0, lane="L1"),
        Source(supplier="FAST", lead_time_days=1.0, unit_cost=1.2, expedite=True),
    )
    return Item(
        location="S",
        sku=sku,
        updated_at=utc(START),
        sources=sources,
        unit_price=4.0,
        expected_daily_demand=10.0,
    )


def count(sku):
    return StockMovement(
        event_id=f"count-{sku}",
        occurred_at=utc(START),
        location="S",
        sku=sku,
        kind="count",
        quantity=60,
    )


def sale(sku, number):
    return Sale(
        event_id=f"sale-{sku}-{number}",
        occurred_at=utc(START + 30 + number),
        location="S",
        sku=sku,
        quantity=1,
    )


def order(shipment, sku, at, days, **fields):
    return ShipmentEvent(
        event_id=f"{shipment}-ordered",
        occurred_at=utc(at),
        shipment_id=shipment,
        status="ordered",
        promised_at=utc(at + days * DAY),
        lines=(ShipmentLine(location="S", sku=sku, quantity=100),),
        **fields,
    )


def port(event, at, **fields):
    scope = Scope(type="lane", id="L1")
    return DelayEvent(event_id=event, occurred_at=utc(at), delay_id="PORT", scope=scope, **fields)


def of_kind(settings, kind, status=None):
    return [
        one
        for one in alerts(settings)
        if one.kind == kind and (status is None or one.status == status)
    ]


def risks(settings, status):
    return {one.sku: one for one in of_kind(settings, "stockout_risk", status)}


def seen(risk, at):
    """What procurement does with an alert first: say that somebody looks at it."""
    return Ack(
        event_id=f"seen-{risk.sku}",
        occurred_at=utc(at),
        alert_id=risk.alert_id,
        action="acknowledged",
    )


def take_the_way_out(risk, at):
    """What procurement does with an alert next: order what it names first, and say so."""
    best = risk.alternatives[0]
    name = f"EX-{risk.sku}"
    placed = order(name, risk.sku, at, 1.0, supplier=best.supplier, alert_id=risk.alert_id)
    ack = Ack(
        event_id=f"ack-{risk.sku}",
        occurred_at=utc(at),
        alert_id=risk.alert_id,
        action="ordered",
        quantity=max(best.quantity, 1),
        shipment_id=name,
    )
    return [("shipments", placed), ("acks", ack)]


@pytest.mark.parametrize(
    "crash",
    [False, pytest.param(True, marks=[pytest.mark.chaos, pytest.mark.apache])],
    ids=[
        "as it should be",
        "killed when the port closes, when orders are placed, and when it opens",
    ],
)
def test_a_port_closes_procurement_finds_ways_out_and_it_opens_again(topics, crash):
    worker = WorkerProcess(topics).start()

    def crashing(worker):
        if not crash:
            return worker
        worker.kill()
        return WorkerProcess(topics).start()

    send(topics, [("items", item(sku)) for sku in SKUS])
    send(topics, [("stock", count(sku)) for sku in SKUS])
    until_committed(topics, "items", "stock", what="the items are known")
    send(topics, [("pos", sale(sku, number)) for sku in SKUS for number in range(3)])
    orders = [order(f"PO-{sku}", sku, START + 60, 2.0, supplier="ACME", lane="L1") for sku in SKUS]
    send(topics, [("shipments", one) for one in orders])
    until_committed(topics, "pos", "shipments", "lines", what="the orders are known")
    assert risks(topics, "opened") == {}

    send(topics, [("delays", port("d1", START + 120, ends_at=utc(START + 9 * DAY)))])
    worker = crashing(worker)
    until(lambda: risks(topics, "opened").keys() == set(SKUS), "every item is at risk")
    hit = risks(topics, "opened")
    for risk in hit.values():
        assert risk.cause == "PORT"
        assert START < risk.stockout_p10.timestamp() < risk.stockout_p50.timestamp()
        assert risk.stockout_p50 < risk.expected_arrival
        assert (risk.alternatives[0].supplier, risk.alternatives[0].lane) == ("FAST", None)
        assert {way.lane for way in risk.alternatives[1:]} <= {"L1", None}
        assert all(way.why for way in risk.alternatives)
        assert risk.alternatives[0].saves > 0
        costs = [way.expected_cost for way in risk.alternatives]
        assert costs == sorted(costs)
    until(lambda: of_kind(topics, "disruption"), "the disruption has an alert of its own")
    (parent,) = {one.alert_id for one in of_kind(topics, "disruption")}
    assert {risk.parent_id for risk in hit.values()} == {parent}

    send(topics, [("acks", seen(risk, START + 240)) for risk in hit.values()])
    for risk in hit.values():
        send(topics, take_the_way_out(risk, START + 300))
    worker = crashing(worker)
    until(lambda: risks(topics, "resolved").keys() == set(SKUS), "the ways out close the alerts")

    send(topics, [("delays", port("d2", START + 400, status="ended"))])
    worker = crashing(worker)
    until(lambda: of_kind(topics, "disruption", "resolved"), "the parent closes")
    until_committed(topics, "delays", "shipments", "lines", "acks", what="all is applied")
    assert worker.stop() == 0

    names = defaultdict(set)
    for one in alerts(topics):
        names[one.kind, one.sku].add(one.alert_id)
    assert {len(names["stockout_risk", sku]) for sku in SKUS} == {1}
    assert names["disruption", None] == {parent}
    for sku in SKUS:
        book = state(topics, "books")[f"S/{sku}"]
        assert set(book.lines) == {f"PO-{sku}", f"EX-{sku}"}
        assert book.on_order == 200, "the late order stays on order, and the bridge is one order"
        assert "stockout_risk" not in book.alerts
