"""A purchase order is the same whatever the order of its news, how often each comes, and from whom the supplier's word comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stories import DAY, START
from xxhash import xxh3_64_digest

from andon.planning.supply import shipment as shipments
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.order_message import order_of, take_off
from andon.planning.supply.ordering import World, apply_order, hear_claim, unfit
from andon.schemas.acks import Ack
from andon.schemas.common import decode, utc
from andon.schemas.orders import Claim, OrderEvent, OrderLine, PurchaseOrder
from andon.schemas.shipments import LineUpdate, ShipmentEvent, ShipmentLine

ALERT = "replenish:S/{}:1"


def line(sku="A", quantity=100, *, alert=False, **fields):
    alert_id = ALERT.format(sku) if alert else None
    return OrderLine(location="S", sku=sku, quantity=quantity, alert_id=alert_id, **fields)


def event(name, status, hours=0.0, *lines, **fields):
    at = utc(START + hours * 3600)
    return OrderEvent(
        event_id=name, occurred_at=at, order_id="PO", status=status, lines=lines, **fields
    )


def shipped(name, status, hours, **of):
    return ShipmentEvent(
        event_id=name,
        occurred_at=utc(START + hours * 3600),
        shipment_id="PO",
        status=status,
        lines=(ShipmentLine(location="S", sku="A", **of),),
    )


def feed(order, *news):
    outcomes = []
    for one in news:
        digest = xxh3_64_digest(f"{type(one).__name__}{getattr(one, 'event_id', one)}".encode())
        if isinstance(one, OrderEvent):
            outcomes.append(apply_order(order, one, one.at, digest, World({})))
        elif isinstance(one, Claim):
            outcomes.append(hear_claim(order, one, one.at, World({})))
        else:
            outcomes.append(shipments.apply_event(order, one, one.at, digest, {}))
    return outcomes


def told(order, family, kind):
    return [decode(one.body, kind) for one in order.outbox if one.family == family and one.body]


def stands(order):
    return told(order, "orders", PurchaseOrder)[-1]


def claim(sku="A", first=None, by=None, **fields):
    return Claim(
        order_id="PO",
        alert_id=ALERT.format(sku),
        occurred_at=utc(START),
        first_order=first,
        first_by=by,
        **fields,
    )


NEWS = (
    event("a", "approved", 1, line(unit_cost=2.0), line("B", 20), wanted_at=utc(START + 5 * DAY)),
    event("c", "confirmed", 2, line(quantity=80, unit_cost=2.5), promised_at=utc(START + 7 * DAY)),
    event("s", "sent", 1.5, channel="csv", document="PO-1.csv"),
    shipped("n", "confirmed", 3, quantity=70),
    shipped("d", "dispatched", 30),
    shipped("r", "partly_received", 40, received=30),
)


def books(order):
    """Return what the books know of the order's lines, and how it is said to stand, but for when and how often it was said."""
    last = {update.sku: update for update in told(order, "lines", LineUpdate)}
    lines = {
        sku: (one.quantity, one.open_quantity, one.received, one.deviation, one.promised_at)
        for sku, one in last.items()
    }
    said = stands(order)
    return lines, said.state, said.lines, said.sent, said.approved_by, said.ready


@given(st.permutations([*NEWS, NEWS[0], NEWS[1]]))
def test_the_news_of_an_order_come_in_any_order_and_more_than_once(news):
    plain, mixed = Shipment("PO"), Shipment("PO")
    feed(plain, *NEWS)
    feed(mixed, *news)
    assert books(mixed) == books(plain)
    known, *_ = books(plain)
    assert known["A"][:3] == (70, 40, 30)
    deviation = known["A"][3]
    assert (deviation.short, deviation.days_late, deviation.confirmed_cost) == (30, 2.0, 2.5)


def test_nothing_is_on_order_before_every_book_has_said_who_is_first():
    order = Shipment("PO")
    feed(order, event("a", "approved", 0, line(alert=True), line("B", 5, alert=True), line("C", 7)))
    asked = told(order, "acks", Ack)
    assert [(one.alert_id, one.order_id, one.quantity) for one in asked] == [
        (ALERT.format("A"), "PO", 100),
        (ALERT.format("B"), "PO", 5),
    ]
    assert told(order, "lines", LineUpdate) == []
    assert not stands(order).ready
    feed(order, claim("A"))
    assert told(order, "lines", LineUpdate) == []
    feed(order, claim("B", first="PO-9", by="bob"))
    assert [(one.sku, one.quantity, one.alert_id) for one in told(order, "lines", LineUpdate)] == [
        ("A", 100, ALERT.format("A")),
        ("C", 7, None),
    ]
    said = stands(order)
    assert said.ready
    assert [one.sku for one in said.bought] == ["A", "C"]
    assert (said.lines[1].taken_by, said.lines[1].taken_by_name) == ("PO-9", "bob")
    assert "answered first by order PO-9, given by bob" in said.lines[1].left_out


