"""What the costs ask for where unmet demand is lost, against a simulation of base stocks with lead times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand.distributions import Distribution
from andon.planning.policy import policy
from andon.schemas.common import utc
from andon.schemas.items import Item, Source

DAYS, PATHS, BEGIN = 300, 300, 60


def item(loss, **fields):
    """An item whose unit costs one a day to keep and so much to lose."""
    return Item(
        location="S",
        sku="A",
        updated_at=utc(0.0),
        sources=(Source(supplier="ACME", lead_time_days=7.0),),
        unit_cost=365.25,
        holding_cost_rate=1.0,
        shortage_cost=loss,
        **fields,
    )


def cost(base_stock, lead_days, daily, loss):
    """What a day costs where each day orders up to a base stock, and what is short is lost."""
    demand = np.random.default_rng(1).poisson(daily, (DAYS, PATHS))
    on_hand = np.full(PATHS, base_stock)
    coming = np.zeros((lead_days + 1, PATHS), dtype=int)
    total = 0.0
    for day in range(DAYS):
        place = day % (lead_days + 1)
        on_hand = on_hand + coming[place]
        coming[place] = 0
        sold = np.minimum(on_hand, demand[day])
        on_hand = on_hand - sold
        if day >= BEGIN:
            total += float((on_hand + loss * (demand[day] - sold)).mean())
        coming[place] = base_stock - on_hand - coming.sum(0)
    return total / (DAYS - BEGIN)


def asked(one, lead_days, daily):
    mean = daily * (lead_days + 1)
    return Distribution(mean, mean).quantile(policy.cost_ratio(one, 1.0, lead_days))


@pytest.mark.parametrize("lead_days", [2, 7, 14])
@pytest.mark.parametrize("loss", [4.0, 20.0, 100.0])
def test_what_is_asked_for_costs_about_the_least_and_less_than_if_sales_waited(loss, lead_days):
    lost = asked(item(loss, unmet_demand="lost"), lead_days, 3.0)
    waits = asked(item(loss), lead_days, 3.0)
    costs = {
        stock: cost(stock, lead_days, 3.0, loss) for stock in range(max(lost - 6, 0), waits + 1)
    }
    assert costs[lost] <= 1.05 * min(costs.values())
    assert lost <= waits
    assert costs[lost] <= costs[waits] * 1.001


@given(st.floats(0.01, 1e4), st.floats(1, 60), st.floats(0, 200), st.floats(0, 100))
def test_the_ratio_lies_between_those_of_waiting_and_of_the_whole_lead_time(
    loss, cycle, lead_days, longer
):
    lost = item(loss, unmet_demand="lost")
    found = policy.cost_ratio(lost, cycle, lead_days)
    assert loss / (loss + lead_days + cycle) - 1e-9 <= found <= loss / (loss + cycle) + 1e-9
    assert policy.cost_ratio(lost, cycle, lead_days + longer) <= found + 1e-12
    backordered = item(loss, unmet_demand="backordered")
    assert policy.cost_ratio(backordered, cycle, lead_days) == policy.cost_ratio(item(loss), cycle)


def test_what_is_lost_does_not_wait():
    with pytest.raises(ValueError, match="waiting_cost"):
        item(5.0, unmet_demand="lost", waiting_cost=1.0)
