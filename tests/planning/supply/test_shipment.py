"""The life of a shipment: in order, out of order, repeated, late, disrupted."""

import itertools
import random

import msgspec
import pytest
from xxhash import xxh3_64_digest

from andon.planning.supply import shipment as shipments
from andon.planning.supply.disruption import Disruption, arrival, matches
from andon.planning.supply.inbound import Shipment
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.shipments import Delivery, LineUpdate, ShipmentEvent, ShipmentLine

DAY = 86400.0
START = 20_000 * DAY


def event(name, status, day=0.0, *, lines=(), **fields):
    return ShipmentEvent(
        event_id=name,
        occurred_at=utc(START + day * DAY),
        shipment_id="PO-1",
        status=status,
        lines=tuple(ShipmentLine(location="S", sku=sku, **rest) for sku, rest in lines),
        **fields,
    )


ORDERED = event(
    "e1",
    "ordered",
    lines=[("A", {"quantity": 10}), ("B", {"quantity": 5})],
    supplier="ACME",
    lane="L1",
    promised_at=utc(START + 4 * DAY),
)
DISPATCHED = event("e2", "dispatched", 1)
PARTLY = event("e3", "partly_received", 4, lines=[("A", {"received": 6})])
RECEIVED = event("e4", "received", 5)


def apply(shipment, one, wide=None):
    return shipments.apply_event(
        shipment, one, one.at, xxh3_64_digest(one.event_id.encode()), wide or {}
    )


def told(shipment, kind):
    return [decode(said.body, kind) for said in shipment.outbox if said.family in FAMILY[kind]]


FAMILY = {LineUpdate: ("lines",), Delivery: ("deliveries",), Alert: ("disruptions",)}


def delay(**fields):
    base = {"delay_id": "D", "scope": "shipment", "name": "PO-1", "at": START + DAY}
    return Disruption(**{**base, **fields})


def test_each_line_is_told_with_a_growing_version():
    shipment = Shipment("PO-1")
    for one in (ORDERED, PARTLY):
        apply(shipment, one)
    updates = told(shipment, LineUpdate)
    assert [one.version for one in updates] == [1, 1, 2, 2]
    assert [{one.sku for one in two} for two in (updates[:2], updates[2:])] == [{"A", "B"}] * 2
    assert {(one.sku, one.quantity, one.received) for one in updates[2:]} == {
        ("A", 10, 6),
        ("B", 5, 0),
    }


def test_news_about_one_line_are_told_to_that_line_only():
    shipment = Shipment("PO-1")
    for one in (
        ORDERED,
        PARTLY,
        event("e5", "partly_received", 4.5, lines=[("B", {"received": 1})]),
    ):
        apply(shipment, one)
    assert [(one.sku, one.version) for one in told(shipment, LineUpdate)[4:]] == [("B", 3)]


def test_a_report_is_taken_for_what_reports_have_been_worth():
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED)
    shipments.delay(shipment, delay(hours=96.0), START + DAY, {}, ended=False, delay_multiplier=0.5)
    assert told(shipment, LineUpdate)[-1].expected_at == utc(START + 6 * DAY)


def test_a_disruption_that_was_over_before_the_order_does_not_hold_it_up():
    old = delay(scope="supplier", name="ACME", at=START - 9 * DAY, hours=48.0)
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED, {"D": old})
    assert told(shipment, LineUpdate)[-1].expected_at == utc(START + 4 * DAY)


def test_what_a_wide_report_announced_is_learned_from_too():
    strike = delay(scope="carrier", name="X", hours=72.0)
    shipment = Shipment("PO-1")
    for one in (event("c", "confirmed", 0.5, carrier="X"), ORDERED, RECEIVED):
        apply(shipment, one, {"D": strike})
    assert {one.reported_delay_days for one in told(shipment, Delivery)} == {3.0}


def test_an_expectation_about_the_limit_does_not_make_the_alert_flap():
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED)
    for step in range(20):
        hours = 15.0 if step % 2 == 0 else 10.0
        shipments.delay(
            shipment, delay(hours=hours, at=START + step), START + step, {}, ended=False
        )
    alerts = told(shipment, Alert)
    assert [one.status for one in alerts] == ["opened"]
    assert alerts[0].cause == "D"


def test_received_without_quantities_received_everything():
    shipment = Shipment("PO-1")
    for one in (ORDERED, PARTLY, RECEIVED):
        apply(shipment, one)
    assert shipment.lines == {"S/A": (10, 10), "S/B": (5, 5)}


@pytest.mark.parametrize("order", list(itertools.permutations((ORDERED, DISPATCHED, PARTLY))))
def test_news_in_any_order_come_to_the_same(order):
    shipment = Shipment("PO-1")
    for one in order:
        apply(shipment, one)
    assert (shipment.status, shipment.supplier) == ("partly_received", "ACME")
    assert shipment.lines == {"S/A": (10, 6), "S/B": (5, 0)}


def test_the_same_news_twice_are_told_once():
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED)
    told_before = len(shipment.outbox)
    assert apply(shipment, ORDERED) == "duplicate"
    assert len(shipment.outbox) == told_before


