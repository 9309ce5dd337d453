"""What a buffer saves is what a simulated year is short without it, and never more than a year sells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand.distributions import Distribution
from andon.planning.policy.buffer_price import price_of_buffer

YEARS = 400


def short_a_year(rng, daily, lead, review, level):
    """Return the units a year that wait, of an order-up-to level that is filled every review, by simulation."""
    days = YEARS * 365
    sold = np.concatenate([[0], rng.poisson(daily, days).cumsum()])
    # An order at day t brings the position to the level; it is there from t + lead until the next one is.
    ordered = np.arange(0, days - lead - review, review)
    ends = np.maximum(sold[ordered + lead + review] - sold[ordered] - level, 0)
    begins = np.maximum(sold[ordered + lead] - sold[ordered] - level, 0)
    return (ends - begins).sum() / (len(ordered) * review) * 365.25


@pytest.mark.parametrize(
    ("daily", "lead", "review", "buffer"),
    [(5.0, 6, 1, 8), (5.0, 30, 1, 15), (0.5, 14, 6, 4), (20.0, 10, 10, 25), (3.0, 0, 7, 6)],
)
def test_it_is_what_a_simulation_is_short_without_it(daily, lead, review, buffer):
    mean = daily * (lead + review)
    _, saves = price_of_buffer(Distribution(mean, mean), buffer, review, lead + review)
    rng = np.random.default_rng(7)
    level = round(mean)
    simulated = short_a_year(rng, daily, lead, review, level) - short_a_year(
        rng, daily, lead, review, level + buffer
    )
    assert saves == pytest.approx(simulated, rel=0.12)


@given(
    st.floats(0.001, 1000), st.floats(1, 20), st.floats(0, 365), st.floats(0, 120), st.floats(0, 5)
)
def test_it_never_saves_more_than_a_year_sells(daily, dispersion, cycle, lead, deviations):
    days = lead + max(cycle, 1.0)
    needed = Distribution(daily * days, daily * days * dispersion)
    kept, saves = price_of_buffer(needed, deviations * needed.sd, cycle, days)
    assert kept == deviations * needed.sd
    assert 0 <= saves <= daily * 365.25 * 1.01 + 1e-6
