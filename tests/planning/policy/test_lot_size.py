"""The quantities that a source takes, and the cheapest of them, against the textbook's discounts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stockpyl.eoq import economic_order_quantity_with_all_units_discounts

from andon.planning.policy.lot_size import bought_from, cheapest_lot, lot_size, unit_cost_at
from andon.schemas.common import utc
from andon.schemas.items import Item, PriceBreak, Source


def item(**fields):
    source = Source(supplier="ACME", lead_time_days=5.0)
    return Item(location="S", sku="A", updated_at=utc(0), sources=(source,), **fields)


def source_of(*breaks, **fields):
    found = tuple(PriceBreak(quantity=quantity, unit_cost=cost) for quantity, cost in breaks)
    return Source(supplier="ACME", lead_time_days=5.0, price_breaks=found, **fields)


sizes = st.none() | st.integers(1, 60)
limits = st.none() | st.integers(1, 2000)
sources = st.builds(
    source_of,
    pack_size=sizes,
    layer_size=sizes,
    pallet_size=sizes,
    minimum_order=limits,
    maximum_order=limits,
)
items = st.builds(item, pack_size=st.integers(1, 48), minimum_order=st.integers(1, 500))


def can_be_ordered(item, source, quantity):
    """The rule as people say it."""
    sizes = (source.pack_size or item.pack_size, source.layer_size or 1, source.pallet_size or 1)
    least, most = source.minimum_order or item.minimum_order, source.maximum_order or 10**9
    return least <= quantity <= most and all(quantity % size == 0 for size in sizes)


@given(item=items, source=sources, need=st.integers(0, 3000))
def test_the_smallest_quantity_that_can_be_ordered_and_covers_the_need(item, source, need):
    found = lot_size(item, source).fit(need)
    able = [one for one in range(1, 6000) if can_be_ordered(item, source, one)]
    enough = [one for one in able if one >= need]
    if enough:
        assert found == enough[0]
    elif able:
        assert found == able[-1]
    elif found:
        assert can_be_ordered(item, source, found)


@given(item=items, source=sources, most=st.integers(-10, 3000))
def test_the_largest_quantity_that_can_be_ordered_and_is_no_more(item, source, most):
    found = lot_size(item, source).fit_below(most)
    able = [one for one in range(1, most + 1) if can_be_ordered(item, source, one)]
    assert found == (able[-1] if able else 0)


@given(
    daily=st.floats(1, 500),
    order_cost=st.floats(5, 500),
    rate=st.floats(0.05, 0.5),
    first=st.integers(50, 3000),
    step=st.integers(50, 3000),
    drops=st.tuples(st.floats(0.5, 0.99), st.floats(0.5, 0.99)),
)
def test_discounts_on_all_units_are_the_textbooks(daily, order_cost, rate, first, step, drops):
    prices = [10.0, 10 * drops[0], 10 * drops[0] * drops[1]]
    breaks = [0, first, first + step]
    yearly = daily * 365.25
    _, _, best = economic_order_quantity_with_all_units_discounts(
        order_cost, rate, yearly, breaks, prices
    )
    source = source_of(*zip(breaks[1:], prices[1:], strict=True), order_cost=order_cost)
    kept = item(unit_cost=10.0, holding_cost_rate=rate)
    economic = math.sqrt(2 * order_cost * yearly / (rate * 10))
    quantity = cheapest_lot(kept, source, economic, daily)
    price = unit_cost_at(kept, source, quantity)
    cost = yearly * price + order_cost * yearly / quantity + rate * price * quantity / 2
    # Whole units cost a little more than the textbook's fractions.
    assert best * (1 - 1e-9) <= cost <= best * 1.002 + rate * 10


@pytest.mark.parametrize(
    ("need", "most", "expected"),
    [(600, math.inf, 1000), (20, math.inf, 1000), (20, 900, 500), (1001, math.inf, 1050)],
)
def test_more_is_ordered_for_a_lower_price_if_that_is_cheaper(need, most, expected):
    source = source_of((1000, 1.5), pack_size=50, minimum_order=500, unit_cost=2.1)
    assert cheapest_lot(item(), source, need, 10.0, most=most) == expected


def test_a_small_discount_is_not_worth_years_of_stock():
    source = source_of((100_000, 1.99), unit_cost=2.0)
    assert cheapest_lot(item(), source, 50, 10.0) == 50


def test_a_source_without_terms_leaves_the_item_as_it_is():
    kept = item(pack_size=12, minimum_order=48)
    assert bought_from(kept, source_of()) is kept
    other = bought_from(kept, source_of(pack_size=6, minimum_order=12), review_days=7.0)
    assert (other.pack_size, other.minimum_order, other.review_period_days) == (6, 12, 7.0)