def test_more_than_ordered_is_an_over_receipt_and_a_later_word_corrects_it():
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED)
    assert apply(shipment, event("x", "partly_received", 3, lines=[("A", {"received": 12})])) == (
        "over_receipt"
    )
    apply(shipment, event("y", "partly_received", 4, lines=[("A", {"received": 2})]))
    assert shipment.lines["S/A"] == (10, 2)


def test_a_cancelled_shipment_that_comes_after_all_is_received():
    shipment = Shipment("PO-1")
    for one in (ORDERED, event("x", "cancelled", 2), RECEIVED):
        apply(shipment, one)
    assert shipment.status == "received"


def test_a_delivery_teaches_each_of_its_scorecards():
    shipment = Shipment("PO-1")
    for one in (ORDERED, RECEIVED):
        apply(shipment, one)
    deliveries = told(shipment, Delivery)
    assert {(one.type, one.name) for one in deliveries} == {
        ("supplier", "ACME"),
        ("lane", "L1"),
        ("source", "ACME|L1||"),
        ("network", "all"),
    }
    assert (deliveries[0].received_at - deliveries[0].ordered_at).days == 5


def test_a_delivery_that_nobody_dated_the_order_of_teaches_punctuality_but_no_lead_time():
    shipment = Shipment("PO-1")
    for one in (msgspec.structs.replace(ORDERED, status="confirmed"), RECEIVED):
        apply(shipment, one)
    deliveries = told(shipment, Delivery)
    assert {one.order_date_known for one in deliveries} == {False}
    assert {one.ordered_at for one in deliveries} == {utc(START)}


@pytest.mark.parametrize(("habit", "expected"), [(-2.0, 2), (0.0, 4), (3.0, 7)])
def test_a_shipment_is_expected_when_its_way_usually_comes_and_that_is_no_news(habit, expected):
    shipment = Shipment("PO-1", habit_days=habit)
    apply(shipment, ORDERED)
    assert {one.expected_at for one in told(shipment, LineUpdate)} == {utc(START + expected * DAY)}
    assert told(shipment, Alert) == []


@pytest.mark.parametrize("habit", [-2.0, 3.0])
def test_a_stated_date_or_a_report_says_more_than_habit(habit):
    shipment = Shipment("PO-1", habit_days=habit)
    apply(shipment, ORDERED)
    shipments.delay(shipment, delay(hours=24.0), START + DAY, {}, ended=False)
    assert told(shipment, LineUpdate)[-1].expected_at == utc(START + 5 * DAY)
    stated = Shipment("PO-1", habit_days=habit)
    apply(stated, ORDERED)
    apply(stated, event("e5", "in_transit", 1, expected_at=utc(START + 6 * DAY)))
    assert told(stated, LineUpdate)[-1].expected_at == utc(START + 6 * DAY)


def test_a_report_makes_it_late_a_second_one_updates_and_its_arrival_resolves():
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED)
    assert shipments.delay(shipment, delay(hours=72.0), START + DAY, {}, ended=False)
    assert told(shipment, LineUpdate)[-1].expected_at == utc(START + 7 * DAY)
    assert shipments.delay(
        shipment, delay(hours=144.0, at=START + 2 * DAY), START + 2 * DAY, {}, ended=False
    )
    apply(shipment, RECEIVED)
    alerts = told(shipment, Alert)
    assert [one.status for one in alerts] == ["opened", "updated", "resolved"]
    assert len({one.alert_id for one in alerts}) == 1
    assert "3.0 days late" in alerts[0].sentence


def test_a_report_that_says_nothing_new_is_not_told_again():
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED)
    assert shipments.delay(shipment, delay(hours=72.0), START + DAY, {}, ended=False)
    assert not shipments.delay(shipment, delay(hours=72.0), START + DAY, {}, ended=False)
    older = delay(hours=1.0, at=START)
    assert not shipments.delay(shipment, older, START, {}, ended=False)


def test_a_lifted_delay_brings_the_promise_back():
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED)
    shipments.delay(shipment, delay(hours=72.0), START + DAY, {}, ended=False)
    shipments.delay(shipment, delay(), START + 2 * DAY, {}, ended=True)
    assert told(shipment, LineUpdate)[-1].expected_at == utc(START + 4 * DAY)
    assert told(shipment, Alert)[-1].status == "resolved"


def test_a_closed_lane_holds_up_what_comes_through_it_until_it_opens():
    closed = delay(scope="lane", name="L1", ends=START + 3 * DAY)
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED, {"D": closed})
    update = told(shipment, LineUpdate)[-1]
    assert update.expected_at == utc(START + 6 * DAY)
    assert update.cause == "D"


@pytest.mark.parametrize(
    ("scope", "name", "touches"),
    [
        ("shipment", "PO-1", True),
        ("shipment", "PO-2", False),
        ("supplier", "ACME", True),
        ("carrier", "X", True),
        ("lane", "L1", True),
        ("location", "S", True),
        ("location", "T", False),
    ],
)
def test_a_disruption_touches_what_is_in_its_scope(scope, name, touches):
    found = matches(
        delay(scope=scope, name=name),
        shipment_id="PO-1",
        supplier="ACME",
        carrier="X",
        lane="L1",
        locations=("S",),
    )
    assert found is touches


