"""The simulated policies: the core decides as it does live, and the rivals are what they are said to be."""

import itertools

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.histories import batch, history, item, poisson

from andon.planning.backtest.clairvoyant import Clairvoyant, lots
from andon.planning.backtest.comparators import Moving, Static
from andon.planning.backtest.core import Core, KnownSupply, learn
from andon.planning.backtest.measure import measure, summary
from andon.planning.backtest.run import run
from andon.planning.decision import decide
from andon.planning.policy import policy
from andon.schemas.alerts import Alert
from andon.schemas.common import decode


def some(**conditions):
    return batch(
        *(
            history(poisson(mean, 200, seed), sku=f"N{seed}", lead_days=4, lead_sd=1, **fields)
            for seed, (mean, fields) in enumerate(
                [
                    (0.3, {}),
                    (3, {"order_cost": 4.0}),
                    (25, {"pack_size": 12}),
                    (8, {"shelf_life_days": 6.0, "minimum_order": 30}),
                ]
            )
        ),
        # From one day on it sells four times as much: nobody orders in time for that.
        history([5] * 140 + [20] * 60, sku="N4", lead_days=4, lead_sd=1),
        **conditions,
    )


@pytest.mark.parametrize("lost_sales", [True, False])
def test_an_order_is_the_one_that_the_whole_decision_asks_for(lost_sales):
    """The simulation looks at orders alone; a simulation that takes every decision, as live, orders the same."""
    one = some(lost_sales=lost_sales)
    learned = learn(one)
    alone = run(one, Core(one, learned))
    aloud = Core(one, learned, aloud=True)
    whole = run(one, aloud)
    assert (alone.ordered == whole.ordered).all()
    said = [
        decode(m.body, Alert)
        for m in itertools.chain(*aloud.said)
        if m.family in ("replenishment", "disruptions")
    ]
    assert {alert.kind for alert in said} > {"replenish"}


def test_a_decision_about_the_order_alone_says_what_the_whole_one_says():
    one = some()
    core = Core(one, learn(one))
    core.initial()
    for book, supply, past in zip(core.books, core.supplies, one.histories, strict=True):
        book.on_hand = 0
        now = book.clock + 60
        other = msgspec.msgpack.decode(msgspec.msgpack.encode(book), type=type(book))
        decide.reorder(book, past.key, now, supply)
        decide.reconsider(other, past.key, now, supply)
        (brief,) = [decode(m.body, Alert) for m in book.outbox]
        (full,) = [decode(m.body, Alert) for m in other.outbox if m.family == "replenishment"]
        for field in ("alert_id", "status", "supplier", "order_quantity"):
            assert getattr(brief, field) == getattr(full, field)


def test_a_higher_service_level_serves_more_from_more_stock():
    one = some()
    learned = learn(one)
    levels = [
        summary(measure(one, run(one, Core(one, learned, service_level=p))))
        for p in (0.7, 0.9, 0.99)
    ]
    assert levels[0].fill_rate < levels[1].fill_rate < levels[2].fill_rate
    assert levels[0].average_stock < levels[1].average_stock < levels[2].average_stock


def test_other_items_may_take_the_batchs_place():
    one = some()
    items = [msgspec.structs.replace(own, minimum_order=40, pack_size=40) for own in one.items]
    world = run(one, Core(one, learn(one), items=items))
    assert (world.ordered % 40 == 0).all()
    assert world.ordered.sum() > 0


def test_a_supply_that_is_known_is_not_disrupted():
    own = item()
    supply = KnownSupply(own, history([1]).lead_time)
    assert list(supply.disruptions()) == []
    assert supply.lead_time(own.sources[0]).mean_days == pytest.approx(3)


def test_static_levels_are_the_textbooks_and_never_move():
    """Mean 10, sd 2, lead time 3 days and a review a day: 4 days of 10 and twice 2 root 4."""
    sold = ([8, 12] * 100)[:200]
    one = batch(history(sold), settle_days=0)
    static = Static(one, np.array([2.0]))
    sd = np.std(sold[:60], ddof=1)
    assert static.minimum[0] == pytest.approx(40 + 2 * sd * 2, rel=1e-3)
    assert static.maximum[0] == pytest.approx(static.minimum[0] + 10)
    before = static.minimum.copy()
    run(one, static)
    assert (static.minimum == before).all()


