"""Pools: what items of a kind have in common, and what a new one makes of it."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning import demand as demands
from andon.planning.demand import Demand
from andon.planning.pool import Pool, lend, pool_of, teach
from andon.schemas.common import utc
from andon.schemas.items import Item, Source

FIRST = 20_000
WEEK = (0.5, 0.7, 0.8, 1.0, 1.2, 1.6, 1.2)


def item(**fields):
    source = Source(supplier="ACME", lead_time_days=5.0)
    return Item(location="S", sku="A", updated_at=utc(FIRST), sources=(source,), **fields)


def sold(days, *, daily=10.0, seed=1, demand=None):
    chance = np.random.default_rng(seed)
    demand = demand or Demand()
    for day in range(FIRST, FIRST + days):
        demands.record(demand, day, int(chance.poisson(daily * WEEK[day % 7])))
        demands.close_through(demand, day)
    return demand


def taught(weeks=40):
    pool = Pool()
    for seed in range(weeks):
        assert teach(pool, sold(120, seed=seed))
    return pool


@pytest.mark.parametrize(
    ("fields", "name"), [({}, "location:S"), ({"category": "tea"}, "category:tea")]
)
def test_items_are_pooled_by_category_or_else_by_location(fields, name):
    assert pool_of(item(**fields)) == name


def test_a_pool_is_the_discounted_mean_of_its_items_weeks_by_their_weight():
    members = [sold(120, daily=daily, seed=seed) for seed, daily in enumerate((2.0, 5.0, 30.0))] * 4
    pool, totals, weeks = Pool(), np.zeros(7), 0.0
    for one in members:
        teach(pool, one)
        weight = min(one.a / one.b / 10.0, 1.0)
        ratios = np.array(one.sales) / np.array(one.exposure)
        totals = totals * (1 - 0.02 * weight) + weight * ratios / ratios.mean()
        weeks = weeks * (1 - 0.02 * weight) + weight
    assert pool.totals == pytest.approx(totals.tolist())
    assert pool.weeks == pytest.approx(weeks)
    if pool.week is not None:
        assert pool.week == pytest.approx((totals / totals.mean()).tolist())


def test_a_pool_finds_the_week_that_its_items_have_in_common():
    week = taught().week
    assert sum(week) == pytest.approx(7)
    assert week == pytest.approx(WEEK, abs=0.12)


def test_an_item_that_is_new_or_never_sells_teaches_nothing():
    pool = Pool()
    assert not teach(pool, sold(30))
    assert not teach(pool, sold(120, daily=0.0))
    assert pool == Pool()


def test_what_few_have_taught_is_not_lent():
    demand = Demand()
    demands.start(demand, 10.0)
    assert not lend(taught(3), demand)
    assert demands.shape_of(demand, FIRST, 7) == [1.0] * 7


def test_a_new_item_with_an_expectation_begins_with_its_pool_s_week():
    pool, demand = taught(), Demand()
    demands.start(demand, 20.0)
    assert lend(pool, demand)
    shape = demands.shape_of(demand, FIRST - FIRST % 7, 7)
    assert sum(shape) == pytest.approx(7)
    assert demand.level == 20.0
    # Shrunk by a third, as if eight weeks of its own had been like this.
    assert shape == pytest.approx([1 + (one - 1) * 8 / 12.1 for one in pool.week], abs=0.01)


def test_an_item_of_which_nothing_is_known_borrows_after_its_first_day():
    pool, demand = taught(), Demand()
    assert not lend(pool, demand)
    sold(1, demand=demand)
    assert lend(pool, demand)
    assert max(demands.shape_of(demand, FIRST, 7)) > 1.2


def test_who_has_a_week_of_its_own_borrows_none_and_nobody_borrows_twice():
    pool = taught()
    assert not lend(pool, sold(8))
    young = sold(2)
    assert lend(pool, young)
    before = msgspec.msgpack.encode(young)
    assert not lend(pool, young)
    assert msgspec.msgpack.encode(young) == before


def test_new_items_that_borrow_are_less_wrong_in_their_first_weeks():
    pool, errors = taught(), {False: 0.0, True: 0.0}
    for seed in range(20):
        for borrows in errors:
            demand = Demand()
            demands.start(demand, 10.0)
            if borrows:
                lend(pool, demand)
            sold(28, seed=1000 + seed, demand=demand)
            errors[borrows] += demand.error
    assert errors[True] < 0.93 * errors[False]


@given(st.lists(st.floats(0.1, 50), min_size=2, max_size=6))
def test_whatever_it_was_taught_a_pool_s_week_has_unit_mean(daily):
    pool = Pool()
    for seed, one in enumerate(daily * 8):
        teach(pool, sold(70, daily=one, seed=seed))
    if pool.week is not None:
        assert sum(pool.week) == pytest.approx(7)
        assert min(pool.week) >= 0
