"""The level and shape of demand: against batch sums, and on made and real series."""

import csv
import gzip
import math
import random
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.data import data_file

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY, Demand
from andon.planning.demand.spike import spike_threshold

FIRST = 20_000


def sell(demand, day, quantity):
    return demands.record(demand, day, quantity)


def learned(series, first=FIRST):
    demand = Demand()
    for step, sold in enumerate(series):
        sell(demand, first + step, sold)
        demands.close_through(demand, first + step)
    return demand


def test_the_level_is_the_discounted_ratio_of_sales_to_shape_drawn_to_that_of_the_long_run():
    series = [3, 0, 5, 4, 8, 2, 6] * 3
    demand = Demand()
    own = slow = (demand.a, demand.b)
    for step, sold in enumerate(series):
        shape = demands.factor(demand, FIRST + step)
        sell(demand, FIRST + step, sold)
        demands.close_through(demand, FIRST + step)
        own, slow = ((d * a + sold, d * b + shape) for d, (a, b) in ((0.96, own), (0.998, slow)))
    late, long = own[0] / own[1], slow[0] / slow[1]
    assert demand.level == pytest.approx(0.8 * late + 0.2 * long)
    assert late < demand.level < long or long < demand.level < late


def test_the_long_run_draws_a_level_that_has_fallen_up_by_a_fifth_of_itself_at_most():
    demand = learned([50] * 200 + [10] * 60)
    assert demand.slow_a / demand.slow_b > 20
    assert demand.level == pytest.approx(1.2 * demand.a / demand.b)


def test_a_state_from_before_the_long_run_begins_it_with_the_level_it_has():
    demand = learned([10] * 60)
    demand.slow_a = demand.slow_b = 0.0
    before = demand.level
    assert before == pytest.approx(demand.a / demand.b)
    sell(demand, FIRST + 60, 10)
    demands.close_through(demand, FIRST + 60)
    assert demand.level == pytest.approx(before, rel=0.02)


def test_the_week_has_unit_mean_whatever_was_learned():
    demand = learned([1, 2, 3, 4, 5, 6, 30] * 12)
    shape = demands.shape_of(demand, FIRST, 7)
    assert sum(shape) == pytest.approx(7)
    assert max(shape) == shape[6]


def test_a_weekday_pattern_is_found_and_its_size_is_shrunk():
    demand = learned([10, 10, 10, 10, 10, 10, 24] * 20)
    shape = demands.shape_of(demand, FIRST, 7)
    assert 1.5 < shape[6] < 24 / 12
    assert demand.level == pytest.approx(12, rel=0.1)


def test_days_without_sales_are_zeros_once_something_was_sold():
    demand = learned([10] * 30)
    demands.close_through(demand, FIRST + 60)
    assert demand.level < 4


def test_days_before_the_first_sale_are_not_evidence():
    demand = Demand()
    assert demands.close_through(demand, FIRST) == 0
    sell(demand, FIRST + 50, 7)
    assert demands.close_through(demand, FIRST + 50) == 1


def test_a_day_out_of_stock_teaches_nothing():
    demand = learned([10] * 30)
    before = demand.level
    demands.close_through(demand, FIRST + 40, in_stock_share=0.0)
    assert demand.level == before


def test_a_sale_of_a_closed_day_is_late():
    demand = learned([5, 5, 5])
    assert not sell(demand, FIRST, 1)
    assert sell(demand, FIRST + 3, 1)


def test_sales_of_open_days_may_come_in_any_order():
    in_order, shuffled = Demand(), Demand()
    sales = [(FIRST + step % 3, step) for step in range(12)]
    for day, quantity in sorted(sales):
        sell(in_order, day, quantity)
    for day, quantity in random.Random(4).sample(sales, len(sales)):
        sell(shuffled, day, quantity)
    demands.close_through(in_order, FIRST + 2)
    demands.close_through(shuffled, FIRST + 2)
    assert shuffled == in_order