@given(st.permutations(["cancel", "claim", "repeat"]))
def test_what_is_cancelled_before_it_is_placed_is_never_ready(steps):
    order = Shipment("PO")
    approved = event("a", "approved", 0, line(alert=True))
    feed(order, approved)
    news = {"cancel": event("x", "cancelled", 1), "claim": claim(), "repeat": approved}
    feed(order, *(news[step] for step in steps))
    said = stands(order)
    assert (said.state, said.ready, said.revision) == ("cancelled", False, 1)
    assert [one.open_quantity for one in told(order, "lines", LineUpdate)][-1] == 0


def test_an_order_of_which_nothing_is_left_is_cancelled_and_says_why():
    order = Shipment("PO")
    feed(order, event("a", "approved", 0, line(alert=True)), claim(first="PO-9"))
    said = stands(order)
    assert (said.state, said.ready, said.bought) == ("cancelled", False, ())
    assert "answered by another order" in said.comment
    assert told(order, "lines", LineUpdate) == []


def test_a_book_without_room_leaves_the_line_out_and_says_why():
    order = Shipment("PO")
    feed(
        order,
        event("a", "approved", 0, line(alert=True), line("B", 5)),
        claim(refused="as many open orders as its book holds"),
    )
    first = stands(order).lines[0]
    assert (first.left_out, first.taken_by) == ("as many open orders as its book holds", None)


@pytest.mark.parametrize(
    ("later", "outcome"),
    [
        (event("b", "approved", -1, line(quantity=900), by="bob"), "stale"),
        (event("b", "drafted", 2, line(quantity=900), by="bob"), "stale"),
        (event("a", "approved", 0, line(), by="anna"), "duplicate"),
        (event("x", "cancelled", 2), "applied"),
        (event("s", "sent", 2, channel="csv"), "applied"),
    ],
)
def test_who_approves_first_has_approved(later, outcome):
    order = Shipment("PO")
    feed(order, event("a", "approved", 0, line(), by="anna"))
    assert feed(order, later) == [outcome]
    said = stands(order)
    assert (said.approved_by, said.lines[0].quantity) == ("anna", 100)


def test_a_sending_is_noted_once_for_each_connector_and_revision():
    order = Shipment("PO")
    feed(order, event("a", "approved", 0, line()))
    sendings = [("csv", 1), ("csv", 1), ("mail", 1), ("csv", 2)]
    outcomes = feed(
        order,
        *(
            event(f"s{number}", "sent", 1, channel=channel, revision=revision)
            for number, (channel, revision) in enumerate(sendings)
        ),
    )
    assert outcomes == ["applied", "duplicate", "applied", "applied"]
    assert [(one.channel, one.revision) for one in stands(order).sent] == [
        ("csv", 1),
        ("mail", 1),
        ("csv", 2),
    ]


def test_a_cancellation_after_it_went_out_is_a_revision_for_the_supplier():
    order = Shipment("PO")
    feed(
        order,
        event("a", "approved", 0, line()),
        event("s", "sent", 1, channel="csv"),
        event("x", "cancelled", 2, by="anna"),
    )
    said = stands(order)
    assert (said.state, said.revision, said.cancelled_by) == ("cancelled", 2, "anna")
    assert [one.open_quantity for one in told(order, "lines", LineUpdate)][-1] == 0


@pytest.mark.parametrize(
    ("sku", "alert_id", "why"),
    [
        ("A", "nonsense", "expected kind:key:episode"),
        ("B", ALERT.format("A"), "is no alert of B at S"),
        ("A", ALERT.format("A"), None),
        ("A", "disruption:STORM:1", None),
    ],
)
def test_an_order_answers_only_alerts_of_its_own_items(sku, alert_id, why):
    one = OrderLine(location="S", sku=sku, quantity=1, alert_id=alert_id)
    found = unfit(event("a", "approved", 0, one))
    assert (found is None) if why is None else (why in found)


def test_an_alert_of_the_network_is_answered_without_asking():
    order = Shipment("PO")
    one = OrderLine(location="S", sku="A", quantity=1, alert_id="disruption:STORM:1")
    feed(order, event("a", "approved", 0, one))
    assert [ack.alert_id for ack in told(order, "acks", Ack)] == ["disruption:STORM:1"]
    assert stands(order).ready


def test_an_order_long_done_is_taken_off_its_topic_once_and_comes_back_with_news():
    order = Shipment("PO")
    feed(order, event("a", "approved", 0, line()), shipped("r", "received", 9, received=100))
    assert take_off(order, START)
    assert not take_off(order, START)
    assert [one.body for one in order.outbox if one.type == "andon.order.removed"] == [b""]
    feed(order, shipped("t", "received", 10, received=90))
    assert stands(order).lines[0].received == 90


def test_a_digest_of_what_is_said_keeps_it_from_being_said_again():
    order = Shipment("PO")
    feed(order, event("a", "approved", 0, line()))
    said = len(told(order, "orders", PurchaseOrder))
    feed(order, event("a2", "approved", 1, line()), shipped("n", "ordered", 1))
    assert len(told(order, "orders", PurchaseOrder)) == said
    assert order_of(order, order.purchase, order.states(), START).state == "approved"