def test_the_worst_disruption_decides_and_reports_are_taken_for_what_they_were_worth():
    two = [delay(hours=24.0), delay(delay_id="E", hours=48.0)]
    assert arrival(START, 1.0, two).expected == START + 2 * DAY
    assert arrival(START, 1.0, two).cause == "E"
    assert arrival(START, 1.0, two, delay_multiplier=0.5).expected == START + DAY


def test_a_delay_of_unknown_length_is_a_delay():
    assert arrival(START + 3 * DAY, 1.0, [delay()]).expected > START + 3 * DAY


def test_random_lives_end_with_what_was_received():
    chance = random.Random(1)
    for _ in range(50):
        life = [ORDERED, DISPATCHED, PARTLY, RECEIVED]
        shuffled = chance.sample(life, len(life)) + chance.choices(life, k=3)
        shipment = Shipment("PO-1")
        for one in shuffled:
            apply(shipment, one)
        assert shipment.status == "received"
        assert shipment.lines["S/A"][1] == 10


def test_a_line_held_up_by_a_wide_disruption_names_its_alert_and_one_late_by_itself_does_not():
    shipment = Shipment("PO-1")
    apply(shipment, ORDERED)
    port = Disruption("PORT", "lane", "L1", START, ends=START + 20 * DAY, since=START)
    shipments.publish_lines(shipment, START + DAY, {"PORT": port})
    line = told(shipment, LineUpdate)[-1]
    assert (line.cause, line.parent_id) == ("PORT", port.parent_id)
    assert told(shipment, Alert) == []
    own = Disruption("D", "shipment", "PO-1", START + DAY, expected=START + 90 * DAY)
    shipments.delay(shipment, own, START + DAY, {"PORT": port}, ended=False)
    line = told(shipment, LineUpdate)[-1]
    assert (line.cause, line.parent_id) == ("D", None)
    assert told(shipment, Alert)[-1].kind == "late_shipment"


def many(first, last, name="A"):
    return event(
        "many", "ordered", lines=[(f"{name}{n}", {"quantity": 5}) for n in range(first, last)]
    )


@pytest.mark.parametrize(
    ("known", "lines", "refused"),
    [
        (0, many(0, 1000), None),
        (600, many(0, 700), None),  # the same lines once more, and a hundred others
        (600, many(600, 1001), "1,001 lines"),
        (0, many(0, 900, "\U0001f35e" * 120), "too long"),
        (0, many(0, 1, "\U0001f35e" * 120), None),
    ],
)
def test_a_shipment_that_would_outgrow_its_record_is_refused_before(known, lines, refused):
    shipment = None
    if known:
        shipment = Shipment("PO-1")
        apply(shipment, many(0, known))
    found = shipments.outgrown(shipment, lines)
    assert found is None if refused is None else refused in found


def test_a_successors_word_on_a_line_is_newer_than_whatever_its_predecessor_said():
    """Both go on from the same state; the one that lost its partition says more, and later."""
    before = Shipment("PO-1")
    before.write_in(5)
    apply(before, ORDERED)
    zombie = decode_state(before)
    successor = decode_state(before)
    zombie.write_in(5)
    successor.write_in(6)
    for news in (DISPATCHED, PARTLY):
        apply(zombie, news)
    apply(successor, DISPATCHED)
    late = max(one.version for one in told(zombie, LineUpdate))
    assert min(one.version for one in told(successor, LineUpdate)) > late
    assert late < 2**53, "whole in every reader of JSON"


def decode_state(shipment):
    """What is read of a shipment that was written."""
    found = msgspec.msgpack.decode(msgspec.msgpack.encode(shipment), type=Shipment)
    found.outbox.clear()
    return found


@pytest.mark.parametrize("rounds", [1, 8])
def test_the_largest_order_fits_its_record_whatever_becomes_of_its_lines(rounds):
    """A thousand lines, each with news after news, all told at once."""
    shipment = Shipment("PO-1")
    size = 0
    apply(shipment, many(0, 1_000, "SKU-0123456789-"))
    for number in range(rounds):
        shipment.outbox.clear()
        lines = [
            (f"SKU-0123456789-{n}", {"quantity": 5 + number % 3, "received": number})
            for n in range(1_000)
        ]
        apply(shipment, event(f"r{number}", "partly_received", number, lines=lines))
        size = max(size, len(msgspec.msgpack.encode(shipment)))
    assert size < 1_000_000


@pytest.mark.parametrize(("days", "is_date"), [(-91, False), (-89, True), (5, True)])
def test_a_date_from_long_before_the_order_is_none(days, is_date):
    order = Shipment("PO", ordered=START, promised=START + days * DAY, at=START)
    assert order.has_date == is_date
    assert order.goes_by_promise == is_date
    assert (order.base == START + days * DAY) == is_date
