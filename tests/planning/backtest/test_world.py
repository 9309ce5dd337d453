"""The simulated world: nothing appears or vanishes, and time goes one way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.histories import batch, history, poisson

from andon.planning.backtest.comparators import Moving, Static
from andon.planning.backtest.core import Core, learn
from andon.planning.backtest.history import Conditions, long_enough
from andon.planning.backtest.measure import measure, summary
from andon.planning.backtest.run import run


class Plan:
    """Orders what it was told to, whatever happens."""

    def __init__(self, initial, orders):
        self._initial, self._orders = initial, orders

    def initial(self):
        return np.array([self._initial])

    def close(self, row, world):
        return np.array([self._orders.get(row, 0)])


def lived(sold, initial, orders=None, *, conditions=None, **fields):
    chosen = {"warm_up_days": 28, "settle_days": 0, **(conditions or {})}
    one = batch(history([0] * 28 + sold, **fields), **chosen)
    return one, run(one, Plan(initial, {28 + row: units for row, units in (orders or {}).items()}))


def column(rows):
    return rows[28:, 0].tolist()


def test_an_order_arrives_at_the_beginning_of_the_day_after_its_lead_time():
    _, world = lived([1] * 8, 3, {0: 5}, lead_days=3.0)
    assert column(world.received) == [3, 0, 0, 0, 5, 0, 0, 0]
    assert column(world.sold) == [1, 1, 1, 0, 1, 1, 1, 1]
    assert column(world.short) == [0, 0, 0, 1, 0, 0, 0, 0]


def test_what_is_short_is_lost_or_waits_for_the_next_receipt():
    lost, world = lived([2, 2, 2, 2, 0], 3, {1: 6}, lead_days=1.0)
    assert column(world.short) == [0, 1, 2, 0, 0]
    assert column(world.stock) == [1, 0, 0, 4, 4]
    waits, world = lived(
        [2, 2, 2, 2, 0], 3, {1: 6}, lead_days=1.0, conditions={"lost_sales": False}
    )
    assert column(world.waiting) == [0, 1, 3, 0, 0]
    assert column(world.filled) == [0, 0, 0, 3, 0]
    assert column(world.stock) == [1, 0, 0, 1, 1]
    assert lost.conditions.lost_sales
    assert not waits.conditions.lost_sales


def test_what_is_older_than_its_shelf_life_is_thrown_away_oldest_first():
    _, world = lived([1] * 6, 5, {0: 4}, lead_days=1.0, shelf_life_days=3.0)
    assert column(world.received) == [5, 0, 4, 0, 0, 0]
    assert column(world.wasted) == [0, 0, 2, 0, 2, 0]
    assert column(world.stock) == [4, 3, 4, 3, 0, 0]


def test_days_that_were_not_in_stock_are_nobodys_shortage_and_teach_nothing():
    in_stock = [True] * 40 + [False] * 20 + [True] * 40
    sold = [5] * 40 + [0] * 20 + [5] * 40
    one = batch(
        history(sold, in_stock=in_stock, service_level=0.95), warm_up_days=60, settle_days=0
    )
    learned = learn(one)
    core = Core(one, learned)
    assert core.books[0].demand.level == pytest.approx(5, abs=0.3)
    assert run(one, core).short.sum() == 0


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1000),
    mean=st.floats(0.1, 20),
    lost=st.booleans(),
    life=st.sampled_from([None, 4.0, 9.0]),
    lead_sd=st.sampled_from([0.0, 2.0]),
    kind=st.sampled_from(["static", "moving", "core"]),
)
def test_units_are_conserved(seed, mean, lost, life, lead_sd, kind):
    one = batch(
        history(poisson(mean, 120, seed), lead_sd=lead_sd, shelf_life_days=life),
        history(poisson(mean, 90, seed + 1), sku="B", first=20_030, pack_size=6, minimum_order=9),
        lost_sales=lost,
        seed=seed,
    )
    z = np.array([1.0, 1.0])
    policies = {
        "static": lambda: Static(one, z),
        "moving": lambda: Moving(one, "moving average", z),
        "core": lambda: Core(one, learn(one)),
    }
    policy = policies[kind]()
    world = run(one, policy)
    gone = world.sold.sum(axis=0) + world.filled.sum(axis=0) + world.wasted.sum(axis=0)
    assert (world.received.sum(axis=0) == gone + world.on_hand).all()
    assert (world.stock >= 0).all()
    coming = world.arrivals[one.days :].sum(axis=0)
    assert (world.on_order == coming).all()
    served = world.sold + world.short
    assert (served[one.begin.max() :] == one.demand[one.begin.max() :]).all()
    if kind == "core":
        assert [book.on_hand for book in policy.books] == world.on_hand.tolist()
        assert [book.on_order for book in policy.books] == world.on_order.tolist()
        assert [book.backorders for book in policy.books] == world.backorders.tolist()


def test_the_same_seed_gives_the_same_world_and_items_do_not_share_their_chance():
    made = [history(poisson(4, 150), sku=sku, lead_days=6, lead_sd=2) for sku in "AB"]
    first, again, alone = batch(*made), batch(*made), batch(made[1])
    assert (first.lead_days == again.lead_days).all()
    assert (first.lead_days[:, 1] == alone.lead_days[:, 0]).all()
    assert (first.lead_days[:, 0] != first.lead_days[:, 1]).any()
    other = batch(*made, seed=2)
    assert (first.lead_days != other.lead_days).any()
    assert first.lead_days.mean() == pytest.approx(6, abs=0.5)


def test_an_item_whose_record_is_too_short_to_judge_is_found_out():
    conditions = Conditions(warm_up_days=60, settle_days=10)
    assert long_enough(history([1] * 100), conditions, 20_000, 20_099)
    assert not long_enough(history([1] * 20, first=20_080), conditions, 20_000, 20_099)


def test_the_summary_is_what_one_would_count_by_hand():
    one, world = lived([2, 2, 2, 2, 0], 3, {1: 6}, lead_days=1.0, unit_cost=10.0, unit_price=14.0)
    total = summary(measure(one, world))
    assert total.fill_rate == pytest.approx(5 / 8)
    assert total.average_stock == pytest.approx((1 + 0 + 0 + 4 + 4) / 5)
    assert total.stockout_days == pytest.approx(2 / 5 * 365.25)
    assert total.cycle_service == pytest.approx(1 / 3 + 1 / 3)
    assert total.orders == pytest.approx(1 / 5 * 365.25)
    assert total.shortage_cost == pytest.approx(3 * 4 / 5 * 365.25)
    assert total.holding_cost == pytest.approx(total.average_stock * 2.5)
    assert total.days_of_supply == pytest.approx(total.average_stock / 1.0)
