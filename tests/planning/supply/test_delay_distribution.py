"""The distribution of days after the promise: what it learns, borrows and allows."""

import math
import random
import statistics
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from stockpyl import supply_uncertainty

from andon.planning.policy.policy import critical_ratio
from andon.planning.supply.delay_distribution import (
    DISCOUNTS,
    GRID,
    PRIOR,
    delays_of_way,
    expected_days,
    learn_delay,
    nearest,
    outstanding,
    own_delays,
    quantile,
    spread,
)
from andon.schemas.scorecards import Scorecard


@pytest.mark.parametrize(
    ("days", "day"),
    [(0.0, 0), (-0.2, 0), (1.4, 1), (4.1, 4), (-500, -365), (999, 365), (26, 27), (-96, -94)],
)
def test_days_are_counted_where_they_are_nearest(days, day):
    assert nearest(days) == day


@given(st.floats(-400, 400))
def test_the_nearest_day_is_the_nearest(days):
    assert abs(nearest(days) - days) == min(abs(day - days) for day in GRID)


counted = st.dictionaries(st.sampled_from(GRID), st.floats(0.01, 50.0), max_size=8)


KINDS = ("network", "mode", "lane", "carrier", "supplier", "source")
ways = st.dictionaries(st.sampled_from(KINDS), counted)


@given(ways)
def test_a_way_has_a_distribution(groups):
    found = delays_of_way(groups)
    assert sum(found.values()) == pytest.approx(1.0)
    assert list(found) == sorted(found)
    assert quantile(found, 0.1) <= quantile(found, 0.5) <= quantile(found, 0.95)
    assert spread(found) >= 0


def posterior_mean(wider, counts, borrowed):
    """The mean of a Dirichlet that borrows so many deliveries from a wider group, by scipy."""
    alpha = [max(borrowed * wider[day] + counts.get(day, 0.0), 1e-300) for day in GRID]
    return dict(zip(GRID, stats.dirichlet(alpha).mean(), strict=True))


@given(ways)
def test_each_group_is_the_posterior_mean_of_a_dirichlet_centred_on_the_wider_one(groups):
    wider = {day: PRIOR.get(day, 0.0) for day in GRID}
    wider = posterior_mean(wider, groups.get("network", {}), 4.0)
    sides = [
        posterior_mean(wider, groups[kind], 16.0)
        for kind in ("mode", "lane", "carrier")
        if groups.get(kind)
    ]
    if sides:
        wider = {day: statistics.fmean(side[day] for side in sides) for day in GRID}
    wider = posterior_mean(wider, groups.get("supplier", {}), 16.0)
    wider = posterior_mean(wider, groups.get("source", {}), 8.0)
    found = delays_of_way(groups)
    assert {day: found.get(day, 0.0) for day in GRID} == pytest.approx(wider)


def test_of_mode_lane_and_carrier_each_says_its_part_in_no_order():
    late, early = {30: 40.0}, {-30: 40.0}
    found = delays_of_way({"mode": late, "carrier": early})
    assert found == delays_of_way({"mode": early, "carrier": late})
    assert found[30] == pytest.approx(found[-30])


def test_a_group_without_deliveries_is_believed_to_be_like_the_wider_one():
    wider: dict[int, float] = {}
    for _ in range(400):
        learn_delay(wider, 10.0, 0.99)
    assert quantile(delays_of_way({"supplier": wider}), 0.5) == 10.0
    assert delays_of_way({"supplier": wider, "source": {}}) == delays_of_way({"supplier": wider})
    assert delays_of_way({}) == pytest.approx(PRIOR)


def test_many_deliveries_of_its_own_outweigh_the_wider_group():
    own: dict[int, float] = {}
    for _ in range(60):
        learn_delay(own, 7.0, DISCOUNTS["supplier"])
    assert quantile(delays_of_way({"network": {0: 30.0}, "supplier": own}), 0.5) == 7.0


