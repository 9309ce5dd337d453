"""The distribution of days after the promise: what it learns, borrows and allows."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.delays import (
    GRID,
    PRIOR,
    blend_delays,
    learn_delay,
    nearest,
    outstanding,
    quantile,
    spread,
)


@pytest.mark.parametrize(
    ("days", "day"), [(0.0, 0), (-0.2, 0), (1.4, 1), (4.1, 5), (-500, -180), (999, 180), (26, 30)]
)
def test_days_are_counted_where_they_are_nearest(days, day):
    assert nearest(days) == day


@given(st.floats(-200, 200))
def test_the_nearest_day_is_the_nearest(days):
    assert abs(nearest(days) - days) == min(abs(day - days) for day in GRID)


counted = st.dictionaries(st.sampled_from(GRID), st.floats(0.01, 50.0), max_size=8)


@given(st.lists(counted, max_size=5))
def test_a_blend_is_a_distribution(groups):
    found = blend_delays(groups)
    assert sum(found.values()) == pytest.approx(1.0)
    assert list(found) == sorted(found)
    assert quantile(found, 0.1) <= quantile(found, 0.5) <= quantile(found, 0.95)
    assert spread(found) >= 0


def test_a_group_without_deliveries_is_believed_to_be_like_the_wider_one():
    wider: dict[int, float] = {}
    for _ in range(400):
        learn_delay(wider, 10.0)
    assert quantile(blend_delays([wider]), 0.5) == 10.0
    assert blend_delays([wider, {}]) == blend_delays([wider])
    assert blend_delays([]) == PRIOR


def test_many_deliveries_of_its_own_outweigh_the_wider_group():
    wider, own = {0: 80.0}, {}
    for _ in range(60):
        learn_delay(own, 7.0)
    assert quantile(blend_delays([wider, own]), 0.2) == 7.0


def test_old_deliveries_are_forgotten():
    counts: dict[int, float] = {}
    for _ in range(300):
        learn_delay(counts, 30.0)
    for _ in range(300):
        learn_delay(counts, 0.0)
    assert quantile(blend_delays([counts]), 0.9) == 0.0
    assert sum(counts.values()) == pytest.approx(1 / (1 - 0.99), rel=0.01)


def test_the_quantiles_are_those_of_what_was_drawn():
    chance = random.Random(2)
    drawn = [chance.choice((0, 0, 0, 0, 0, 0, 1, 3, 7, 21)) for _ in range(3000)]
    counts: dict[int, float] = {}
    for days in drawn:
        learn_delay(counts, days)
    found = blend_delays([counts])
    assert quantile(found, 0.5) == 0
    assert quantile(found, 0.97) == 21
    assert quantile(found, 0.75) in (3, 7)


def test_what_is_outstanding_is_what_came_later_still():
    delays = {0: 0.6, 2: 0.2, 10: 0.1, 30: 0.1}
    assert outstanding(delays, 5.0) == {10: pytest.approx(0.5), 30: pytest.approx(0.5)}
    assert outstanding(delays, 30.0) is None
