"""Demand that varies less than a Poisson's is believed to, as far as its own days bear it out; a Poisson's stays one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import Demand
from andon.planning.demand.surprise import regularity

FIRST = 20_000


def after(sold):
    demand = Demand(closed=FIRST - 1)
    for day, units in enumerate(sold, FIRST):
        demands.record(demand, day, int(units))
        demands.close_through(demand, day)
    return demand


@pytest.mark.parametrize("rate", [0.05, 0.4, 2.0, 10.0, 60.0])
@pytest.mark.parametrize("days", [60, 400])
def test_a_poisson_keeps_its_variance_to_one_in_a_hundred(rate, days):
    chance = np.random.default_rng([int(rate * 100), days])
    found = [after(chance.poisson(rate, days)).regularity for _ in range(20)]
    assert np.mean(found) > 0.99


@pytest.mark.parametrize(("rate", "sd"), [(40, 2.0), (20, 1.0), (80, 4.0)])
def test_what_a_line_takes_is_known_by_half_a_year_to_vary_little(rate, sd):
    demand = after(np.random.default_rng(1).normal(rate, sd, 180).round())
    seen = sd**2 / rate
    assert seen < demand.regularity < 2.5 * seen
    week = demands.over_days(demand, demand.day, 7.0)
    assert week.variance < 0.5 * week.mean
    assert week.mean == pytest.approx(7 * rate, rel=0.02)


def test_ten_every_working_day_is_no_poisson():
    demand = after(np.resize([10, 10, 10, 10, 10, 0, 0], 364))
    assert demand.regularity < 0.3


def test_less_than_four_weeks_prove_nothing():
    assert after([10] * 27).regularity == 1.0
    assert after([10] * 28).regularity < 0.5


def test_another_forecast_speaks_with_its_own_spread():
    demand = after([10] * 200)
    assert demand.dispersion < 0.2
    demand.variance_factor = 1.5
    assert demand.regularity == 1.0
    assert demand.dispersion == 1.5


@given(st.floats(0, 1e6), st.floats(1e-6, 1e6), st.integers(0, 4000))
def test_it_is_a_share_and_never_less_than_what_was_seen(spread, expected, days):
    found = regularity(spread, expected, days)
    assert 0 < found <= 1
    assert found == 1.0 or found >= spread / expected