def test_old_deliveries_are_forgotten():
    counts: dict[int, float] = {}
    for _ in range(300):
        learn_delay(counts, 30.0, 0.95)
    for _ in range(300):
        learn_delay(counts, 0.0, 0.95)
    assert quantile(own_delays(counts), 0.9) == 0.0
    assert sum(counts.values()) == pytest.approx(1 / (1 - 0.95), rel=0.01)


def test_the_quantiles_are_those_of_what_was_drawn():
    chance = random.Random(2)
    drawn = [chance.choice((0, 0, 0, 0, 0, 0, 1, 3, 7, 21)) for _ in range(3000)]
    counts: dict[int, float] = {}
    for days in drawn:
        learn_delay(counts, days, 0.99)
    found = own_delays(counts)
    assert quantile(found, 0.5) == 0
    assert quantile(found, 0.97) == 21
    assert quantile(found, 0.75) in (3, 7)


def test_what_is_outstanding_is_what_came_later_still():
    delays = {0: 0.6, 2: 0.2, 10: 0.1, 30: 0.1}
    assert outstanding(delays, 5.0) == {10: pytest.approx(0.5), 30: pytest.approx(0.5)}
    assert outstanding(delays, 30.0) is None


@given(counted.filter(bool), st.floats(-400, 400))
def test_what_is_expected_has_the_least_mean_absolute_error_of_what_is_left(counts, elapsed):
    delays = own_delays(counts)
    left = {day: share for day, share in delays.items() if day > elapsed}

    def error(guess):
        return sum(share * abs(day - guess) for day, share in left.items())

    expected = expected_days(delays, elapsed)
    assert left == {} or error(expected) <= min(error(day) for day in left) + 1e-9


@pytest.mark.parametrize(
    ("elapsed", "expected"), [(-90.0, -17.0), (-17.5, -17.0), (-17.0, 0.0), (-0.5, 0.0), (0.5, 6.0)]
)
def test_a_way_that_comes_early_is_expected_early_until_it_is_not_there(elapsed, expected):
    assert expected_days({-17: 0.6, 0: 0.3, 6: 0.1}, elapsed) == expected


def test_beyond_all_that_ever_came_the_promise_is_all_there_is():
    assert expected_days({0: 1.0}, 3.0) == 0.0


def test_the_types_of_scorecards_are_those_that_have_a_discount():
    (kind,) = (one for one in msgspec.structs.fields(Scorecard) if one.name == "type")
    assert set(get_args(kind.type)) == set(DISCOUNTS)
    assert DISCOUNTS["source"] < DISCOUNTS["supplier"] < DISCOUNTS["network"]


@pytest.mark.parametrize(
    ("holding", "stockout", "disrupted", "recovers"),
    [
        (0.25, 3.0, 0.04, 0.25),
        (0.25, 30.0, 0.04, 0.25),
        (1.0, 9.0, 0.2, 0.5),
        (0.1, 50.0, 0.02, 0.1),
    ],
)
def test_the_stock_that_outlasts_a_disrupted_supply_is_that_of_stockpyl(
    holding, stockout, disrupted, recovers, monkeypatch
):
    """Snyder and Shen, Example 9.3: stock for one period and the quantile of the periods without supply."""
    # stockpyl 1.0.2 calls log with a base, after a star import has put another log in math's place.
    monkeypatch.setattr(supply_uncertainty, "log", math.log)
    out = disrupted / (disrupted + recovers)
    waits = {0: 1 - out} | {
        periods: out * recovers * (1 - recovers) ** (periods - 1) for periods in range(1, 400)
    }
    base_stock, _ = supply_uncertainty.newsvendor_with_disruptions(
        holding, stockout, 2000.0, disrupted, recovers
    )
    periods = quantile(waits, critical_ratio(stockout, holding))
    assert 2000.0 * (1 + periods) == pytest.approx(base_stock)