def test_a_cancelled_sale_is_taken_back_out_of_its_open_day():
    demand = Demand()
    sell(demand, FIRST, 80_995)
    demands.unrecord(demand, FIRST, 80_995)
    assert demand.sold == 0


def test_a_single_spike_does_not_poison_the_level():
    steady, spiked = [10, 9, 11, 10] * 10, [10, 9, 11, 10] * 10
    spiked[-1] = 400
    assert learned(spiked).level < 1.25 * learned(steady).level


def test_a_lasting_shift_is_noticed_and_noise_is_not():
    chance = random.Random(2)
    steady = [chance.randint(7, 13) for _ in range(90)]
    assert abs(learned(steady).shift) < 8
    assert learned([*steady, *[22] * 8]).shift >= 8
    assert learned([*steady, *[2] * 12]).shift <= -8


def test_a_long_gap_closes_quickly_and_forgets():
    demand = learned([10] * 30)
    assert demands.close_through(demand, FIRST + 3000) <= 402
    assert demand.level < 0.02


def test_demand_over_an_interval_is_the_sum_of_its_days():
    demand = learned([5, 6, 7, 8, 9, 10, 20] * 10)
    day = FIRST + 70
    parts = sum(demands.expected(demand, day + step) for step in range(3))
    assert demands.over(demand, day * DAY, 3).mean == pytest.approx(parts)
    half = demands.over(demand, day * DAY, 0.5).mean
    assert half == pytest.approx(demands.expected(demand, day) / 2)


@pytest.mark.parametrize("days", [1.0, 6.5, 14.0, 15.0, 33.25, 90.0])
def test_long_intervals_take_whole_weeks_at_once_and_come_to_the_same(days):
    demand = learned([5, 6, 7, 8, 9, 10, 20] * 10)
    begin = (FIRST + 70.4) * DAY
    fine = sum(
        demands.over(demand, begin + step * DAY / 4, 0.25).mean for step in range(int(days * 4))
    )
    assert demands.over(demand, begin, days).mean == pytest.approx(fine)


def test_a_spike_threshold_lies_where_chance_ends():
    demand = learned([random.Random(step).randint(8, 12) for step in range(60)])
    usual = demands.over(demand, (FIRST + 60) * DAY, 1)
    assert usual.cdf(spike_threshold(demand, FIRST + 60) - 1) > 0.999


@settings(max_examples=60)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=60))
def test_closing_day_by_day_or_at_once_is_the_same(series):
    at_once = Demand()
    for step, sold in enumerate(series):
        if sold:
            sell(at_once, FIRST + step, sold)
    day_by_day = Demand()
    for step, sold in enumerate(series):
        if sold:
            sell(day_by_day, FIRST + step, sold)
        demands.close_through(day_by_day, FIRST + step)
    demands.close_through(at_once, FIRST + len(series) - 1)
    assert at_once.level == pytest.approx(day_by_day.level)
    assert at_once.days == day_by_day.days


