"""A production line: what is known of its orders does not depend on the order of news, and they follow each other."""

import itertools

import pytest

from andon.planning.production.line import (
    DUPLICATE,
    MOST_OPEN,
    MOST_REPORTS,
    TOO_MANY,
    TOO_MANY_REPORTS,
    ProductionLine,
    hear,
    sequence,
)
from andon.planning.production.orders import tell_orders
from andon.schemas.common import utc
from andon.schemas.production import ProductionEvent

HOUR = 3600.0


def event(status, at, order="P1", **fields):
    return ProductionEvent(
        event_id=f"{order}-{status}-{at}",
        occurred_at=utc(at),
        order_id=order,
        location="plant",
        line="L1",
        sku="LAMP",
        status=status,
        **fields,
    )


def tell(line, *events):
    return [hear(line, one, one.at, one.event_id.encode().ljust(8)[-8:]) for one in events]


def known(order):
    fields = {one: getattr(order, one) for one in ("quantity", "pace", "made", "left", "scrapped")}
    return fields | {
        "over": order.is_over,
        "started": order.is_started,
        "stopped": order.is_stopped,
    }


NEWS = [
    event("released", 100.0, quantity=50, starts_at=utc(HOUR), minutes_each=2.0),
    event("released", 200.0, quantity=40),
    event("started", HOUR),
    event("made", HOUR + 100, quantity=5, scrapped=1),
    event("stopped", HOUR + 150),
]


def test_news_in_any_order_come_to_the_same():
    found = []
    for order in itertools.permutations(NEWS):
        line = ProductionLine()
        tell(line, *order)
        found.append(known(line.orders["P1"]))
    assert all(one == found[0] for one in found)
    assert found[0] == {
        "quantity": 40,
        "pace": 120.0,
        "made": 5,
        "left": 35,
        "scrapped": 1,
        "over": False,
        "started": True,
        "stopped": True,
    }


def test_a_report_counts_once():
    line = ProductionLine()
    assert tell(line, NEWS[0], NEWS[3], NEWS[3])[-1] == DUPLICATE
    assert line.orders["P1"].made == 5


@pytest.mark.parametrize(
    ("last", "over", "left"),
    [
        (event("cancelled", 300.0), True, 0),
        (event("finished", 300.0), True, 0),
        (event("cancelled", 50.0), False, 50),
        (event("made", 300.0, quantity=60), True, 0),
    ],
)
def test_an_order_is_over_by_its_latest_news(last, over, left):
    line = ProductionLine()
    tell(line, last, NEWS[0])
    assert (line.orders["P1"].is_over, line.orders["P1"].left) == (over, left)


def test_orders_follow_each_other():
    line = ProductionLine()
    tell(
        line,
        event("released", 1.0, "A", quantity=60, starts_at=utc(0.0), ends_at=utc(HOUR)),
        event("released", 2.0, "B", quantity=10, starts_at=utc(HOUR / 2), minutes_each=6.0),
        event("released", 3.0, "C", quantity=10, starts_at=utc(5 * HOUR), minutes_each=1.0),
    )
    found = {name: (slot.begins, slot.ends) for name, slot in sequence(line).items()}
    assert found == {"A": (0.0, HOUR), "B": (HOUR, 2 * HOUR), "C": (5 * HOUR, 5 * HOUR + 600)}
    tell(line, event("made", HOUR, "A", quantity=30))
    found = {name: (slot.begins, slot.ends) for name, slot in sequence(line).items()}
    assert found["A"] == (HOUR, 1.5 * HOUR)
    assert found["B"][0] == 1.5 * HOUR
    # What was to have begun begins now.
    assert sequence(line, 4 * HOUR)["A"].begins == 4 * HOUR
    slot = sequence(line)["A"]
    assert [slot.begun_before(HOUR + at) for at in (-1.0, 0.0, 1.0, 60.0, 61.0, 9e9)] == [
        0,
        0,
        1,
        1,
        2,
        30,
    ]


def test_a_line_holds_so_many_orders_and_reports():
    line = ProductionLine()
    for number in range(MOST_OPEN):
        tell(line, event("released", float(number), f"P{number}", quantity=2))
    assert tell(line, event("released", 1.0, "more", quantity=2)) == [TOO_MANY]
    tell(line, event("finished", 1e6, "P0"))
    assert tell(line, event("released", 1.0, "more", quantity=2)) != [TOO_MANY]
    line = ProductionLine()
    tell(line, event("released", 0.0, quantity=10**6))
    for number in range(MOST_REPORTS):
        one = event("made", float(number), quantity=1)
        assert hear(line, one, one.at, number.to_bytes(8, "big")) == "applied"
    assert tell(line, event("made", 1.0, quantity=1)) == [TOO_MANY_REPORTS]
    assert line.orders["P1"].made == MOST_REPORTS
    assert len(line.orders["P1"].receipts) < 100


def test_only_news_are_told_to_the_books():
    line = ProductionLine()
    tell(line, *NEWS[:2])
    tell_orders(line, "plant/L1", 200.0)
    assert [one.family for one in line.outbox] == ["lines"]
    tell_orders(line, "plant/L1", 300.0)
    assert len(line.outbox) == 1
    tell(line, NEWS[3])
    tell_orders(line, "plant/L1", HOUR + 100)
    assert len(line.outbox) == 2


@pytest.mark.parametrize("name", ["P{}", "2026-{}-A", "{}", "line 1/{}"])
def test_orders_that_are_released_one_after_the_other_are_each_told_once(name):
    line = ProductionLine()
    for number in range(1, 121):
        tell(line, event("released", 100.0, name.format(number), quantity=10, minutes_each=1.0))
        tell_orders(line, "plant/L1", 100.0)
    assert len(line.outbox) == 120
    assert list(sequence(line)) == [name.format(number) for number in range(1, 121)]
