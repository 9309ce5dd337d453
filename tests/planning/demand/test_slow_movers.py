"""The level of what sells seldom, on renewal demand: even gaps, where it must hold always, and gaps by chance."""

import random
import statistics

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from andon.planning.decision.signals import SETTLED, SHIFTED
from andon.planning.demand import demand as demands
from andon.planning.demand.state import Demand
from andon.planning.demand.surprise import cusum, was_not_for_sale

FIRST = 20_000
#: After so many sales the level lies between these shares of the truth.
BANDS = {3: (0.5, 2.0), 10: (0.7, 1.5)}


def states(sold, first=FIRST):
    demand = Demand(closed=first - 1)
    for day, units in enumerate(sold, first):
        demands.record(demand, day, units)
        demands.close_through(demand, day)
        yield demand


def learned(sold):
    *_, demand = states(sold)
    return demand


def even(gap, size, days):
    return [0 if day % gap else size for day in range(days)]


def by_chance(gap, most, days, seed):
    """One to `most` units at a chance of one in `gap` a day, from a first sale on."""
    chance = random.Random(seed)
    sold = [chance.randint(1, most) if chance.random() < 1 / gap else 0 for _ in range(days)]
    return [1, *sold]


def ratios(sold, truth, sales):
    """Yield the level over the truth on each day from a number of sales until the next."""
    seen = 0
    for units, demand in zip(sold, states(sold), strict=True):
        seen += units > 0
        if seen == sales:
            yield demand.level / truth


@settings(max_examples=40, deadline=None)
@given(st.integers(5, 120), st.integers(1, 3), st.integers(0, 6), st.sampled_from(sorted(BANDS)))
def test_the_level_of_even_renewal_demand_is_near_the_truth_after_three_sales_and_nearer_after_ten(
    gap, size, weekday, sales
):
    low, high = BANDS[sales]
    sold = even(gap, size, gap * (sales + 1))
    seen = 0
    for units, demand in zip(sold, states(sold, FIRST + weekday), strict=True):
        seen += units > 0
        if seen >= sales:
            assert low <= demand.level / (size / gap) <= high


@pytest.mark.parametrize("gap", [5, 20, 60, 120])
@pytest.mark.parametrize(("sales", "share"), [(3, 0.55), (10, 0.5)])
def test_the_level_of_renewal_demand_by_chance_is_near_the_truth_in_the_median_and_mostly(
    gap, sales, share
):
    low, high = BANDS[sales]
    found = [
        one
        for seed in range(40)
        for one in ratios(by_chance(gap, 3, gap * (sales + 1) * 3, seed), 2 / gap, sales)
    ]
    assert low <= statistics.median(found) <= high
    assert sum(low <= one <= high for one in found) / len(found) >= share


def test_the_level_of_a_slow_mover_neither_falls_to_nothing_between_sales_nor_jumps_with_one():
    sold = even(90, 1, 1800)
    levels = [demand.level for demand in states(sold)][900:]
    assert max(levels) < 2 * min(levels)


def news(sold):
    """Return how often a new level is told of."""
    told, is_open = 0, False
    for demand in states(sold):
        holds = demand.days >= 14 and abs(demand.shift) >= (SETTLED if is_open else SHIFTED)
        told += holds and not is_open
        is_open = holds
    return told


@pytest.mark.parametrize("gap", [5, 30, 120])
@pytest.mark.parametrize("size", [1, 3])
def test_demand_that_stays_as_it_is_brings_no_news_of_a_new_level_in_ten_years(gap, size):
    assert news(even(gap, size, 3650)) == 0
    assert news(by_chance(gap, 2 * size - 1, 3650, gap + size)) <= 1


def test_a_slow_mover_that_comes_to_sell_ten_times_as_often_is_at_four_times_its_level_after_four_months():
    sold = [*even(60, 1, 1200), *even(6, 1, 120)]
    assert learned(sold).level > 4 / 60
    assert learned(even(60, 1, 1200)).level < 0.03


def test_a_slow_mover_that_ends_is_let_go():
    demand = learned([*even(20, 2, 600), *[0] * 360])
    assert demand.level < 0.3 * 2 / 20


def test_sales_by_dozens_are_not_cut_as_spikes():
    truth = 24 / 20
    demand = learned(even(20, 24, 600))
    assert demand.level == pytest.approx(truth, rel=0.3)
    assert demand.own_dispersion > 12


@pytest.mark.parametrize(
    ("quiet", "level", "dispersion", "busy", "says"),
    [
        (7, 10.0, 2.0, 0.99, True),
        (30, 1.0, 1.5, 0.6, True),
        # Two dozen every twelve days: a silence of three weeks is one more gap, whatever the units say.
        (21, 2.0, 15.0, 1 / 12, False),
        (60, 0.011, 1.0, 0.011, False),
        (200, 10.0, 1.0, 0.99, False),
    ],
)
def test_a_silence_is_judged_by_how_often_it_sells_as_well_as_by_how_much(
    quiet, level, dispersion, busy, says
):
    assert was_not_for_sale(quiet, level, dispersion, busy) is says


@pytest.mark.parametrize("mean", [0.01, 0.3, 1.0, 8.0, 400.0])
def test_the_rising_cusum_adds_up_the_likelihood_of_a_mean_a_deviation_higher(mean):
    sd = mean**0.5
    for sold in (int(mean) + 1, int(mean + 2 * sd) + 1, int(mean + 5 * sd) + 2):
        ratio = poisson.logpmf(sold, mean + sd) - poisson.logpmf(sold, mean)
        assert cusum(100.0, sold, mean, sd) - 100.0 == pytest.approx(ratio, rel=1e-9)


def test_of_many_a_day_the_cusum_is_the_standardised_error_less_half_a_deviation():
    assert cusum(100.0, 10_100, 10_000.0, 100.0) - 100.0 == pytest.approx(0.5, abs=0.02)
    assert cusum(-5.0, 9_900, 10_000.0, 100.0) == pytest.approx(-5.5)


def test_a_state_from_before_sales_were_counted_begins_with_about_as_many_as_it_had():
    for sold in ([3] * 400, even(30, 1, 900)):
        demand = learned(sold)
        old = msgspec.convert(msgspec.to_builtins(demand)[:-3], Demand)
        assert old.slow_sales == 0.0
        demands.close_through(old, FIRST + len(sold) + 1)
        demands.close_through(demand, FIRST + len(sold) + 1)
        assert old.level == pytest.approx(demand.level, rel=0.3)


def test_the_spread_of_a_slow_mover_covers_what_it_sells_in_a_lead_time():
    """Of one to three units every 20 days by chance, nine lead times in ten sell no more than its 90% quantile."""
    held = []
    for seed in range(12):
        sold = by_chance(20, 3, 1200, seed)
        for day, demand in enumerate(states(sold)):
            if day >= 400 and day % 14 == 0 and day + 15 <= len(sold):
                most = demands.over(demand, (FIRST + day + 1) * demands.DAY, 14.0).quantile(0.9)
                held.append(sum(sold[day + 1 : day + 15]) <= most)
    assert 0.88 <= np.mean(held) <= 0.97