def m5_series(count):
    path = data_file("m5/daily_sales.csv.gz")
    series = defaultdict(list)
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            series[row["item_id"], row["store_id"]].append(int(float(row["sales"])))
    names = sorted(series)
    return [series[name] for name in names[:: max(len(names) // count, 1)]][:count]


def test_it_beats_the_28_day_mean_by_weekday_on_real_sales_and_is_calibrated():
    """Rolled weekly over the last 8 weeks of M5 series: errors of 7-day sums, and how many the 90% quantile covers."""
    ours = theirs = total = covered = weeks = 0
    for series in m5_series(60):
        begin = len(series) - 56
        demand = learned(series[:begin])
        for week in range(begin, len(series), 7):
            actual = sum(series[week : week + 7])
            forecast = demands.over(demand, (FIRST + week) * DAY, 7)
            recent = series[week - 28 : week]
            ours += abs(forecast.mean - actual)
            theirs += abs(sum(recent) / 4 - actual)
            covered += actual <= forecast.quantile(0.9)
            total += actual
            weeks += 1
            for step in range(week, week + 7):
                sell(demand, FIRST + step, series[step])
                demands.close_through(demand, FIRST + step)
    print(
        f"week WAPE {ours / total:.4f}, 28-day mean {theirs / total:.4f}, 90%: {covered / weeks:.3f}"
    )
    assert ours < theirs
    assert math.isclose(covered / weeks, 0.9, abs_tol=0.07)


def test_a_lasting_change_of_demand_is_followed_within_two_weeks():
    """Ten a day for a year, then thirty: a level that only discounts by 0.97 a day would be at 17 after two weeks."""
    demand = Demand()
    chance = random.Random(5)
    for day in range(20_000, 20_365):
        demands.record(demand, day, round(chance.gauss(10, 3.2)))
        demands.close_through(demand, day)
    for day in range(20_365, 20_379):
        demands.record(demand, day, round(chance.gauss(30, 5.5)))
        demands.close_through(demand, day)
    assert demand.level > 22


def test_steady_demand_does_not_make_the_level_forget():
    demand = Demand()
    chance = random.Random(6)
    for day in range(20_000, 21_000):
        demands.record(demand, day, max(round(chance.gauss(10, 3.2)), 0))
        demands.close_through(demand, day)
    assert demand.b > 24
    assert demand.level == pytest.approx(10, abs=1)


@pytest.mark.parametrize(
    ("sold", "low", "high"), [(0, 9.9, 10.1), (9, 10.0, 10.2), (25, 10.3, 10.9)]
)
def test_a_day_that_ran_out_says_that_demand_was_at_least_what_sold(sold, low, high):
    demand = Demand()
    for day in range(20_000, 20_060):
        demands.record(demand, day, 10)
        demands.close_through(demand, day)
    assert demand.level == pytest.approx(10, abs=0.1)
    error = demand.error
    if sold:
        demands.record(demand, 20_060, sold)
    demands.close_through(demand, 20_060, ran_out=True)
    assert low < demand.level < high
    assert (demand.error > error) is (sold == 25)
    assert demand.closed == 20_060


def test_what_is_sold_from_too_little_stock_is_still_learned_as_it_was_wanted():
    """Poisson of ten a day, of which no more than nine can be sold: four days in seven run out."""
    chance = np.random.default_rng(7)
    demand = Demand()
    for day, wanted in enumerate(chance.poisson(10, 600).tolist(), 20_000):
        sold = min(wanted, 9)
        demands.record(demand, day, sold)
        demands.close_through(demand, day, ran_out=wanted >= 9)
    assert demand.level == pytest.approx(10, abs=0.9)


def silent_for(days, *, before=10, back=9):
    demand = learned([before] * 60)
    for step in range(days):
        demands.close_through(demand, FIRST + 60 + step)
    sell(demand, FIRST + 60 + days, back)
    demands.close_through(demand, FIRST + 60 + days)
    return demand


def test_an_item_that_sells_again_after_weeks_that_chance_cannot_explain_is_believed_to_be_back():
    demand = silent_for(30)
    assert demand.level == pytest.approx(10, abs=0.5)
    assert demand.b < 20
    assert demand.quiet == 0


def test_a_silence_that_is_usual_for_a_slow_mover_is_demand():
    demand = learned([0, 0, 0, 0, 1] * 30)
    level = demand.level
    demands.close_through(demand, FIRST + 150 + 12)
    sell(demand, FIRST + 163, 1)
    demands.close_through(demand, FIRST + 163)
    assert demand.level < level


def test_who_was_silent_for_half_a_year_begins_anew():
    assert silent_for(200).level < 1.5


def test_a_silence_without_stock_is_none():
    demand = learned([10] * 60)
    for step in range(30):
        demands.close_through(demand, FIRST + 60 + step, ran_out=True)
    assert demand.quiet == 0
    assert demand.level == pytest.approx(10, abs=0.5)
