"""The risk of running out before relief against simulation, and the laws it must obey."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.planning.demand.demand import DAY, Demand, over
from andon.planning.policy.projection import project, wake_level
from andon.planning.policy.relief import SOONEST_DAYS, Receipt

NOW = 20_100 * DAY
#: What a Gauss rule of few points is out by.
ODDS, UNITS = 0.005, 0.05


def demand_of(daily, days=25.0):
    return Demand(a=daily * days, b=days)


def coming(*receipts):
    return [Receipt(NOW + days * DAY, spread, 100) for days, spread in receipts]


def simulated(stock, receipts, demand, runs=25_000):
    """Draw how late everything is, and what sells until the first receipt: a Gamma-Poisson with the level's own moments."""
    chance = random.Random(7)
    out = 0
    for _ in range(runs):
        late = chance.gauss(0.0, 1.0)
        days = max(min(comes(one, late) for one in receipts), SOONEST_DAYS)
        sold = over(demand, NOW, days)
        scale = sold.variance / sold.mean - 1
        rate = chance.gammavariate(sold.mean / scale, scale)
        out += poisson(chance, rate) > stock
    return out / runs


def comes(receipt, late):
    days, spread = (receipt.expected - NOW) / DAY, receipt.spread_days
    return days + (spread if late > 0 else min(spread, days / 4)) * late


def poisson(chance, rate):
    at, count = chance.expovariate(1.0), 0
    while at < rate:
        at += chance.expovariate(1.0)
        count += 1
    return count


@pytest.mark.parametrize(
    ("stock", "daily", "receipts"),
    [
        (20, 10.0, [(1.17, 1.0)]),
        (30, 10.0, [(2.0, 3.0)]),
        (60, 10.0, [(0.25, 17.0)]),
        (3, 0.3, [(4.0, 2.0)]),
        (15, 10.0, [(0.25, 6.0), (2.0, 1.0)]),
        (25, 4.0, [(9.0, 0.5), (5.0, 8.0), (5.0, 12.0)]),
        (6, 2.0, [(3.0, 0.0), (3.2, 1.0)]),
        (8, 2.0, [(4.0, 0.0), (3.0, 1.0)]),
        (20, 2.0, [(10.0, 1.0), (11.0, 6.0), (13.0, 0.2)]),
    ],
)
def test_the_risk_before_an_unsure_receipt_is_what_a_simulation_finds(stock, daily, receipts):
    demand, lines = demand_of(daily), coming(*receipts)
    assert project(stock, lines, demand, NOW).risk == pytest.approx(
        simulated(stock, lines, demand), abs=0.01
    )


@pytest.mark.parametrize("on_hand", [0, -3])
@pytest.mark.parametrize("spread", [0.0, 1.0, 17.0, 365.0])
def test_an_empty_shelf_with_demand_is_a_stockout_however_unsure_the_truck(on_hand, spread):
    found = project(on_hand, coming((0.25, spread)), demand_of(10.0), NOW)
    assert found.risk == 1.0
    assert found.short_units > 0


def test_the_less_sure_the_truck_the_more_is_short():
    short = [
        project(0, coming((0.25, spread)), demand_of(10.0), NOW).short_units
        for spread in (0.0, 1.0, 3.0, 17.0)
    ]
    assert short == sorted(short)
    assert short[-1] == pytest.approx(10 * (0.25 + 17 * 0.3989), rel=0.05)


days = st.floats(0.0, 40.0)
spreads = st.floats(0.0, 30.0)
more = st.floats(0.0, 15.0)
lines = st.lists(st.tuples(days, spreads), min_size=1, max_size=4)
stocks = st.integers(-20, 600)
levels = st.floats(0.02, 40.0)


def never_falls(before, after):
    assert after.risk >= before.risk - ODDS
    assert after.short_units >= before.short_units * (1 - UNITS) - UNITS


@given(stocks, levels, lines, st.integers(0, 3), more, more)
@settings(max_examples=120, deadline=None)
def test_the_risk_never_falls_as_a_receipt_gets_later_nor_the_shortage_as_all_get_less_sure(
    stock, daily, receipts, which, later, less_sure
):
    demand, which = demand_of(daily), which % len(receipts)
    days, spread = receipts[which]
    before = project(stock, coming(*receipts), demand, NOW)
    receipts[which] = (days + later, spread)
    after = project(stock, coming(*receipts), demand, NOW)
    never_falls(before, after)
    receipts = [(days, spread + less_sure) for days, spread in receipts]
    unsure = project(stock, coming(*receipts), demand, NOW)
    assert unsure.short_units >= after.short_units * (1 - UNITS) - UNITS


@given(stocks, levels, lines, st.integers(0, 50), st.floats(1.0, 3.0))
@settings(max_examples=120, deadline=None)
def test_the_risk_never_falls_as_promises_or_demand_grow(stock, daily, receipts, promised, times):
    lines = coming(*receipts)
    before = project(stock, lines, demand_of(daily), NOW)
    never_falls(before, project(stock - promised, lines, demand_of(daily), NOW))
    never_falls(before, project(stock, lines, demand_of(daily * times), NOW))


@given(stocks, levels, days, more)
@settings(max_examples=80, deadline=None)
def test_the_risk_never_falls_as_the_wait_for_an_order_grows(stock, daily, wait, longer):
    demand = demand_of(daily)
    before = project(stock, [], demand, NOW, wait)
    never_falls(before, project(stock, [], demand, NOW, wait + longer))


@given(st.integers(-20, 0), levels, lines)
def test_nothing_on_hand_with_demand_is_certain(stock, daily, receipts):
    assert project(stock, coming(*receipts), demand_of(daily), NOW).risk == 1.0


@given(stocks, levels, lines, st.integers(0, 3), more, more)
@settings(max_examples=80, deadline=None)
def test_a_receipt_that_gets_later_or_less_sure_never_postpones_the_stockout(
    stock, daily, receipts, which, later, less_sure
):
    demand, which = demand_of(daily), which % len(receipts)
    worse = list(receipts)
    worse[which] = (receipts[which][0] + later, receipts[which][1] + less_sure)
    before = project(stock, coming(*receipts), demand, NOW)
    after = project(stock, coming(*worse), demand, NOW)
    for early, late in (
        (after.stockout_p10, before.stockout_p10),
        (after.stockout_p50, before.stockout_p50),
    ):
        assert late is None or (early is not None and early <= late + DAY / 2)


@pytest.mark.parametrize("odds", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("receipts", [[(4.0, 1.0)], [(2.0, 3.0)], [(0.25, 8.0)]])
def test_above_the_wake_level_the_risk_is_not_much_more_than_the_odds(odds, receipts):
    demand, lines = demand_of(10.0), coming(*receipts)
    level = wake_level(lines, demand, NOW, odds, 5.0)
    assert project(level + 1, lines, demand, NOW).risk <= odds + 0.05
