"""Production through the agents: backflush exactly once in any order, requirements from item to part, and when a line stops."""

import asyncio
import random

import pytest
from support.works import (
    DAY,
    MINUTE,
    START,
    WHERE,
    Plant,
    bill,
    count,
    item,
    order,
    part,
    released,
    run,
    stock_of,
)

from andon.agents.tables import BOOKS, PRODUCTION
from andon.rehearsal.machine import Machine as PlainMachine
from andon.schemas.boms import Alternate
from andon.schemas.common import utc
from andon.schemas.production import Substitute
from andon.schemas.shipments import ShipmentEvent, ShipmentLine
from andon.streams.settings import load_settings

MASTER = [
    item("Z", made_on="L1", expected_daily_demand=0.0),
    item("A", made_on="L2"),
    item("B"),
    bill("Z", part("A", 2), part("B", 3, scrap=0.1), yield_share=0.5),
    bill("A", part("C", 4), part("B", 1)),
]
STOCK = [count(sku, 1000) for sku in "ZABC"]


MADE = [
    released(),
    order("P1", "Z", "made", START + 7200.0, quantity=10),
    order("P1", "Z", "made", START + 7800.0, quantity=4, scrapped=6),
    released("P2", "A", line="L2"),
    order("P2", "A", "made", START + 7300.0, quantity=20, line="L2"),
]
#: 14 good of Z, of which half is good: 28 begun. 20 of A, all of which are good.
EXPECTED = {"Z": 1014, "A": 1000 + 20 - 56, "B": 1000 - 92 - 20, "C": 1000 - 80}


@pytest.mark.parametrize(
    ("each", "made", "left", "refused"),
    [
        (2_400_000, 900, 1000 - 2_160_000_000, []),
        (2_400_000, 1000, 1000 - 2_400_000_000, []),
        (100.0, 10**9, 1000 - 10**11, []),
        (101.0, 10**9, 1000, ["too_much"]),
        (1e9, 10**9, 1000, ["too_much"]),
    ],
)
def test_a_worker_goes_on_however_much_is_used_at_once(each, made, left, refused, monkeypatch):
    said = []

    def says(self, family, record):
        if family == "deadletters":
            said.append(dict(record.headers).get("reason", b"too_much").decode())

    monkeypatch.setattr(Plant, "says", says)
    report = order("P1", "Z", "made", START + 7200.0, quantity=made)
    machine = run(
        [item("Z", made_on="L1"), item("A"), bill("Z", part("A", each))],
        STOCK,
        [released(quantity=10**9), report],
    )
    assert (stock_of(machine, "A"), said) == (left, refused)


def test_what_is_made_is_taken_off_its_parts():
    machine = run(MASTER, STOCK, MADE)
    assert {sku: stock_of(machine, sku) for sku in "ZABC"} == EXPECTED


@pytest.mark.parametrize("seed", range(25))
def test_any_order_of_news_and_any_repeats_come_to_the_same(seed):
    rng = random.Random(seed)
    every = [*MASTER, *STOCK, *MADE]
    every += rng.choices(every, k=12)
    rng.shuffle(every)
    batches = []
    while every:
        size = rng.randint(1, 6)
        batches.append(every[:size])
        every = every[size:]
    machine = run(*batches)
    assert {sku: stock_of(machine, sku) for sku in "ZABC"} == EXPECTED


#: An order that moves from one line to another, and one whose item is corrected, with a mistake that is taken back.
MOVED = [
    released("M", "Z", 10),
    released("M", "Z", 12, at=START + 600.0, line="L2"),
    order("M", "Z", "made", START + 1200.0, quantity=2),
    order("M", "Z", "made", START + 7200.0, quantity=4, line="L2"),
    order("M", "Z", "cancelled", START + 7300.0),
    released("N", "Z", 10),
    order("N", "Z", "made", START + 1200.0, quantity=30),
    order("N", "Z", "made", START + 1200.0, quantity=-29),
    released("N", "A", 8, at=START + 7200.0),
    order("N", "A", "made", START + 7300.0, quantity=3),
]


@pytest.mark.parametrize("seed", range(25))
def test_an_order_that_moves_is_one_in_any_order_of_news(seed):
    rng = random.Random(seed)
    *rest, last = MOVED
    rng.shuffle(rest)
    master = [item("Z", made_on="L1"), item("A", made_on="L1"), bill("Z", part("B")), item("B")]
    machine = run(master, STOCK, *([one] for one in [*rest, last]), rng.choices(MOVED, k=4))
    books = {sku: machine.record(BOOKS, f"{WHERE}/{sku}") for sku in "ZAB"}
    assert {sku: one.on_hand for sku, one in books.items()} == {"Z": 1007, "A": 1003, "B": 993}
    assert {sku: one.on_order for sku, one in books.items()} == {"Z": 6, "A": 5, "B": 0}


