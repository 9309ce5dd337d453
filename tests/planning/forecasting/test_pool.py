"""Pools: what items of a kind have in common, and what a new one makes of it."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import Demand
from andon.planning.forecasting.pool import (
    Pool,
    added,
    borrow_week,
    lent_week,
    lent_year,
    names_of,
    pool_of,
    publish_pool,
    teach,
)
from andon.planning.forecasting.yearly_season import year_of
from andon.schemas.common import decode, utc
from andon.schemas.items import Item, Source
from andon.schemas.pools import PoolShare

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


def lend(pool, demand):
    return pool.week is not None and borrow_week(demand, pool.week)


@pytest.mark.parametrize(
    ("fields", "taught", "asked"),
    [
        ({}, "S/", ["location:S"]),
        ({"category": "tea"}, "S/tea", ["category:tea at S", "category:tea", "location:S"]),
    ],
)
def test_an_item_is_of_its_category_at_its_location_of_both_alone_or_of_its_location(
    fields, taught, asked
):
    assert pool_of(item(**fields)) == taught
    assert list(names_of("S", fields.get("category"))) == asked


def of_weeks(weeks, *, items=8, change=1.1):
    """A pool that so many items told of a number of weeks, in each of which more was sold than before."""
    year = year_of(2800, [change * 10.0 * items] * weeks, [10.0 * items] * weeks, [items] * weeks)
    return Pool([12.0] * 7, 12.0, year=year)


@pytest.mark.parametrize(
    ("pools", "lender"),
    [
        ([of_weeks(90), of_weeks(150), of_weeks(150)], "0"),
        ([of_weeks(77), of_weeks(78), of_weeks(150)], "1"),
        ([of_weeks(90, items=7), of_weeks(60, items=99), of_weeks(150)], "2"),
        ([of_weeks(90, items=7), of_weeks(77), of_weeks(10)], None),
        ([], None),
    ],
    ids=["the finest", "of a year and a half", "of eight items", "of none", "nothing known"],
)
def test_a_year_is_lent_by_the_finest_pool_that_has_seen_enough(pools, lender):
    lent = lent_year((str(place), pool) for place, pool in enumerate(pools))
    assert (lent.pool if lent else None) == lender
    if lent:
        assert lent.index[:2] == pytest.approx((1.1, 1.21))
        assert sum(lent.weekdays) == pytest.approx(7)


def test_a_pool_that_lost_its_items_a_year_ago_lends_nothing():
    pool = of_weeks(120)
    for week in range(pool.year.end, pool.year.end + 52):
        pool.year.see(week, 0.0, 0.0, 0)
    assert lent_year([("old", pool)]) is None


@pytest.mark.parametrize(
    ("pools", "lender"),
    [
        ([of_weeks(8), of_weeks(8), of_weeks(8)], 0),
        ([of_weeks(20, items=7), of_weeks(8), of_weeks(8)], 1),
        ([of_weeks(20, items=1), of_weeks(20, items=1), of_weeks(20, items=2)], 1),
        ([Pool([1.0] * 7, 1.0), Pool([1.0] * 7, 1.0), of_weeks(3)], 2),
        ([Pool(), Pool(), Pool()], None),
        ([of_weeks(20, items=1)], 0),
    ],
    ids=[
        "the finest",
        "of eight items",
        "of few, but not the finest",
        "of few items' weeks",
        "nothing known",
        "no category",
    ],
)
def test_a_week_is_lent_by_the_finest_pool_that_eight_items_tell_of(pools, lender):
    for place, pool in enumerate(pools):
        if pool.weeks:
            pool.totals[place] *= 2
    lent = lent_week((str(place), pool) for place, pool in enumerate(pools))
    assert (lent.index(max(lent)) if lent else None) == lender


def test_a_pool_is_told_once_a_week_and_up_to_the_week_that_all_have_taught():
    pool, who = taught(), item(category="tea")
    pool.year = year_of(2800, [20.0] * 30, [10.0] * 30, [3] * 30)
    for week in (2828, 2828, 2829, 2829, 2828):
        publish_pool(pool, who, 5, week, FIRST * 86400.0)
    (said,) = pool.outbox
    assert (said.family, said.key) == ("pools", "S/tea@5")
    share = decode(said.body, PoolShare)
    assert (share.key, share.first_week, len(share.items)) == ("S/tea@5", 2800, 29)
    publish_pool(pool, who, 5, 2830, FIRST * 86400.0)
    assert [one.event_id for one in pool.outbox] == ["S/tea@5:2829", "S/tea@5:2830"]


def test_shares_add_up_to_what_one_partition_would_have_seen():
    weekdays = [0.5, 0.7, 0.8, 1.0, 1.2, 1.6, 1.2]
    shares = []
    for partition, (units, begin) in enumerate(((100.0, 2800), (40.0, 2810))):
        pool = Pool([one * 6 for one in weekdays], 6.0, told=1)
        weeks = 2830 - begin
        pool.year = year_of(begin, [units] * weeks, [units / 2] * weeks, [4] * weeks)
        publish_pool(pool, item(category="tea"), partition, 2830, 0.0)
        shares.append(decode(pool.outbox[0].body, PoolShare))
    whole = added(shares)
    assert whole.year.first == 2800
    assert whole.year.sold == [100.0] * 10 + [140.0] * 20
    assert whole.year.before == [50.0] * 10 + [70.0] * 20
    assert whole.year.items == [4] * 10 + [8] * 20
    assert whole.weeks == 12
    assert whole.week == pytest.approx([one * 7 / sum(weekdays) for one in weekdays])
    assert added([]) == Pool()


def test_a_pool_written_before_it_had_a_year_is_still_read():
    before = msgspec.msgpack.encode([[1.0] * 7, 9.0, []])
    assert msgspec.msgpack.decode(before, type=Pool) == Pool([1.0] * 7, 9.0)


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


@pytest.mark.parametrize("looked", [False, True])
def test_looking_at_a_forecast_changes_nothing_that_is_learned_later(looked):
    """The season looked at last is remembered: a week that was borrowed since must not be overlooked."""
    demand = Demand()
    demands.start(demand, 10.0)
    if looked:
        demands.over(demand, 0.0, 3.0)
    assert borrow_week(demand, [0.4, 0.4, 0.4, 1.0, 1.6, 1.6, 1.6])
    fresh = msgspec.msgpack.decode(msgspec.msgpack.encode(demand), type=Demand)
    assert demands.over(demand, 0.0, 3.0) == demands.over(fresh, 0.0, 3.0)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.booleans()), max_size=30))
def test_whoever_looks_sees_what_follows_from_the_demand_alone(days):
    """Sales, borrowed weeks and looks in any order: a copy that nobody ever looked at forecasts the same."""
    demand = Demand()
    demands.start(demand, 5.0)
    for day, (sold, looks, borrows) in enumerate(days, 20_000):
        if looks:
            demands.over(demand, day * demands.DAY, 2.5)
        if borrows:
            borrow_week(demand, [0.5, 0.5, 0.5, 1.0, 1.5, 1.5, 1.5])
        demands.record(demand, day, sold)
        demands.close_through(demand, day)
        fresh = msgspec.msgpack.decode(msgspec.msgpack.encode(demand), type=Demand)
        begin = (day + 1) * demands.DAY
        seen = demands.over(demand, begin, 2.5)
        demands.over(Demand(), begin, 2.5)
        assert demands.over(fresh, begin, 2.5) == seen
