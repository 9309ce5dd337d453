"""How often a slow mover sells: against its batch oracle, and what it is for, demand that comes and goes."""

import math
import random

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY, Demand, over_each
from andon.planning.demand.frequency import Frequency, heard
from andon.planning.demand.inherit import scaled
from andon.planning.demand.late_days import learn_late
from andon.planning.demand.silences import compound, with_silences

FIRST = 20_000


def after(sold, first=FIRST):
    demand = Demand(closed=first - 1)
    for day, units in enumerate(sold, first):
        demands.record(demand, day, units)
        demands.close_through(demand, day)
    return demand


def seen(sold, share=1.0):
    often = Frequency(sales=1.0, days=10.0, units=2.0, squares=4.0)
    for units in sold:
        often.see(units, share)
    return often


def by_chance(rate, most, days, chance):
    return [chance.randint(1, most) if chance.random() < rate else 0 for _ in range(days)]


def test_the_rate_of_late_is_the_discounted_share_of_days_that_sold_with_half_a_sale_of_the_long_run():
    sold = by_chance(0.15, 5, 90, random.Random(1))
    often = seen(sold)
    left = 0.95 ** np.arange(len(sold) - 1, -1, -1)
    sales, days = float(left @ (np.array(sold) > 0)), float(left.sum())
    assert often.of_late == pytest.approx((sales + 0.5) / (days + 0.5 / often.usual))


def test_the_odds_of_the_two_rates_are_those_of_their_likelihoods():
    often = Frequency(sales=20.0, days=200.0, units=40.0, squares=100.0)
    expected = 0.0
    for units in by_chance(0.3, 3, 40, random.Random(2)):
        late, long = often.of_late, often.usual
        chances = (late, long) if units else (1 - late, 1 - long)
        expected = 0.995 * expected + math.log(chances[0]) - math.log(chances[1])
        often.see(units, 1.0)
    assert often.log_odds == pytest.approx(expected)
    assert often.late_share == pytest.approx(math.exp(expected) / (1 + math.exp(expected)))


@pytest.mark.parametrize("gap", [8, 20, 60])
def test_of_steady_demand_neither_rate_is_far_from_the_truth(gap):
    found = [seen(by_chance(1 / gap, 3, 900, random.Random(seed))) for seed in range(30)]
    for rates in ([one.usual for one in found], [one.of_late for one in found]):
        assert np.mean(rates) == pytest.approx(1 / gap, rel=0.25)


def test_of_demand_that_comes_and_goes_the_rate_of_late_is_believed():
    chance = random.Random(3)
    sold = [
        units
        for season in range(6)
        for units in by_chance(0.4 if season % 2 else 0.03, 4, 60, chance)
    ]
    often = seen(sold)
    assert often.late_share > 0.9
    assert often.of_late > 2 * often.usual


@given(st.lists(st.integers(0, 10_000), max_size=80), st.floats(0.01, 1.0))
def test_rates_and_odds_are_probabilities_whatever_sold(sold, share):
    often = seen(sold, share)
    assert 0 <= often.late_share <= 1
    assert 0 < often.of_late < math.inf
    assert often.squares * often.sales >= often.units**2 * (1 - 1e-9) / 5
    assert math.isfinite(often.log_odds)


def test_a_bulk_order_counts_toward_the_spread_of_sales_as_four_mean_ones():
    often = seen([2, 0, 0] * 20)
    before = often.squares
    often.see(100_000, 1.0)
    four = 4 * often.units / often.sales
    assert often.squares == pytest.approx(before + four**2, rel=0.01)
    assert four < 100_000


@pytest.mark.parametrize(
    ("sold", "is_watched"),
    [
        ([3] * 60, False),
        ([4, 4, 0] * 30, False),
        (([0] * 9 + [4]) * 4, True),
        ([5] * 60 + [0] * 5, False),
        ([5] * 60 + [0] * 8, True),
    ],
)
def test_what_sells_seldom_or_has_been_silent_for_a_week_is_watched(sold, is_watched):
    assert (after(sold).often is not None) is is_watched


def test_a_day_that_is_no_evidence_teaches_nothing():
    often = seen([2, 0, 0, 0])
    before = msgspec.structs.astuple(often)
    assert heard(often, 0, 0.0, (1.0, 10.0, 2.0), 3) is often
    assert msgspec.structs.astuple(often) == before


