"""Every kind of wide disruption, of every severity: what is on its way, what is yet to be ordered, and how it ends."""

import msgspec
import pytest
from support.ports import DAY, NOW, Port, names_here, skus_here

from andon.agents.books import reconsider
from andon.schemas.alerts import Alert
from andon.schemas.common import decode, utc
from andon.schemas.items import Item, Source
from andon.schemas.shipments import ShipmentLine

SCOPES = [("carrier", "TRUCKS"), ("supplier", "X"), ("lane", "L1"), ("location", "S")]
OTHERS = [("carrier", "RAIL"), ("supplier", "Y"), ("lane", "L2"), ("location", "S2")]
SOURCES = (
    Source(supplier="X", lead_time_days=3, lane="L1", carrier="TRUCKS"),
    Source(supplier="Y", lead_time_days=5, lane="L9", carrier="SHIPS", unit_cost=1.5),
)


def risks(said):
    return [decode(one.body, Alert) for one in said if b'"stockout_risk"' in one.body]


def with_an_order(stock=50):
    """An item with an order that comes in time."""
    port = Port()
    (sku,), (name,) = skus_here(1), names_here(1)
    port.item(sku, stock, sources=SOURCES)
    lines = (ShipmentLine(location="S", sku=sku, quantity=100),)
    port.ship(name, carrier="TRUCKS", lines=lines)
    port.deliver(port.hear())
    port.hear()
    return port


def without_an_order(stock=60):
    """An item that an order placed now would reach in time."""
    port = Port()
    (sku,) = skus_here(1)
    port.item(sku, stock, sources=SOURCES)
    port.hear()
    return port, sku


def settle(port):
    """Let the news of lines reach the books, and return the stock-out alerts there were."""
    said = port.hear()
    port.deliver(said)
    return risks([*said, *port.hear()])


@pytest.mark.parametrize("scope", SCOPES, ids=[kind for kind, _ in SCOPES])
def test_what_is_on_its_way_is_late_until_the_end_is_reported(scope):
    port = with_an_order()
    port.close(ends_at=utc(NOW + 9 * DAY), scope=scope, reason="strike")
    (opened,) = settle(port)
    assert (opened.status, opened.cause) == ("opened", "PORT")
    assert opened.expected_arrival == utc(NOW + 12 * DAY)
    assert opened.parent_id == port.here.disruptions["PORT"].parent_id
    assert "strike" in opened.sentence
    port.close(at=NOW + DAY, status="ended", scope=scope)
    assert [one.status for one in settle(port)] == ["resolved"]


@pytest.mark.parametrize("scope", OTHERS, ids=[kind for kind, _ in OTHERS])
def test_what_goes_another_way_is_not_late(scope):
    port = with_an_order()
    port.close(ends_at=utc(NOW + 9 * DAY), scope=scope)
    assert settle(port) == []


@pytest.mark.parametrize("scope", SCOPES, ids=[kind for kind, _ in SCOPES])
def test_an_order_yet_to_be_placed_is_late_and_goes_elsewhere_until_the_end(scope):
    port, sku = without_an_order()
    port.close(ends_at=utc(NOW + 30 * DAY), scope=scope)
    book = port.bench.shard.tables["books"][f"S/{sku}"]
    book.on_hand = 20
    supply = port.bench.context.supply(port.here.disruptions, port.bench.shard)
    reconsider(book, f"S/{sku}", NOW + 60, supply, port.bench.context)
    said = [decode(one.body, Alert) for one in port.hear() if b'"replenish:' in one.body]
    first = risks_of_book(book)
    assert first is not None
    assert first.cause == "PORT"
    # Where the location itself is closed, no source is better than another.
    assert {one.supplier for one in said} == {"X" if scope[0] == "location" else "Y"}
    book.on_hand = 60
    port.close(at=NOW + DAY, status="ended", scope=scope)
    assert risks_of_book(book) is None


def risks_of_book(book):
    return book.alerts.get("stockout_risk")


@pytest.mark.parametrize(
    ("fields", "days_late"),
    [
        ({"ends_at": utc(NOW + 10 * DAY)}, 10.0),
        ({"ends_at": utc(NOW + 10 * DAY), "severity": 0.5}, 5.0),
        ({"ends_at": utc(NOW + 10 * DAY), "severity": 0.0}, 0.0),
        ({"starts_at": utc(NOW + 2 * DAY), "ends_at": utc(NOW + 10 * DAY)}, 8.0),
        ({"starts_at": utc(NOW + 4 * DAY), "ends_at": utc(NOW + 10 * DAY)}, 0.0),
        ({"delay_hours": 48.0}, 2.0),
        ({}, 2.0),
        ({"severity": 0.25}, 0.5),
    ],
)
def test_start_end_and_severity_say_how_late(fields, days_late):
    port = with_an_order(stock=5)
    port.close(**fields)
    port.deliver(port.hear())
    books = port.bench.shard.tables["books"].values()
    (line,) = [line for book in books for line in book.lines.values()]
    assert (line.expected - NOW) / DAY == pytest.approx(3 + days_late)


def test_the_way_of_an_order_is_free_again_when_the_end_has_passed():
    port, sku = without_an_order(stock=35)
    port.close(ends_at=utc(NOW + 2 * DAY))
    book = port.bench.shard.tables["books"][f"S/{sku}"]
    assert risks_of_book(book) is not None
    book.on_hand = 60
    port.here.see(NOW + 2 * DAY)
    port.watch()
    assert risks_of_book(book) is None
    assert port.here.disruptions["PORT"].is_over


def test_a_port_that_opens_and_closes_all_day_does_not_flap():
    port = with_an_order()
    statuses = []
    for step in range(20):
        ending = {"status": "ended"} if step % 2 else {"ends_at": utc(NOW + 9 * DAY)}
        port.close(at=NOW + 600 * step, **ending)
        port.here.see(NOW + 600 * step)
        statuses += [one.status for one in settle(port)]
    assert statuses[:2] == ["opened", "resolved"]
    assert statuses.count("opened") <= 2
    assert statuses.count("resolved") <= 1


def test_one_of_two_disruptions_ends_and_the_other_still_holds():
    port = with_an_order()
    port.close("SHORT", ends_at=utc(NOW + 5 * DAY), scope=("carrier", "TRUCKS"))
    port.close("LONG", ends_at=utc(NOW + 9 * DAY))
    last = settle(port)[-1]
    assert (last.cause, last.expected_arrival) == ("LONG", utc(NOW + 12 * DAY))
    port.close("LONG", at=NOW + 60, status="ended")
    port.deliver(port.hear())
    port.hear()
    books = port.bench.shard.tables["books"].values()
    (line,) = [line for book in books for line in book.lines.values()]
    assert line.cause == "SHORT"
    assert line.expected == pytest.approx(NOW + 8 * DAY)


def test_an_item_that_is_planned_no_longer_is_passed_over():
    port = with_an_order()
    book = next(iter(port.bench.shard.tables["books"].values()))
    book.item = msgspec.structs.replace(book.item, active=False)
    assert isinstance(book.item, Item)
    book.item = None
    port.close(ends_at=utc(NOW + 9 * DAY))
    assert settle(port) == []
