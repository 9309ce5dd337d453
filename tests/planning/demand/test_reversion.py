"""A level goes back to its long run while an order is on its way: not at all in two weeks, by much in two months."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY, Demand
from andon.planning.demand.distributions import Distribution
from andon.planning.demand.reversion import reverted, reverting

FIRST = 20_000


def sold(daily):
    demand = Demand(closed=FIRST - 1)
    for day, units in enumerate(daily, FIRST):
        demands.record(demand, day, int(units))
        demands.close_through(demand, day)
    return demand


def ahead(demand, days):
    """Return what is expected of some days with the level as it is, and as it goes back."""
    plain = demands.over(demand, (demand.closed + 1) * DAY, days)
    return plain, reverting(demand, plain, days)


@pytest.mark.parametrize("days", [0.04, 1, 14, 15, 22, 61, 400])
def test_the_share_that_is_gone_is_the_mean_of_what_is_gone_each_day(days):
    steps = (np.arange(100_000) + 0.5) / 100_000 * days
    gone = 1 - np.exp(-np.maximum(steps - 14, 0) / 30)
    assert reverted(days) == pytest.approx(gone.mean(), abs=1e-6)


@given(st.floats(0.01, 4000), st.floats(0.01, 4000))
def test_the_farther_ahead_the_more_is_gone_and_never_all(one, other):
    near, far = sorted((one, other))
    assert 0 <= reverted(near) <= reverted(far) < 1


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.5, 400), st.integers(15, 60))
def test_what_is_expected_lies_between_the_level_of_late_and_the_long_run(
    usual, late, days, lately
):
    demand = sold([usual] * 200 + [late] * lately)
    plain, found = ahead(demand, days)
    weight = plain.mean / demand.level if demand.level else 0.0
    run = demand.slow_a / demand.slow_b * weight
    low, high = sorted((plain.mean, run))
    assert low - 1e-6 <= found.mean <= high + 1e-6
    assert found.mean <= 2 * plain.mean + 1e-6
    assert math.isfinite(found.variance)
    assert found.variance >= 0


@given(st.floats(0.1, 14), st.integers(0, 30))
def test_within_two_weeks_nothing_is_other_than_it_was(days, units):
    plain, found = ahead(sold([units] * 60), days)
    assert found == plain


def test_what_has_no_long_run_stays_as_it_is():
    plain = Distribution(60.0, 90.0)
    assert reverting(Demand(a=25.0, b=25.0), plain, 60.0) is plain


def test_on_steady_demand_what_two_months_need_is_said_more_steadily():
    chance = np.random.default_rng(5)
    demand = sold(chance.poisson(5, 365))
    plain, found = [], []
    for day in range(FIRST + 365, FIRST + 365 + 300):
        demands.record(demand, day, int(chance.poisson(5)))
        demands.close_through(demand, day)
        one, other = ahead(demand, 61)
        plain.append(one.mean)
        found.append(other.mean)
    assert np.std(found) < 0.75 * np.std(plain)
    assert np.mean(found) == pytest.approx(305, rel=0.03)