def test_an_item_that_stopped_and_came_back_is_known_by_the_days_that_sold():
    """Its level is restored when it returns; how often it sells is not."""
    sold = [6] * 60 + [0] * 120 + by_chance(0.05, 6, 200, random.Random(4))
    demand = after(sold)
    days_sold = sum(units > 0 for units in sold)
    assert demand.often is not None
    assert demand.often.usual < 1.5 * days_sold / len(sold)


@pytest.mark.parametrize(("sales", "sure"), [(0.3, 4.0), (1.5, 10.0), (6.0, 3.0)])
def test_a_compound_has_the_silences_mean_and_variance_of_its_simulation(sales, sure):
    chance = np.random.default_rng(5)
    counts = chance.poisson(chance.gamma(sure, sales / sure, 200_000))
    sizes = chance.integers(1, 10, counts.sum())
    drawn = np.add.reduceat(
        np.append(sizes, 0), np.minimum(np.cumsum(counts) - counts, len(sizes))
    ) * (counts > 0)
    found = compound(sales, sure, 5.0, float(np.mean(np.arange(1, 10) ** 2)))
    assert found.nothing == pytest.approx(np.mean(counts == 0), abs=0.005)
    assert found.mean == pytest.approx(drawn.mean(), rel=0.02)
    for stock in (2, 5, 10, 20):
        assert found.short_of(stock)[0] == pytest.approx(np.mean(drawn > stock), abs=0.06)


def test_odds_of_items_in_and_out_of_fashion_come_true_and_are_better_than_those_of_the_level_alone():
    chance = random.Random(6)
    errors = {"frequency": [], "level": []}
    said, happened = [], []
    for _ in range(40):
        sold = []
        while len(sold) < 700:
            rate = chance.choice((0.02, 0.06, 0.2))
            sold += by_chance(rate, 6, chance.randint(60, 160), chance)
        demand = Demand(closed=FIRST - 1)
        for place, units in enumerate(sold[:-10]):
            demands.record(demand, FIRST + place, units)
            demands.close_through(demand, FIRST + place)
            if place < 200 or place % 11:
                continue
            stock = chance.randint(1, 4)
            is_short = sum(sold[place + 1 : place + 11]) > stock
            plain = over_each(demand, (demand.closed + 1) * DAY)
            odds = with_silences(demand, plain)(10.0).short_of(stock)[0]
            said.append(odds)
            happened.append(is_short)
            errors["frequency"].append((odds - is_short) ** 2)
            kept, demand.often = demand.often, None
            level = with_silences(demand, plain)(10.0).short_of(stock)[0]
            demand.often = kept
            errors["level"].append((level - is_short) ** 2)
    assert np.mean(errors["frequency"]) < 0.97 * np.mean(errors["level"])
    assert np.mean(said) == pytest.approx(np.mean(happened), abs=0.05)


def test_a_successor_in_other_units_sells_as_often():
    demand = after(([0] * 9 + [4]) * 20)
    other = scaled(demand, 10.0)
    assert other.often is not demand.often
    assert other.often.usual == demand.often.usual
    assert other.often.units == pytest.approx(10 * demand.often.units)
    assert other.often.squares == pytest.approx(100 * demand.often.squares)


def test_a_state_from_before_days_were_counted_is_read_and_begins_with_the_long_run():
    demand = after(([0] * 19 + [4]) * 20)
    old = msgspec.convert(msgspec.to_builtins(demand)[:-2], Demand)
    assert old.often is None
    demands.close_through(old, FIRST + 401)
    assert old.often.usual == pytest.approx(1 / 20, rel=0.3)
    assert old.often.units / old.often.sales == pytest.approx(4.0, rel=0.3)


def test_a_sale_that_is_told_late_counts_as_much_as_if_it_had_been_told_in_time():
    sold = ([0] * 9 + [4]) * 10 + [0] * 12
    told, late = list(sold), after(sold)
    told[-5] = 3
    assert learn_late(late, FIRST + len(sold) - 5, 3)
    assert late.often.of_late == pytest.approx(after(told).often.of_late, rel=0.01)
    assert late.often.usual == pytest.approx(after(told).often.usual, rel=0.01)
    assert late.often.units == pytest.approx(after(told).often.units, rel=0.01)
