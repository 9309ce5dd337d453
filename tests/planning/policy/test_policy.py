"""The policy against textbook values, simulation, and its own laws."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stockpyl.newsvendor import newsvendor_normal

from andon.planning.demand import demand as demands
from andon.planning.demand import special_functions as special
from andon.planning.demand.demand import Demand
from andon.planning.policy import policy
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Item, Source

DAY = 86400.0
NOW = 20_100 * DAY


SOURCE = Source(supplier="ACME", lead_time_days=5.0)


def item(**fields):
    sources = fields.pop("sources", (SOURCE,))
    return Item(location="S", sku="A", updated_at=utc(0), sources=sources, **fields)


def demand_of(daily, days=100, seed=1):
    chance = random.Random(seed)
    demand = Demand()
    for day in range(20_100 - days, 20_100):
        demands.record(demand, day, max(round(chance.gauss(daily, daily**0.5)), 0))
        demands.close_through(demand, day)
    return demand


def test_the_newsvendor_is_the_textbooks():
    base_stock, _ = newsvendor_normal(0.18, 0.70, 50, 8)
    ratio = policy.critical_ratio(underage=0.70, overage=0.18)
    assert 50 + 8 * special.ndtri(ratio) == pytest.approx(base_stock)
    assert base_stock == pytest.approx(56.60396, abs=1e-4)


@pytest.mark.parametrize(
    ("service_class", "low", "high"),
    [("lean", 0.80, 0.90), ("balanced", 0.90, 0.97), ("critical", 0.98, 0.998)],
)
@pytest.mark.parametrize("price", [1.01, 1.5, 40.0])
def test_the_class_bounds_what_the_costs_ask_for(service_class, low, high, price):
    level = policy.service_level(item(service_class=service_class, unit_price=price), 7)
    assert low <= level <= high


def test_a_service_level_of_its_own_wins():
    assert policy.service_level(item(service_level=0.77, service_class="critical"), 7) == 0.77


def test_what_a_shortage_costs_is_given_or_the_margin_or_half_the_cost():
    assert policy.shortage_cost(item(shortage_cost=9.0, unit_price=3, unit_cost=1)) == 9
    assert policy.shortage_cost(item(unit_price=3, unit_cost=1)) == 2
    assert policy.shortage_cost(item(unit_cost=4)) == 2


def test_the_order_cycle_is_the_economic_order_quantity():
    """Q = sqrt(2 K D / h): 20 an order, 10 a day, 1.00 a unit at 25% a year, so 764 units or 76.4 days."""
    cycle = policy.cycle_days(item(order_cost=20.0, unit_cost=1.0), 10.0)
    assert cycle == pytest.approx((2 * 20 * 3652.5 / 0.25) ** 0.5 / 10)


def test_a_shelf_life_bounds_the_order_cycle():
    assert policy.cycle_days(item(order_cost=500.0, shelf_life_days=9), 10.0) == 9


def test_the_reorder_point_covers_lead_time_and_review_as_often_as_promised():
    """Simulated: Poisson demand of 10 a day, log-normal lead times around 5 days, a day of review."""
    chance = random.Random(7)
    lead_time = prior(5, 1.5)
    aims = policy.targets(item(service_level=0.95), demand_of(10), lead_time, NOW)
    runs = 4000
    enough = 0
    for _ in range(runs):
        days = chance.lognormvariate(lead_time.mu, lead_time.sigma) + 1
        need = sum(1 for _ in range(int(200 * days)) if chance.random() < 10 / 200)
        enough += need <= aims.reorder_point
    assert enough / runs == pytest.approx(0.95, abs=0.03)


def test_the_buffer_is_priced():
    aims = policy.targets(item(unit_cost=10, unit_price=15), demand_of(10), prior(5), NOW)
    assert aims.insurance_cost == pytest.approx(aims.safety_stock * 10 * 0.25, abs=2.5)
    assert aims.insured_cost > aims.insurance_cost


@pytest.mark.parametrize(
    ("fields", "position", "expected", "reason"),
    [
        ({}, 10, 70, None),
        ({"pack_size": 24}, 10, 72, "packs of 24"),
        ({"minimum_order": 200}, 10, 200, "minimum order"),
        ({"pack_size": 24, "minimum_order": 100}, 10, 120, "packs"),
        ({}, 80, 0, None),
    ],
)
def test_an_order_goes_up_to_the_level_in_whole_packs(fields, position, expected, reason):
    aims = policy.Targets(50, 80, 10, 0.95, 6, 40, 8, 3, 1, 2)
    quantity, reasons = policy.order_quantity(
        item(**fields), SOURCE, aims, position, demand_of(10), NOW
    )
    assert quantity == expected
    assert (reason is None) == (not reasons)
    assert reason is None or any(reason in text for text in reasons)


def test_an_order_is_capped_at_what_sells_within_the_shelf_life():
    """It arrives in five days (six less the review) and keeps for seven: twelve days' demand, less the ten there are."""
    aims = policy.Targets(50, 500, 10, 0.95, 6, 40, 8, 30, 1, 2)
    quantity, reasons = policy.order_quantity(
        item(shelf_life_days=7), SOURCE, aims, 10, demand_of(10), NOW
    )
    assert quantity == pytest.approx(110, abs=12)
    assert any("7 days" in text for text in reasons)