def test_one_partition_or_many_come_to_the_same():
    async def play(partitions):
        machine = PlainMachine(load_settings(partitions=partitions))
        machine.now = START + DAY
        for family, record in [*MASTER, *STOCK, *MADE]:
            from andon.schemas.common import encode
            from andon.schemas.families import FAMILIES

            machine.send(family, FAMILIES[family].key_of(record).encode(), encode(record))
        await machine.settle()
        return {sku: stock_of(machine, sku) for sku in "ZABC"}

    for partitions in (1, 3, 8):
        assert asyncio.run(play(partitions)) == EXPECTED


def test_a_line_heard_again_changes_nothing():
    machine = run(MASTER, STOCK, MADE)
    book = machine.record(BOOKS, f"{WHERE}/B")
    before = book.on_hand, {name: one.booked for name, one in book.production.wanted.items()}
    again = run(MASTER, STOCK, MADE, MADE, MASTER)
    book = again.record(BOOKS, f"{WHERE}/B")
    assert (
        book.on_hand,
        {name: one.booked for name, one in book.production.wanted.items()},
    ) == before


def test_what_was_made_before_a_count_is_in_the_count():
    late = [count("B", 500, START + 7500.0)]
    machine = run(MASTER, STOCK, MADE[:1], late, MADE[1:])
    # Ten of Z were made before it, four and six scrapped after it; the A were made before it.
    assert stock_of(machine, "B") == 500 - (92 - 66)


def test_dependent_demand_is_known_and_no_forecast_learns_it():
    machine = run(MASTER, STOCK, MADE)
    book = machine.record(BOOKS, f"{WHERE}/B")
    assert book.demand.sold == 0
    assert book.demand.pending == {}
    assert "demand_unknown:plant/B" not in machine.open


def test_a_cancelled_order_needs_nothing():
    machine = run(MASTER, [count("B", 0)], [released()])
    assert "replenish:plant/B" in machine.open
    machine = run(
        MASTER, [count("B", 0)], [released()], [order("P1", "Z", "cancelled", START + 60.0)]
    )
    assert machine.open.keys() & {"replenish:plant/B", "line_stop:plant/L1"} == set()
    assert machine.record(BOOKS, f"{WHERE}/Z").on_order == 0


def test_of_what_is_a_part_alone_no_sales_are_said():
    machine = run(MASTER, [count("B", 0)], [released()])
    sentence = machine.open["replenish:plant/B"].sentence
    assert ("a part of, and a delivery takes" in sentence, "sell" in sentence) == (True, False)


def test_what_is_planned_reaches_the_parts_of_the_parts():
    master = [
        item("Z", made_on="L1", expected_daily_demand=10.0),
        item("A", made_on="L1", expected_daily_demand=0.0),
        item("B"),
        bill("Z", part("A", 2)),
        bill("A", part("B", 3)),
    ]
    machine = run(master, [count(sku, 0) for sku in "ZAB"])
    book = machine.record(BOOKS, f"{WHERE}/B")
    needed = sum(quantity for _, quantity in book.production.wanted["A"].planned)
    assert needed >= 3 * 2 * 10 * 55
    assert book.production.wanted["A"].level == 2
    assert machine.open["replenish:plant/B"].order_quantity > 3 * 2 * 10 * 5


def test_a_part_is_taken_by_how_it_is_booked():
    master = [
        item("Z", made_on="L1"),
        bill("Z", part("A", 2, backflush="started"), part("B", 1, backflush="never"), part("C", 1)),
    ]
    machine = run(master, STOCK, [released()], [order("P1", "Z", "started", START + 3600.0)])
    assert [stock_of(machine, sku) for sku in "ABC"] == [960, 1000, 1000]
    made = order("P1", "Z", "made", START + 7200.0, quantity=5)
    machine = run(
        master, STOCK, [released()], [order("P1", "Z", "started", START + 3600.0)], [made]
    )
    assert [stock_of(machine, sku) for sku in "ABC"] == [960, 1000, 995]


def test_an_order_that_was_begun_keeps_its_parts():
    later = bill("Z", part("C", 1), at=START + 8000.0)
    machine = run(
        MASTER, STOCK, MADE, [later], [order("P1", "Z", "made", START + 9000.0, quantity=1)]
    )
    assert stock_of(machine, "A") == EXPECTED["A"] - 4
    assert stock_of(machine, "C") == EXPECTED["C"]


def test_a_bill_that_is_deleted_needs_nothing():
    machine = run(MASTER, STOCK)
    machine = run(MASTER, STOCK, [], [bill("Z", part("A", 2), at=START)])
    assert machine.record(BOOKS, f"{WHERE}/B").production.wanted["Z"].ends


def test_a_phantom_whose_bill_changes_reaches_what_has_it():
    master = [
        item("Z", made_on="L1"),
        bill("Z", part("KIT", 2, phantom=True)),
        bill("KIT", part("A", 3)),
    ]
    machine = run(master, STOCK, [released()])
    wanted = machine.record(BOOKS, f"{WHERE}/A").production.wanted["Z"]
    assert [(one.units, one.takes) for one in wanted.runs] == [(20, 6.0)]
    machine = run(master, STOCK, [released()], [bill("KIT", part("C", 5), at=START)])
    assert machine.record(BOOKS, f"{WHERE}/A").production.wanted["Z"].runs == ()
    assert [
        one.takes for one in machine.record(BOOKS, f"{WHERE}/C").production.wanted["Z"].runs
    ] == [10.0]


