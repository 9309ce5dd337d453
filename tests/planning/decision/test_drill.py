"""A drill: what a made-up disruption would do, without doing it."""

import msgspec
import pytest
from support.stories import DAY, KEY, START, Story, SupplyNetwork
from xxhash import xxh3_64_digest

from andon.planning.decision.drill import drill, follow
from andon.planning.policy.policy import shortage_cost
from andon.planning.supply import shipment as shipments
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.inbound import Shipment
from andon.schemas.common import utc
from andon.schemas.shipments import ShipmentEvent, ShipmentLine


def out(days=14.0, scope="supplier", name="ACME", **fields):
    return Disruption(
        delay_id="drill",
        scope=scope,
        name=name,
        at=START,
        starts=START,
        ends=START + days * DAY,
        since=START,
        **fields,
    )


def on_its_way(quantity=200, days=3.0):
    """An item with four days of stock, and a delivery in three."""
    story = Story(stock=40)
    story.line("PO", 1, quantity=quantity, days=days, supplier="ACME", lane="L1")
    shipment = Shipment(shipment_id="PO")
    event = ShipmentEvent(
        event_id="e1",
        occurred_at=utc(START),
        shipment_id="PO",
        status="ordered",
        supplier="ACME",
        lane="L1",
        lines=(ShipmentLine(location="S", sku="A", quantity=quantity),),
        promised_at=utc(START + days * DAY),
    )
    shipments.apply_event(shipment, event, START, xxh3_64_digest(b"e1"), {})
    return story, shipment


def play(story, shipment, disruption):
    return drill(
        {KEY: story.book},
        [shipment],
        disruption,
        START,
        normal=SupplyNetwork(),
        disrupted=SupplyNetwork(disruption),
    )


@pytest.mark.parametrize(("scope", "name"), [("supplier", "ACME"), ("lane", "L1")])
def test_an_item_whose_delivery_would_be_held_up_runs_out_and_the_ways_out_save_some_of_it(
    scope, name
):
    story, shipment = on_its_way()
    report = play(story, shipment, out(scope=scope, name=name))
    assert (report.items, report.shipments, report.lines, report.runs_out) == (1, 1, 1, 1)
    (casualty,) = report.casualties
    assert START + 2 * DAY < casualty.stockout_p50 < START + 6 * DAY
    assert casualty.cost == pytest.approx(
        casualty.short_units * shortage_cost(story.item), rel=0.01
    )
    assert report.cost == {"EUR": casualty.cost}
    assert 0 < casualty.saves <= casualty.cost
    assert casualty.alternatives[0].kind != "wait"
    costs = [option.expected_cost for option in casualty.alternatives]
    assert costs == sorted(costs)


def test_the_longer_it_lasts_the_more_it_costs():
    costs = []
    for days in (2.0, 7.0, 14.0):
        story, shipment = on_its_way()
        costs.append(play(story, shipment, out(days)).cost.get("EUR", 0.0))
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]


@pytest.mark.parametrize(("scope", "name"), [("supplier", "OTHER"), ("location", "S2")])
def test_what_it_does_not_touch_is_not_in_the_report(scope, name):
    story, shipment = on_its_way()
    report = play(story, shipment, out(scope=scope, name=name))
    assert (report.items, report.shipments, report.casualties) == (0, 0, [])


def test_an_item_with_stock_for_longer_is_touched_and_no_casualty():
    story, shipment = on_its_way()
    story.now += 60
    story.count(4000)
    report = play(story, shipment, out())
    assert (report.items, report.casualties, report.cost) == (1, [], {})


def test_a_drill_changes_nothing_and_says_nothing():
    story, shipment = on_its_way()
    before = msgspec.msgpack.encode((story.book, shipment))
    play(story, shipment, out())
    assert msgspec.msgpack.encode((story.book, shipment)) == before


def test_the_shortage_until_an_order_placed_now_is_that_of_the_days_after_the_stock():
    story = Story(stock=20)
    path = follow(story.book, START, SupplyNetwork())
    assert path.until == pytest.approx(START + 5 * DAY, abs=0.1 * DAY)
    assert path.short_units == pytest.approx(5 * 10 - 20, rel=0.15)
    assert path.stockout_p50 == pytest.approx(START + 2 * DAY, abs=DAY)