def test_the_moving_average_follows_demand_and_the_static_rule_does_not():
    sold = [5] * 100 + [15] * 100
    one = batch(history(sold, lead_days=3.0), warm_up_days=60, settle_days=100)
    z = np.array([1.0])
    moving = summary(measure(one, run(one, Moving(one, "moving average", z))))
    static = summary(measure(one, run(one, Static(one, z))))
    assert moving.fill_rate > 0.99
    assert static.fill_rate < 0.6


def test_a_rival_keeps_one_of_what_has_not_sold_for_weeks_and_so_sees_it_sell_again():
    sold = [5] * 60 + [0] * 60 + [5] * 80
    one = batch(history(sold, lead_days=3.0), warm_up_days=90, settle_days=0)
    for rival in ("moving average", "periodic order-up-to", "weeks of cover"):
        world = run(one, Moving(one, rival, np.array([1.0])))
        assert world.sold[180:].sum() > 0.7 * one.demand[180:].sum(), rival


def test_weeks_of_cover_hold_weeks_of_cover():
    one = batch(history([10] * 200, lead_days=3.0))
    total = summary(measure(one, run(one, Moving(one, "weeks of cover", np.array([2.0])))))
    assert total.days_of_supply == pytest.approx(14, abs=1)


def test_an_economic_order_is_kept_by_the_rivals_too():
    """Q = sqrt(2 K D / h) = sqrt(2 * 20 * 3652.5 / 0.25) = 764, but no order covers more than 90 days: 764 are 76."""
    one = batch(history([10] * 400, order_cost=20.0, unit_cost=1.0), warm_up_days=60)
    world = run(one, Moving(one, "moving average", np.array([1.0])))
    placed = world.ordered[world.ordered > 0]
    assert placed[1:].mean() == pytest.approx(764, rel=0.02)


def cost_of(needed, chosen, own):
    days = dict(needed)
    arriving = dict(chosen)
    stock, cost = 0, 0.0
    for day in range(max(days) + 1):
        if day in arriving:
            stock += arriving[day]
            cost += policy.order_cost(own)
        stock -= days.get(day, 0)
        if stock < 0:
            return float("inf")
        cost += stock * policy.holding_cost(own, 1.0)
    return cost


@settings(max_examples=60)
@given(
    needed=st.dictionaries(st.integers(0, 12), st.integers(1, 30), min_size=1, max_size=7),
    ordering=st.sampled_from([0.0, 0.3, 1.0, 5.0]),
)
def test_the_clairvoyants_lots_cost_no_more_than_any_others(needed, ordering):
    """Against every way of grouping the days into lots; holding costs 1 % of 10.00 a day."""
    own = item(unit_cost=10.0, holding_cost_rate=0.36525, order_cost=ordering)
    wanted = sorted(needed.items())
    best = float("inf")
    for cuts in itertools.product([False, True], repeat=len(wanted) - 1):
        groups = [[wanted[0]]]
        for cut, day in zip(cuts, wanted[1:], strict=True):
            if cut:
                groups.append([day])
            else:
                groups[-1].append(day)
        chosen = [(group[0][0], sum(units for _, units in group)) for group in groups]
        best = min(best, cost_of(wanted, chosen, own))
    assert cost_of(wanted, lots(wanted, own), own) == pytest.approx(best)


def test_the_clairvoyant_is_never_short_and_nobody_serves_all_for_less():
    one = some()
    clear = measure(one, run(one, Clairvoyant(one)))
    assert clear.short.sum() == 0
    learned = learn(one)
    for level in (0.9, 0.99, 0.999):
        core = measure(one, run(one, Core(one, learned, service_level=level)))
        assert clear.cost.sum() < core.cost.sum()


def test_the_clairvoyant_keeps_to_packs_and_minimum_orders():
    one = batch(history(poisson(3, 150), pack_size=6, minimum_order=20, order_cost=0.0))
    world = run(one, Clairvoyant(one))
    placed = world.ordered[world.ordered > 0]
    assert (placed % 6 == 0).all()
    assert placed.min() >= 24
    assert world.short.sum() == 0