# When a line stops


def simulated(stock, receipts, orders, takes):
    """Go through the minutes of one line: return when it stops, for want of which part, and how many units are begun before."""
    stock, begun = dict(stock), 0
    last = orders[-1][1] + orders[-1][2] * orders[-1][3]
    for minute in range(last + 1):
        for at, sku, quantity in receipts:
            if at == minute:
                stock[sku] += quantity
        for sku, begins, each, units in orders:
            if begins <= minute < begins + each * units and (minute - begins) % each == 0:
                for one, quantity in takes[sku].items():
                    if stock[one] < quantity:
                        return minute, one, begun
                for one, quantity in takes[sku].items():
                    stock[one] -= quantity
                begun += 1
    return None


@pytest.mark.parametrize("seed", range(40))
def test_a_line_stops_to_the_minute_of_a_simulation(seed):
    rng = random.Random(seed)
    parts = ["A", "B", "C"]
    takes = {sku: {one: rng.randint(1, 4) for one in rng.sample(parts, 2)} for sku in ("X", "Y")}
    orders, at = [], 60
    for _ in range(rng.randint(1, 3)):
        each, units = rng.randint(1, 5), rng.randint(10, 60)
        orders.append((rng.choice("XY"), at, each, units))
        at += each * units + rng.randint(0, 20)
    needed = {
        one: sum(units * takes[sku].get(one, 0) for sku, _, _, units in orders) for one in parts
    }
    stock = {one: int(needed[one] * rng.uniform(0.3, 1.2)) for one in parts}
    receipts = [
        (rng.randint(61, at), one, rng.randint(1, 50))
        for one in parts
        for _ in range(rng.randint(0, 2))
    ]
    master = [item(one) for one in parts] + [
        item(sku, made_on="L1", expected_daily_demand=0.0) for sku in "XY"
    ]
    master += [
        bill(sku, *(part(one, quantity) for one, quantity in takes[sku].items())) for sku in "XY"
    ]
    news = [count(one, stock[one]) for one in parts]
    for number, (minute, one, quantity) in enumerate(receipts):
        when = utc(START + minute * MINUTE)
        line = ShipmentLine(location=WHERE, sku=one, quantity=quantity)
        fields = {
            "shipment_id": f"S{number}",
            "status": "ordered",
            "lines": (line,),
            "expected_at": when,
        }
        news.append(
            ("shipments", ShipmentEvent(event_id=f"S{number}", occurred_at=utc(START), **fields))
        )
    news += [
        order(
            f"P{number}",
            sku,
            "released",
            START,
            quantity=units,
            starts_at=utc(START + begins * MINUTE),
            minutes_each=float(each),
        )
        for number, (sku, begins, each, units) in enumerate(orders)
    ]
    machine = run(master, news)
    found = machine.open.get("line_stop:plant/L1")
    expected = simulated(stock, receipts, orders, takes)
    assert (found is None) == (expected is None), expected
    if found is not None:
        minute, one, begun = expected
        assert found.stockout_p50 == utc(START + minute * MINUTE)
        assert found.numbers["units_before"] == begun
        missing = {
            cover.part
            for cover in machine.record(PRODUCTION, "plant/L1").covers.values()
            if cover.stops_at == found.stockout_p50
        }
        assert one in missing


def test_ways_out_of_a_stop():
    master = [
        item("X", made_on="L1"),
        item("Y", made_on="L1"),
        item("A"),
        item("S"),
        item("B"),
        bill("X", part("A", 2, alternates=(Alternate(sku="S", quantity=4),))),
        bill("Y", part("B")),
    ]
    news = [count("A", 10), count("S", 41), count("B", 1000)]
    news += [released("P1", "X", 30), released("P2", "Y", 60, starts_at=utc(START + 3 * DAY))]
    machine = run(master, news)
    alert = machine.open["line_stop:plant/L1"]
    assert (alert.sku, alert.order_id, alert.numbers["units"], alert.numbers["short"]) == (
        "A",
        "P1",
        5,
        50,
    )
    ways = {one.kind: one for one in alert.alternatives}
    assert (ways["alternate"].alternate, ways["alternate"].quantity) == ("S", 41)
    assert (ways["sequence"].order_id, ways["sequence"].quantity) == ("P2", 60)
    assert ways["source"].supplier == "ACME"
    assert "use S in place of A" in alert.sentence
    instead = (Substitute(sku="S", in_place_of="A"),)
    machine = run(master, news, [released("P1", "X", 10, at=START + 60.0, instead=instead)])
    assert "line_stop:plant/L1" not in machine.open


def test_a_part_for_two_lines_stops_both():
    master = [
        item("X", made_on="L1"),
        item("Y", made_on="L2"),
        item("A"),
        bill("X", part("A")),
        bill("Y", part("A")),
    ]
    news = [count("A", 30), released("P1", "X", 30), released("P2", "Y", 30, line="L2")]
    machine = run(master, news)
    first, second = machine.open["line_stop:plant/L1"], machine.open["line_stop:plant/L2"]
    assert first.numbers["units"] + second.numbers["units"] == 30
