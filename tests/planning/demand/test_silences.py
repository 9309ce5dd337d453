"""Demand with its silences: against renewal demand and against a simulation of its two states, and the laws it obeys."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY, Demand, over_each
from andon.planning.demand.distributions import Distribution
from andon.planning.demand.silences import Sold, stopped, with_silences

FIRST = 20_000


def after(sold, first=FIRST):
    demand = Demand(closed=first - 1)
    for day, units in enumerate(sold, first):
        demands.record(demand, day, units)
        demands.close_through(demand, day)
    return demand


def until(demand, days):
    begin = (demand.closed + 1) * DAY
    return with_silences(demand, over_each(demand, begin))(days)


def by_chance(gap, most, days, seed):
    chance = random.Random(seed)
    return [chance.randint(1, most) if chance.random() < 1 / gap else 0 for _ in range(days)]


@pytest.mark.parametrize(("gap", "most"), [(5, 3), (8, 40), (20, 5), (30, 60)])
@pytest.mark.parametrize("days", [4, 10, 20])
def test_renewal_demand_is_silent_about_as_often_as_is_said(gap, most, days):
    said = [
        until(after(by_chance(gap, most, 500, seed)), days).short_of(0)[0] for seed in range(40)
    ]
    truth = 1 - (1 - 1 / gap) ** days
    assert math.fsum(said) / len(said) == pytest.approx(truth, abs=0.1)


@pytest.mark.parametrize(("gap", "most"), [(5, 3), (8, 40), (30, 60)])
def test_odds_of_renewal_demand_come_true(gap, most):
    chance = random.Random(3)
    said, happened = [], []
    for seed in range(60):
        sold = by_chance(gap, most, 900, seed)
        demand = Demand(closed=FIRST - 1)
        for place, units in enumerate(sold[:-20]):
            demands.record(demand, FIRST + place, units)
            demands.close_through(demand, FIRST + place)
            if place < 300 or place % 17:
                continue
            stock = chance.randint(1, max(round(2 * most / gap * 5), 1))
            said.append(until(demand, 10).short_of(stock)[0])
            happened.append(sum(sold[place + 1 : place + 11]) > stock)
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 1.0)):
        cases = [pair for pair in zip(said, happened, strict=True) if low <= pair[0] < high]
        if len(cases) >= 150:
            odds, came_true = (math.fsum(one) / len(cases) for one in zip(*cases, strict=True))
            assert odds == pytest.approx(came_true, abs=0.09), (low, high, len(cases))


def test_what_sells_daily_and_stops_has_probably_stopped():
    selling = [6] * 200
    chances = [stopped(after(selling + [0] * quiet)) for quiet in (0, 1, 2, 4, 8)]
    assert chances == sorted(chances)
    assert chances[0] < 0.02
    assert chances[-1] > 0.95


def test_the_odds_that_it_has_stopped_are_those_of_two_states():
    """Bayes by drawing: of items that sell on half of their days, which have been silent for four, how many have stopped."""
    chance = random.Random(5)
    silent = have_stopped = 0
    for _ in range(200_000):
        left = next((day for day in range(1, 5) if chance.random() < 0.003), 5)
        if all(day >= left or chance.random() < 0.5 for day in range(1, 5)):
            silent += 1
            have_stopped += left < 5
    demand = after([4, 0] * 100 + [4] + [0] * 4)
    assert stopped(demand) == pytest.approx(have_stopped / silent, abs=0.05)


def test_of_what_sells_seldom_a_silence_says_nothing():
    assert stopped(after(([3] + [0] * 9) * 30 + [0] * 40)) == 0.0


def test_a_sale_on_the_open_day_ends_the_silence():
    demand = after([6] * 200 + [0] * 6)
    assert stopped(demand) > 0.9
    demands.record(demand, demand.closed + 1, 1)
    assert stopped(demand) < 0.02


def test_what_is_hardly_known_has_no_silences_of_its_own():
    demand = Demand(a=30.0, b=5.0)
    plain = over_each(demand, FIRST * DAY)(7.0)
    for stock in (0, 10, 50):
        assert with_silences(demand, over_each(demand, FIRST * DAY))(7.0).short_of(
            stock
        ) == plain.short_of(stock)


def test_a_mean_stays_what_it_was_where_silence_says_nothing():
    demand = after(([5] + [0] * 9) * 40)
    for days in (1.0, 5.0, 30.0):
        plain = over_each(demand, (demand.closed + 1) * DAY)(days)
        assert until(demand, days).mean == pytest.approx(plain.mean, rel=0.25)


@given(
    st.floats(0, 0.99), st.floats(0, 50), st.floats(1, 8), st.integers(0, 1), st.integers(0, 120)
)
def test_what_is_short_of_more_stock_is_less(nothing, mean, times, first, stock):
    sold = Sold(nothing, Distribution(mean, mean * times), first)
    odds, short = sold.short_of(stock)
    more_odds, shorter = sold.short_of(stock + 1)
    assert 0 <= more_odds <= odds + 1e-12 <= 1 + 2e-12
    assert shorter <= short + 1e-9
    # One unit more serves as many as there were odds of wanting it.
    assert short - shorter == pytest.approx(odds, abs=1e-6)
    assert sold.short_of(0)[1] == pytest.approx(sold.mean, abs=1e-6)


@given(st.integers(2, 40), st.integers(1, 30), st.integers(0, 60), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_a_longer_wait_never_has_less_risk(gap, size, quiet, stock):
    demand = after(([size] + [0] * (gap - 1)) * 8 + [0] * quiet)
    risks = [until(demand, float(days)).short_of(stock) for days in (1, 2, 4, 7, 14, 30)]
    for (odds, short), (later_odds, more_short) in pairwise(risks):
        assert later_odds >= odds - 0.01
        assert more_short >= short * 0.98 - 0.02
