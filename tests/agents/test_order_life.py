"""The life of a production order through the agents: what is called off, leaves its line, or is heard of long after it was done."""

import itertools
import random
from io import StringIO

import msgspec
import pytest
from rich.console import Console
from support.works import (
    DAY,
    START,
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

from andon.agents import books, kanban, production
from andon.agents.pages import describe
from andon.agents.tables import BOOKS, PRODUCTION
from andon.cli.item import panel
from andon.planning.book import making, parts, receiving
from andon.planning.production import line, loops, remembered, state
from andon.schemas.boms import Alternate
from andon.schemas.common import utc
from andon.schemas.kanban import MOST_CARDS


def plain(value):
    return msgspec.json.decode(msgspec.json.encode(value))


MASTER = [item("Z", made_on="L1", expected_daily_demand=0.0), item("A"), item("C")]
STOCK = [count(sku, 1000) for sku in "ZAC"]
BEGUN = bill("Z", part("A", 2, backflush="started"), part("C"))


def all_of(machine, skus="ZAC"):
    return [stock_of(machine, sku) for sku in skus]


@pytest.mark.parametrize(
    ("ends", "left"),
    [
        ([], [1005, 960, 995]),
        ([order("P1", "Z", "finished", START + 9000.0)], [1005, 960, 995]),
        ([order("P1", "Z", "cancelled", START + 9000.0)], [1005, 990, 995]),
        ([released("P1", "Z", 20, at=START + 9000.0, line="L2")], [1005, 990, 995]),
        ([released("P1", "A", 20, at=START + 9000.0)], [1005, 990, 995]),
        (
            [
                order("P1", "Z", "cancelled", START + 9000.0),
                released("P1", "Z", 20, at=START + 9100.0),
            ],
            [1005, 960, 995],
        ),
    ],
)
def test_what_lies_on_a_line_goes_back_when_its_order_is_called_off(ends, left):
    news = [
        released(),
        order("P1", "Z", "started", START + 3600.0),
        order("P1", "Z", "made", START + 7200.0, quantity=5),
        *ends,
    ]
    for told in itertools.permutations(news) if len(news) < 5 else [news, news[::-1]]:
        assert all_of(run([*MASTER, BEGUN], STOCK, *([one] for one in told))) == left


def test_an_order_that_has_left_a_line_is_none_of_it_any_more():
    news = [released("P1"), released("P2", "Z", 7, at=START + 60.0)]
    moved = released("P1", at=START + 600.0, line="L2")
    machine = run([*MASTER, bill("Z", part("A"))], [count("A", 5), *STOCK[2:]], news, [moved])
    here = machine.record(PRODUCTION, "plant/L1")
    assert [name for name, one in here.orders.items() if one.left] == ["P2"]
    assert machine.open["line_stop:plant/L1"].order_id == "P2"
    assert machine.open["line_stop:plant/L2"].order_id == "P1"
    # Called back, it is one of this line again.
    machine = run(
        [*MASTER, bill("Z", part("A"))], STOCK, news, [moved], [released("P1", at=START + 700.0)]
    )
    assert machine.record(PRODUCTION, "plant/L1").orders["P1"].left == 20
    assert machine.record(PRODUCTION, "plant/L2").orders["P1"].left == 0
    assert machine.record(BOOKS, "plant/Z").on_order == 27


@pytest.mark.parametrize("seed", range(12))
def test_no_report_is_booked_twice_however_late_it_is_repeated(seed, monkeypatch):
    for module, name, most in (
        (remembered, "MOST_DONE", 6),
        (remembered, "MOST_NUMBERS", 5),
        (receiving, "MOST_DONE", 2),
        (parts, "MOST_DONE", 3),
        (parts, "MOST_UNFOLDED", 1),
    ):
        monkeypatch.setattr(module, name, most)
    refused = []
    monkeypatch.setattr(
        Plant, "says", lambda self, family, record: refused.append(family == "deadletters")
    )
    rng = random.Random(seed)
    orders = []
    for number in range(24):
        at, name = START + 600.0 * number, f"P{number}"
        orders.append(
            [
                released(name, "Z", 2, at=at, starts_at=utc(at + 60.0)),
                order(name, "Z", "made", at + 100.0, quantity=1),
                order(name, "Z", "made", at + 160.0, quantity=1, scrapped=rng.randint(0, 1)),
            ]
        )
    made = sum(2 + one[2][1].scrapped for one in orders)
    again = rng.choices([event for one in orders for event in one], k=20)
    master = [*MASTER, bill("Z", part("A", 2), part("C"))]
    machine = run(master, STOCK, *orders, *([event] for event in again))
    assert all_of(machine) == [1048, 1000 - 2 * made, 1000 - made]
    # A late report of an order that is still known counts; of one that is not, it is said.
    late = [order(f"P{number}", "Z", "made", START + 2e5, quantity=1) for number in (0, 12, 22)]
    refused.clear()
    machine = run(master, STOCK, *orders, *([event] for event in late))
    assert stock_of(machine, "Z") == 1048 + 3 - sum(refused)
    assert sum(refused) >= 1
    assert stock_of(machine, "C") == 1000 - made - 3 + sum(refused)


TODAY, CHANGE = utc(START).date(), utc(START + DAY).date()
#: From tomorrow on C goes into it in place of A.
VALID = bill("Z", part("A", valid_until=TODAY), part("C", valid_from=CHANGE))


@pytest.mark.parametrize(
    ("news", "left"),
    [
        # It was to begin today, and is reported tomorrow.
        ([released()], [1004, 996, 1000]),
        # It was said to have begun today, or tomorrow.
        ([released(), order("P1", "Z", "started", START + 3600.0)], [1004, 996, 1000]),
        ([released(), order("P1", "Z", "started", START + DAY + 60.0)], [1004, 1000, 996]),
        # Nobody said when it was to begin: with what was made first.
        ([released(starts_at=None)], [1004, 1000, 996]),
    ],
)
def test_an_order_is_made_of_what_was_valid_when_it_began(news, left):
    made = [
        order("P1", "Z", "made", START + DAY + 7200.0, quantity=3),
        order("P1", "Z", "made", START + DAY + 7300.0, quantity=1),
    ]
    for told in itertools.permutations([*news, *made]):
        assert all_of(run([*MASTER, VALID], STOCK, *([one] for one in told))) == left


def test_a_part_that_is_needed_before_the_begin_stops_the_line_at_the_begin():
    early = bill("Z", part("A", 1, offset_days=-2.0))
    times = {"starts_at": utc(START + 5 * DAY), "minutes_each": 60.0}
    machine = run([*MASTER, early], [count("A", 7)], [released("P1", "Z", 10, **times)])
    alert = machine.open["line_stop:plant/L1"]
    assert alert.stockout_p50 == utc(START + 5 * DAY + 7 * 3600.0)
    assert (alert.numbers["units"], alert.numbers["short"]) == (7, 3)
    # What should be there already is needed now, and not at the pace of the line.
    soon = released("P1", "Z", 10, starts_at=utc(START + 3600.0), minutes_each=60.0)
    machine = run([*MASTER, early], [count("A", 7)], [soon])
    assert machine.open["line_stop:plant/L1"].stockout_p50 == utc(START + 8 * 3600.0)
    late = bill("Z", part("A", 1, offset_days=0.5))
    machine = run([*MASTER, late], [count("A", 7)], [released("P1", "Z", 10, **times)])
    alert = machine.open["line_stop:plant/L1"]
    assert alert.stockout_p50 == utc(START + 5.5 * DAY + 7 * 3600.0)
    assert alert.numbers["units"] == 7


def test_what_is_planned_to_begin_today_is_what_is_asked_for():
    master = [
        item("Z", made_on="L1", expected_daily_demand=10.0, order_cost=100.0, unit_cost=5.0),
        item("A"),
        bill("Z", part("A", 2)),
    ]
    machine = run(master, [count("Z", 5), count("A", 0)])
    asked = machine.open["replenish:plant/Z"].order_quantity
    wanted = machine.record(BOOKS, "plant/A").production.wanted["Z"].planned
    today = min(day for day, _ in wanted)
    assert asked > 100, "an order covers many days of sales"
    assert dict(wanted)[today] == pytest.approx(2 * asked, abs=2 * 12)
    # What is kept against chance is planned for, too.
    safety = machine.record(BOOKS, "plant/Z").targets.safety_stock
    sold = 10 * 60
    assert sum(quantity for _, quantity in wanted) >= 2 * (sold + safety - 5)


def test_an_item_shows_what_it_is_made_of_its_orders_and_where_it_is_used():
    master = [item("Z", made_on="L1", expected_daily_demand=10.0), item("A")]
    other = Alternate(sku="S")
    machine = run(
        [*master, bill("Z", part("A", 2, alternates=(other,)))],
        STOCK[1:2],
        [released(quantity=5), order("P1", "Z", "made", START + 7200.0, quantity=2)],
    )
    made, used = (
        plain(describe(machine.record(BOOKS, f"plant/{sku}"), f"plant/{sku}")) for sku in "ZA"
    )
    (component,) = made["production"]["components"]
    assert (component["sku"], component["quantity"], component["alternates"]) == ("A", 2.0, ["S"])
    assert component["planned"] > 0
    assert [
        (one["order_id"], one["line"], one["left"]) for one in made["production"]["orders"]
    ] == [("P1", "L1", 3)]
    (use,) = used["production"]["used_in"]
    assert (use["sku"], use["used"], use["on_lines"]) == ("Z", 4, 6.0)
    console = Console(file=StringIO(), width=120)
    for key, told in (("plant/Z", made), ("plant/A", used)):
        console.print(panel(key, told))
    shown = console.file.getvalue()
    assert all(word in shown for word in ("Made of", "Production orders", "Used in", "P1"))


@pytest.mark.parametrize(
    ("said", "bound"),
    [
        (books._REFUSED[making.TOO_MANY_RUNS], state.MOST_RUNS),
        (books._REFUSED[making.TOO_MANY_USERS], state.MOST_USERS),
        (production._REFUSED[line.TOO_MANY], line.MOST_OPEN),
        (production._REFUSED[line.TOO_MANY_REPORTS], line.MOST_REPORTS),
        (kanban._TOO_MANY_CARDS, MOST_CARDS),
    ],
)
def test_what_is_refused_names_the_bound_that_it_is_refused_by(said, bound):
    assert f"{bound:,}" in said
    assert loops.MOST_CARDS == MOST_CARDS


def test_an_order_too_many_is_refused_by_its_own_bound(monkeypatch):
    said = []
    monkeypatch.setattr(
        Plant,
        "says",
        lambda self, family, record: (
            said.append(dict(record.headers)) if family == "deadletters" else None
        ),
    )
    many = [
        released(f"P{number}", "Z", 5, at=START + number) for number in range(state.MOST_RUNS + 1)
    ]
    run([*MASTER, bill("Z", part("A"))], STOCK, many)
    assert [b"too_many_runs" in str(one).encode() for one in said] == [True]
    assert "100 open production orders" in str(said[0])