def test_a_minimum_order_that_will_expire_is_ordered_and_says_so():
    aims = policy.Targets(50, 500, 10, 0.95, 6, 40, 8, 30, 1, 2)
    perishable = item(shelf_life_days=2, minimum_order=100)
    quantity, reasons = policy.order_quantity(perishable, SOURCE, aims, 0, demand_of(10), NOW)
    assert quantity == 100
    assert any("expires" in text for text in reasons)


KNOWN = {daily: demand_of(daily) for daily in (1, 10, 80)}


@settings(max_examples=60)
@given(st.sampled_from([1, 10, 80]), st.floats(0.55, 0.97), st.floats(1, 20))
def test_safety_stock_grows_with_the_service_level(daily, service, days):
    low, high = (
        policy.targets(item(service_level=level), KNOWN[daily], prior(days), NOW)
        for level in (service, service + 0.02)
    )
    assert high.safety_stock >= low.safety_stock
    assert high.reorder_point >= low.reorder_point


@settings(max_examples=60)
@given(st.sampled_from([1, 10, 80]), st.floats(1, 20), st.floats(0.5, 10))
def test_the_reorder_point_grows_with_the_lead_time(daily, days, more):
    short, long = (
        policy.targets(item(service_level=0.95), KNOWN[daily], prior(lead), NOW)
        for lead in (days, days + more)
    )
    assert long.reorder_point >= short.reorder_point


@settings(max_examples=60)
@given(st.floats(0, 20), st.floats(0, 20))
def test_an_uncertain_lead_time_asks_for_more(sd, more):
    sure, unsure = (
        policy.protection(KNOWN[10], prior(10, spread + 0.1), 1, NOW) for spread in (sd, sd + more)
    )
    assert unsure.variance >= sure.variance


def test_without_a_cost_of_ordering_every_review_orders_up_to_what_is_enough():
    """A base stock: the least stock that serves as often as promised until the next order arrives."""
    aims = policy.targets(item(service_level=0.95), demand_of(10), prior(5, 0.0), NOW)
    assert aims.reorder_point == aims.order_up_to - 1
    needed = policy.protection(demand_of(10), prior(5, 0.0), 1.0, NOW)
    assert aims.order_up_to == needed.quantile(0.95)


def test_a_cost_of_ordering_makes_orders_larger_than_a_reviews_demand():
    aims = policy.targets(item(service_level=0.95, order_cost=5.0), demand_of(10), prior(5), NOW)
    assert aims.order_up_to > aims.reorder_point + 100
