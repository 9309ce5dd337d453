"""What a day that ran out teaches: of a slow mover only the size of its sale is open, and an empty shelf says nothing."""

import random
import statistics

import numpy as np
import pytest

from andon.planning.demand import demand as demands
from andon.planning.demand.state import Demand
from andon.planning.demand.unserved import wanted_beyond

FIRST = 20_000


def sold_from(stock, gap, least, most, seed, days=1500, lead_days=14):
    """Return the level over the truth, a mean of the second half, of an item that orders each day what was sold."""
    chance, demand = random.Random(seed), Demand(closed=FIRST - 1)
    on_hand, coming, ratios = stock, {}, []
    for day in range(days):
        on_hand += coming.pop(day, 0)
        wanted = chance.randint(least, most) if not day or chance.random() < 1 / gap else 0
        sold = min(wanted, on_hand)
        on_hand -= sold
        if sold:
            coming[day + lead_days] = sold
            demands.record(demand, FIRST + day, sold)
        demands.close_through(demand, FIRST + day, ran_out=on_hand <= 0)
        if day > days // 2:
            ratios.append(demand.level / ((least + most) / 2 / gap))
    return statistics.fmean(ratios)


@pytest.mark.parametrize(("gap", "least", "most"), [(10, 6, 18), (20, 12, 36), (40, 3, 7)])
@pytest.mark.parametrize("share", [0.8, 1.2, 2.0])
def test_the_level_of_a_slow_mover_that_often_runs_out_is_near_what_is_wanted(
    gap, least, most, share
):
    found = [sold_from(round(share * most), gap, least, most, seed) for seed in range(4)]
    assert 0.85 < statistics.fmean(found) < 1.25


@pytest.mark.parametrize(("rate", "mean"), [(0.02, 5), (0.05, 12), (0.1, 3)])
def test_a_sale_cut_short_counts_as_a_sale_of_at_least_that_size_does_on_average(rate, mean):
    """The oracle is a simulation of sales of one unit and a geometric number more."""
    chance = np.random.default_rng(1)
    sizes = chance.geometric(1 / mean, 400_000)
    variance = rate * float(np.mean(sizes.astype(float) ** 2))
    for sold in (1, mean, 2 * mean):
        truth = float(sizes[sizes >= sold].mean())
        found = wanted_beyond(sold, rate * mean, variance, float(mean))
        assert found == pytest.approx(truth, rel=0.1)


def test_a_day_with_nothing_on_the_shelf_teaches_a_slow_mover_nothing():
    demand = Demand(closed=FIRST - 1)
    for day in range(400):
        if day % 25 == 0:
            demands.record(demand, FIRST + day, 6)
        demands.close_through(demand, FIRST + day)
    before = (demand.a, demand.b, demand.slow_a, demand.slow_b, demand.slow_sales, demand.level)
    for day in range(400, 460):
        demands.close_through(demand, FIRST + day, ran_out=True)
    now = (demand.a, demand.b, demand.slow_a, demand.slow_b, demand.slow_sales, demand.level)
    assert now == before


def test_a_bulk_order_of_a_slow_mover_counts_whole():
    def level_after(bulk):
        demand = Demand(closed=FIRST - 1)
        for day in range(400):
            if day % 25 == 0:
                demands.record(demand, FIRST + day, bulk if day == 200 else 6)
            demands.close_through(demand, FIRST + day)
        return demand

    assert level_after(600).level > 1.5 * level_after(200).level
