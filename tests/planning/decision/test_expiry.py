"""What of lots expires before it sells: against selling day by day, and as it is said."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stories import DAY, Story

from andon.planning.decision.expiry import expiring_lots
from andon.planning.decision.situation import situation_of
from andon.planning.demand import demand as demands
from andon.planning.demand.demand import Demand
from andon.planning.policy.waste import waste_by_lot
from andon.schemas.common import utc
from andon.schemas.stock import CountedLot

NOW = 20_100 * DAY


def demand_of(daily):
    chance = random.Random(1)
    demand = Demand()
    for day in range(20_000, 20_100):
        demands.record(demand, day, sum(chance.random() < daily / 1000 for _ in range(1000)))
        demands.close_through(demand, day)
    return demand


TEN = demand_of(10)
found_lots = st.lists(st.tuples(st.integers(0, 400), st.integers(-2, 25)), max_size=6).map(
    lambda lots: sorted(lots, key=lambda one: one[1])
)


@given(found_lots)
def test_what_expires_is_about_what_a_walk_over_days_leaves(found):
    told = waste_by_lot(found, TEN, NOW)
    left = [float(units) for units, _ in found]
    for day in range(26):
        wanted = TEN.level
        for place, (_, last) in enumerate(found):
            if last > day:
                part = min(left[place], wanted)
                left[place] -= part
                wanted -= part
    # Chance spoils a few more: the spread of what sells in 25 days is about 16.
    assert sum(told) == pytest.approx(sum(left), abs=30)
    assert all(0 <= units <= count for units, (count, _) in zip(told, found, strict=True))


@given(found_lots, st.integers(0, 5), st.integers(1, 9))
def test_more_of_a_lot_or_a_day_less_never_expires_less(found, place, more):
    if place >= len(found):
        return
    units, days = found[place]
    before = sum(waste_by_lot(found, TEN, NOW))
    larger = [*found[:place], (units + more, days), *found[place + 1 :]]
    sooner = sorted(
        [*found[:place], (units, days - more), *found[place + 1 :]], key=lambda one: one[1]
    )
    assert sum(waste_by_lot(larger, TEN, NOW)) >= before - 1e-6
    assert sum(waste_by_lot(sooner, TEN, NOW)) >= before - 1e-6


def test_what_expires_is_what_simulation_says_where_one_lot_is_left_over():
    chance = random.Random(7)
    lots = [(40, 3), (30, 30)]
    wasted = 0
    for _ in range(4000):
        sold = sum(chance.random() < TEN.level / 1000 for _ in range(3000))
        wasted += max(40 - sold, 0)
    told = waste_by_lot(lots, TEN, NOW)
    assert told[0] == pytest.approx(wasted / 4000, abs=0.7)
    assert told[1] < 0.1


def with_lots(*lots, others=0, **fields):
    story = Story(stock=5000, unit_cost=2.0, unit_price=None, order_cost=0.0, **fields)
    story.days(15)
    story.now += 60
    told = tuple(
        CountedLot(
            lot=lot,
            quantity=units,
            expires_on=(utc(story.now) + timedelta(days=days)).date(),
        )
        for lot, units, days in lots
    )
    story.said.clear()
    story.move("count", sum(units for _, units, _ in lots) + others, lots=told)
    return story


@pytest.mark.parametrize(
    ("lots", "others", "expire", "named"),
    [
        ((("A", 20, 30), ("B", 30, 60)), 0, {}, ()),
        ((("A", 100, 4), ("B", 30, 60)), 0, {"A": (50, 4)}, ("of the 100 of lot A expire after",)),
        ((("A", 12, -1), ("B", 30, 60)), 0, {"A": (12, -1)}, ("12 of lot A expired on",)),
        ((("A", 100, 4), ("B", 200, 9)), 0, {"A": (50, 4), "B": (150, 9)}, ("lot A", "lot B")),
    ],
)
def test_an_alert_names_what_expires_when_and_how_much(lots, others, expire, named):
    story = with_lots(*lots, others=others)
    view = situation_of(story.book, "S/A", story.now, story.supply)
    today = utc(story.now).date()
    found = {one.lot: (one.units, (one.expires_on - today).days) for one in expiring_lots(view)}
    assert found.keys() == expire.keys()
    for lot, (units, days) in expire.items():
        assert found[lot] == (pytest.approx(units, abs=12), days)
    alerts = story.alerts("overstock")
    if not expire:
        assert [one.status for one in alerts] == ["resolved"]
        return
    (alert,) = alerts
    assert alert.severity == "warning"
    assert [one.lot for one in alert.lots] == list(expire)
    assert alert.numbers["expiring"] == sum(one.units for one in alert.lots)
    assert all(text in alert.sentence for text in named)


def test_dated_lots_know_better_than_a_shelf_life():
    fresh = with_lots(("A", 100, 60), shelf_life_days=5.0)
    assert [one.status for one in fresh.alerts("overstock")] == ["resolved"]


def test_what_was_thrown_away_is_said_no_more():
    story = with_lots(("A", 12, -1), ("B", 30, 60))
    assert story.alerts("overstock")
    story.said.clear()
    story.move("spoilage", 12, lot="A")
    assert [one.status for one in story.alerts("overstock")] == ["resolved"]
