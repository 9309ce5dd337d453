"""A shipment that nobody reported late is noticed when it is later than its way allows."""

import pytest
from support.stories import DAY, START
from xxhash import xxh3_64_digest

from andon.planning.supply import shipment as shipments
from andon.planning.supply.delay_distribution import PRIOR
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.inbound import Shipment
from andon.planning.supply.silence import allowed_until, listen, silent_name
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.shipments import Delivery, LineUpdate, ShipmentEvent, ShipmentLine

USUAL = dict(PRIOR)
SLOPPY = {0: 0.5, 5: 0.3, 10: 0.15, 21: 0.05}


def event(status, days, **fields):
    return ShipmentEvent(
        event_id=f"{status}-{days}",
        occurred_at=utc(START + days * DAY),
        shipment_id="PO",
        status=status,
        **fields,
    )


def ordered():
    shipment = Shipment("PO")
    feed(
        shipment,
        event(
            "ordered",
            0,
            supplier="ACME",
            promised_at=utc(START + 5 * DAY),
            lines=(ShipmentLine(location="S", sku="A", quantity=10),),
        ),
    )
    return shipment


def feed(shipment, one):
    shipments.apply_event(shipment, one, one.at, xxh3_64_digest(one.event_id.encode()), {})


def look(shipment, days, delays=USUAL):
    now = START + days * DAY
    found = listen(shipment, shipment.arrival({}).expected, delays, now)
    if found is not None:
        shipment.delays[found.delay_id] = found
        shipments.publish_lines(shipment, now, {})
    return found


def alerts(shipment):
    return [decode(one.body, Alert) for one in shipment.outbox if one.family == "disruptions"]


def test_within_what_its_way_allows_nothing_is_said():
    shipment = ordered()
    assert look(shipment, 5.2) is None
    assert look(shipment, 5 + 10.4, SLOPPY) is None
    assert alerts(shipment) == []


def test_later_than_its_way_allows_it_is_called_and_the_books_are_told():
    shipment = ordered()
    found = look(shipment, 5 + 8, USUAL)
    assert found.expected > START + 13 * DAY
    (alert,) = alerts(shipment)
    assert (alert.kind, alert.status) == ("silent_delay", "opened")
    assert alert.numbers["days_overdue"] == pytest.approx(8.0)
    line = decode(shipment.outbox[-2].body, LineUpdate)
    assert line.cause == silent_name(shipment)
    assert line.expected_at.timestamp() == found.expected


def test_a_punctual_way_is_given_less_time_than_a_sloppy_one():
    assert allowed_until(START, {0: 1.0}) == START + DAY / 2
    assert allowed_until(START, SLOPPY) > allowed_until(START, USUAL)


def test_the_expectation_moves_on_as_the_silence_lasts():
    shipment = ordered()
    first = look(shipment, 13)
    assert look(shipment, 13.1) is None
    second = look(shipment, (first.expected - START) / DAY + 1)
    assert second.expected > first.expected
    assert {one.kind for one in alerts(shipment)} == {"silent_delay"}
    beyond = look(shipment, 400)
    assert beyond.expected > START + 400 * DAY


@pytest.mark.parametrize(
    "news",
    [
        event("in_transit", 14),
        event("received", 14),
        event("ordered", 14, expected_at=utc(START + 16 * DAY)),
    ],
)
def test_news_end_the_silence(news):
    shipment = ordered()
    look(shipment, 13)
    feed(shipment, news)
    assert silent_name(shipment) not in shipment.delays
    assert [one.status for one in alerts(shipment) if one.kind == "silent_delay"][-1] == "resolved"


def test_a_report_ends_the_silence_and_is_told_as_a_late_shipment():
    shipment = ordered()
    look(shipment, 13)
    now = START + 14 * DAY
    report = Disruption("D", "shipment", "PO", now, expected=START + 20 * DAY)
    assert shipments.delay(shipment, report, now, {}, ended=False)
    last = {one.kind: one.status for one in alerts(shipment)}
    assert last == {"silent_delay": "resolved", "late_shipment": "opened"}


def test_silence_is_no_report_that_a_carrier_could_be_judged_by():
    shipment = ordered()
    look(shipment, 13)
    feed(shipment, event("received", 15))
    deliveries = [
        decode(one.body, Delivery) for one in shipment.outbox if one.family == "deliveries"
    ]
    assert deliveries
    assert {one.reported_delay_days for one in deliveries} == {None}
