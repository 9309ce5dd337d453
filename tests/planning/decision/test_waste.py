"""A minimum far beyond what sells in a shelf life: what it wastes is said, and it is ordered only where that costs less than is saved."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stories import KEY, START, Story, SupplyNetwork

from andon.planning.decision.replenish import to_order
from andon.planning.decision.situation import situation_of
from andon.planning.policy.waste import waste_of
from andon.schemas.items import Source


def view_of(minimum, *others, **fields):
    sources = (Source(supplier="Dairy", lead_time_days=2.0, minimum_order=minimum), *others)
    fields = {"order_cost": 0.0, "unit_cost": 3.0, "unit_price": 5.0, **fields}
    story = Story(stock=0, sources=sources, **fields)
    return situation_of(story.book, KEY, START, SupplyNetwork())


def wasted(view, quantity):
    source = view.item.sources[0]
    return waste_of(view.item, source, quantity, view.position, view.demand, view.now, 2.0)


@given(st.floats(0.05, 20.0), st.integers(1, 300), st.floats(1.0, 60.0), st.floats(0.1, 50.0))
@settings(max_examples=120, deadline=None)
def test_an_order_is_asked_for_where_it_saves_more_than_expires(daily, minimum, life, short):
    view = view_of(minimum, expected_daily_demand=daily, shelf_life_days=life, shortage_cost=short)
    quantity, reasons = to_order(view)
    found = wasted(view, quantity or minimum)
    told = "; ".join(reasons)
    if quantity:
        assert quantity > minimum or not found.is_too_much or found.expire < 1
    else:
        assert found.is_too_much
        assert "no order fits" in told
        assert ("smaller pack" in told) == (minimum > 1)
    assert ("no order fits" in told) == (quantity == 0)
    more = wasted(view, (quantity or minimum) + 10)
    assert 0 <= found.expire <= more.expire <= found.expire + 10 + 1e-6


@pytest.mark.parametrize(
    ("minimum", "life", "said"), [(9, 30.0, ""), (20, 14.0, "expire"), (500, None, "")]
)
def test_what_expires_is_said_with_the_order(minimum, life, said):
    view = view_of(minimum, expected_daily_demand=1.0, shelf_life_days=life, shortage_cost=90.0)
    quantity, reasons = to_order(view)
    assert quantity == minimum
    assert (f"of it {said}" in "; ".join(reasons)) == bool(said)


def test_another_source_that_takes_less_is_named():
    other = Source(supplier="Market", lead_time_days=1.0, minimum_order=2, priority=5)
    view = view_of(100, other, expected_daily_demand=1.0, shelf_life_days=14.0)
    quantity, (reason,) = to_order(view)
    assert quantity == 0
    assert "; Market takes " in reason


@pytest.mark.parametrize(
    "must_be", [{"service_class": "critical"}, {"service_level": 0.9}, {"backorders": 2}]
)
def test_what_must_be_there_or_is_waited_for_is_ordered_whatever_expires(must_be):
    fields = {"expected_daily_demand": 1.0, "shelf_life_days": 14.0}
    backorders = must_be.pop("backorders", 0)
    view = view_of(100, **fields, **must_be)
    view.book.backorders = backorders
    quantity, reasons = to_order(view)
    assert quantity >= 100
    assert "of it expire" in "; ".join(reasons)
