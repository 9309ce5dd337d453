"""The path of stock against simulation, and the laws it must obey."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY, Demand
from andon.planning.policy import projection
from andon.planning.policy.projection import bridge_quantity, project, wake_level
from andon.planning.policy.relief import Receipt

NOW = 20_100 * DAY


def demand_of(daily, seed=1):
    chance = random.Random(seed)
    demand = Demand()
    for day in range(20_000, 20_100):
        count = sum(chance.random() < daily / 1000 for _ in range(1000))
        demands.record(demand, day, count)
        demands.close_through(demand, day)
    return demand


TEN = demand_of(10)


def receipt(days, quantity=100, spread=0.0):
    return Receipt(NOW + days * DAY, spread, quantity)


def test_stock_runs_out_when_the_level_says():
    found = project(50, [], TEN, NOW)
    assert (found.stockout_p50 - NOW) / DAY == pytest.approx(50 / TEN.level, abs=0.5)
    assert found.stockout_p10 < found.stockout_p50


def test_a_receipt_in_time_prevents_the_stockout():
    assert project(80, [receipt(5, 10_000)], TEN, NOW).stockout_p50 is None


def test_a_receipt_too_late_does_not():
    found = project(30, [receipt(9, 10_000)], TEN, NOW)
    assert (found.stockout_p50 - NOW) / DAY == pytest.approx(3, abs=0.6)
    assert found.risk > 0.98


def test_no_stock_is_a_stockout_now():
    found = project(0, [receipt(2)], TEN, NOW)
    assert (found.stockout_p50, found.stockout_p10) == (NOW, NOW)


@pytest.mark.parametrize("on_hand", [20, 30, 40])
def test_the_risk_before_relief_is_what_a_simulation_finds(on_hand):
    chance = random.Random(5)
    runs = 4000
    out = 0
    for _ in range(runs):
        scale = TEN.level_variance / TEN.level
        level = chance.gammavariate(TEN.level / scale, scale)
        need = sum(chance.random() < 3 * level / 1000 for _ in range(1000))
        out += need > on_hand
    found = project(on_hand, [receipt(3)], TEN, NOW)
    assert found.risk == pytest.approx(out / runs, abs=0.03)


def test_with_nothing_on_order_the_risk_is_that_of_ordering_now():
    assert project(60, [], TEN, NOW, order_days=2).risk < 0.01
    assert project(60, [], TEN, NOW, order_days=9).risk > 0.95


def test_the_bridge_covers_the_gap_and_no_more():
    late = project(20, [receipt(6)], TEN, NOW)
    bridge = bridge_quantity(late, 20, TEN, NOW)
    assert 6 * TEN.level - 20 < bridge < 6 * TEN.level + 20
    assert bridge_quantity(project(500, [receipt(6)], TEN, NOW), 500, TEN, NOW) == 0
    assert bridge_quantity(project(20, [], TEN, NOW), 20, TEN, NOW) == 0


@pytest.mark.parametrize("odds", [0.1, 0.3, 0.5])
def test_the_wake_level_is_where_the_risk_reaches_the_odds(odds):
    receipts = [receipt(4)]
    level = wake_level(receipts, TEN, NOW, odds, 5.0)
    assert project(level, receipts, TEN, NOW).risk <= odds
    assert project(level - 2, receipts, TEN, NOW).risk > odds * 0.8


@settings(max_examples=80)
@given(st.integers(1, 200), st.integers(0, 60), st.floats(0.1, 20), st.floats(0, 3))
def test_more_stock_never_runs_out_earlier(on_hand, more, days, spread):
    receipts = [receipt(days, 50, spread)]
    less, plenty = (project(stock, receipts, TEN, NOW) for stock in (on_hand, on_hand + more))
    # What a Gauss rule of few points, each stock its own, is out by.
    assert plenty.risk <= less.risk + 0.005
    if plenty.stockout_p50 is not None:
        assert less.stockout_p50 <= plenty.stockout_p50


@settings(max_examples=80)
@given(st.integers(1, 200), st.floats(0.1, 15), st.floats(0, 10))
def test_a_delay_never_lowers_the_risk(on_hand, days, delay):
    prompt, late = (
        project(on_hand, [receipt(when, 50)], TEN, NOW) for when in (days, days + delay)
    )
    assert late.risk >= prompt.risk - 1e-9
    assert late.short_units >= prompt.short_units - 1e-9


@given(
    on_hand=st.integers(1, 40_000),
    daily=st.floats(0.5, 20),
    uplift=st.floats(1, 100),
    days=st.integers(0, 366),
)
@settings(max_examples=50, deadline=None)
def test_expected_demand_until_the_stock_is_gone_is_the_stock(on_hand, daily, uplift, days):
    demand = Demand(a=daily * 50, b=50.0)
    demands.plan_promotions(demand, [(110, 110 + days, uplift)])
    now = 100 * DAY
    dry = project(on_hand, [], demand, now).dry_p50
    used = demand.level * demands.shape_over(demand, now, (dry - now) / DAY)
    if dry < now + 4011 * DAY:
        assert used == pytest.approx(on_hand, rel=1e-6)
    else:
        assert used <= on_hand


def test_a_stock_that_outlasts_all_promotions_is_not_followed_week_by_week(monkeypatch):
    looks = []
    shape_over = demands.shape_over
    monkeypatch.setattr(
        projection, "shape_over", lambda *asked: looks.append(asked) or shape_over(*asked)
    )
    demand = Demand(a=500.0, b=50.0)
    demands.plan_promotions(demand, [(day, day + 366, 100.0) for day in range(100, 12_000, 366)])
    project(10**9, [], demand, 100 * DAY)
    project(10**6, [], demand, 100 * DAY)
    assert len(looks) < 50
