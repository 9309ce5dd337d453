"""The policy against theory: where demand and lead time are known, its cost is within 2 % of stockpyl's optimum."""

import numpy as np
import pytest
from stockpyl.newsvendor import newsvendor_poisson, newsvendor_poisson_cost
from stockpyl.rq import r_q_cost_poisson, r_q_poisson_exact
from stockpyl.ss import s_s_cost_discrete, s_s_discrete_exact
from support.histories import FIRST, batch, history, item, poisson

from andon.planning.backtest.core import Core, learn
from andon.planning.backtest.run import run
from andon.planning.demand.demand import DAY, Demand
from andon.planning.policy import policy
from andon.planning.supply.lead_time import prior

NEAR = 1.02
SURE = 1e60


def known(daily, days=400):
    """A demand that is Poisson, the same every day, and known so well that nothing more is learned of it."""
    return Demand(
        a=daily * SURE,
        b=SURE,
        days=1000,
        day=FIRST,
        closed=FIRST - 1,
        spread=SURE,
        expected_spread=SURE,
        shape=[1.0] * days,
        shape_start=FIRST,
    )


def waiting(holding, penalty, **fields):
    """An item whose unit costs so much a day to keep, and so much a day to wait for."""
    return item(
        unit_cost=1.0,
        holding_cost_rate=1.0,
        waiting_cost=penalty / holding / 365.25,
        service_class="balanced",
        **fields,
    )


def levels(own, daily, days, **fields):
    return policy.targets(own, known(daily), prior(days, 0.0), FIRST * DAY, **fields)


class BaseStock:
    def __init__(self, level):
        self._level = level

    def initial(self):
        return self._level

    def close(self, row, world):
        return np.where(world.active, np.maximum(self._level - world.position, 0), 0)


def waited(world, one, holding, penalty):
    """The mean cost of a day: what is kept and what waits at its end."""
    counts = one.counts
    return float((holding * world.stock + penalty * world.waiting)[counts].mean())


@pytest.mark.parametrize("daily", [2.0, 10.0])
@pytest.mark.parametrize("lead_days", [1, 4])
@pytest.mark.parametrize("ratio", [0.9, 0.95])
def test_the_simulated_base_stock_costs_what_the_newsvendors_optimum_does(daily, lead_days, ratio):
    """Lead time and a day of review are the newsvendor's one period; both policies meet the same demand."""
    penalty = ratio / (1 - ratio)
    own = waiting(1.0, penalty, lead_days=float(lead_days))
    optimum, cost = newsvendor_poisson(1.0, penalty, daily * (lead_days + 1))
    one = batch(
        *(
            history(
                poisson(daily, 200, seed),
                sku=f"N{seed}",
                lead_days=float(lead_days),
                unit_cost=own.unit_cost,
                holding_cost_rate=own.holding_cost_rate,
                waiting_cost=own.waiting_cost,
            )
            for seed in range(6)
        ),
        lost_sales=False,
        warm_up_days=30,
    )
    core = Core(one, learn(one))
    core.models = [None] * len(core.books)
    for book, begin in zip(core.books, one.begin, strict=True):
        book.demand = known(daily)
        book.demand.day, book.demand.closed = FIRST + int(begin), FIRST + int(begin) - 1
    ours = waited(run(one, core), one, 1.0, penalty)
    theirs = waited(run(one, BaseStock(np.full(6, int(optimum)))), one, 1.0, penalty)
    assert ours <= NEAR * theirs
    assert theirs == pytest.approx(cost, rel=0.35)
    aims = levels(own, daily, lead_days)
    assert (
        newsvendor_poisson_cost(aims.order_up_to, 1.0, penalty, daily * (lead_days + 1))
        <= NEAR * cost
    )


@pytest.mark.parametrize("daily", [2.0, 6.0, 20.0])
@pytest.mark.parametrize("ratio", [0.9, 0.96])
@pytest.mark.parametrize("ordering", [20.0, 100.0])
def test_s_and_s_cost_what_the_optimum_does(daily, ratio, ordering):
    """stockpyl's (s, S) has no lead time beyond the review of one day."""
    penalty = ratio / (1 - ratio)
    own = waiting(1.0, penalty, lead_days=1e-6, lead_sd=0.0, order_cost=ordering / 365.25)
    aims = levels(own, daily, 1e-6)
    *_, optimum = s_s_discrete_exact(1.0, penalty, ordering, True, daily)
    cost = s_s_cost_discrete(
        aims.reorder_point, aims.order_up_to, 1.0, penalty, ordering, True, daily
    )
    assert cost <= NEAR * optimum


@pytest.mark.parametrize("daily", [1.0, 5.0])
@pytest.mark.parametrize("lead_days", [2, 7])
@pytest.mark.parametrize("ratio", [0.9, 0.96])
@pytest.mark.parametrize("ordering", [5.0, 40.0])
def test_r_and_q_cost_what_the_optimum_does(daily, lead_days, ratio, ordering):
    penalty = ratio / (1 - ratio)
    own = waiting(
        1.0,
        penalty,
        lead_days=float(lead_days),
        lead_sd=0.0,
        review_period_days=0.0,
        order_cost=ordering / 365.25,
    )
    aims = levels(own, daily, lead_days)
    *_, optimum = r_q_poisson_exact(1.0, penalty, ordering, daily, lead_days)
    lot = aims.order_up_to - aims.reorder_point
    cost = r_q_cost_poisson(aims.reorder_point, lot, 1.0, penalty, ordering, daily, lead_days)
    assert cost <= NEAR * optimum


def test_a_service_level_of_its_own_overrides_what_waiting_costs():
    own = waiting(1.0, 19.0, lead_days=3.0, order_cost=0.2, service_level=0.8)
    aims = levels(own, 10.0, 3.0)
    assert aims.service_level == 0.8
    assert aims.reorder_point == policy.protection(
        known(10.0), prior(3.0, 0.0), 1.0, FIRST * DAY
    ).quantile(0.8)
