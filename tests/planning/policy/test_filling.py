"""A supplier's minimum is filled with what comes next, never with more than an item can take, and what was chosen stays."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.policy.filling import (
    Candidate,
    Measures,
    Offer,
    cost_of_keeping,
    fill,
    next_break,
)
from andon.planning.policy.lot_size import LotSize


def lots(multiple, least, most):
    return LotSize(multiple, -(-least // multiple) * multiple, most // multiple * multiple)


def candidate(key, days=1.0, *, price=1.0, need=10, most=100, pack=1, least=1, **fields):
    breaks = fields.pop("breaks", ())
    offer = Offer(lots(pack, least, 10**9), ((0, price), *breaks), **fields)
    return Candidate(key, offer, days, 1.0, need, most)


prices = st.lists(
    st.tuples(st.integers(2, 80), st.sampled_from((0.5, 1.0, 1.25, 2.0))),
    max_size=3,
    unique_by=lambda one: one[0],
).map(sorted)
offers = st.builds(
    lambda size, least, most, first, later, weight: Offer(
        lots(size, least, most), ((0, first), *later), weight
    ),
    st.sampled_from((1, 2, 6, 12)),
    st.integers(1, 40),
    st.sampled_from((30, 10**9)),
    st.sampled_from((0.5, 1.0, 3.0)),
    prices,
    st.none() | st.sampled_from((0.1, 2.0)),
)
candidates = st.lists(
    st.builds(
        Candidate,
        st.sampled_from("abcdef"),
        offers,
        st.sampled_from((0.0, 1.0, 2.5, 9.0)),
        st.just(2.0),
        st.integers(0, 60),
        st.integers(0, 120),
    ),
    max_size=6,
    unique_by=lambda one: one.key,
)
amounts = st.builds(Measures, *[st.just(0) | st.integers(0, 300)] * 3)


def total_of(chosen, candidates, taken):
    for one in candidates:
        chosen = chosen.plus(one.offer.measures(taken.get(one.key, 0)))
    return chosen


def able(one, room=math.inf):
    """All quantities of a candidate that can be ordered."""
    lot = one.offer.lot
    top = min(one.most, lot.most, room)
    return [0, *(q for q in range(lot.least, int(top) + 1) if q % lot.multiple == 0)]


@given(least=amounts, chosen=amounts, could=candidates, room=st.just(math.inf) | st.integers(0, 90))
def test_what_is_added_brings_the_order_to_its_minimum_in_quantities_that_can_be_ordered(
    least, chosen, could, room
):
    taken = fill(least, chosen, could, room)
    by_key = {one.key: one for one in could}
    assert all(quantity in able(by_key[key]) for key, quantity in taken.items())
    assert sum(taken.values()) <= room
    if taken:
        assert least.less(total_of(chosen, could, taken)) == Measures()
    if least.less(chosen) == Measures():
        assert taken == {}


@given(asked=st.integers(1, 300), measure=st.sampled_from(Measures._fields), could=candidates)
def test_what_can_be_reached_is_reached(asked, measure, could):
    least = Measures(**{measure: asked})
    most = sum(
        max(getattr(one.offer.measures(quantity), measure) for quantity in able(one))
        for one in could
    )
    assert bool(fill(least, Measures(), could)) == (most >= asked)


@given(asked=st.integers(1, 300), could=candidates)
def test_what_comes_later_is_taken_only_once_what_comes_next_has_what_it_needs(asked, could):
    taken = fill(Measures(units=asked), Measures(), could)
    order = sorted(could, key=lambda one: (one.days, one.key))
    for place, one in enumerate(order):
        if taken.get(one.key, 0) == 0:
            continue
        for sooner in order[:place]:
            lot = sooner.offer.lot
            enough = lot.fit_below(min(lot.fit(sooner.need), sooner.most))
            assert taken.get(sooner.key, 0) >= enough


@given(asked=st.integers(1, 300), could=candidates)
def test_no_lot_is_taken_that_nobody_needed(asked, could):
    """Without the last lot of what was taken last the order is too small."""
    taken = fill(Measures(units=asked), Measures(), could)
    by_key = {one.key: one for one in could}
    if taken:
        spare = sum(taken.values()) - asked
        last = [
            by_key[key].offer.lot.multiple if quantity > by_key[key].offer.lot.least else quantity
            for key, quantity in taken.items()
        ]
        assert any(spare < lot for lot in last)


@pytest.mark.parametrize(
    ("least", "chosen", "could", "room", "taken"),
    [
        (Measures(), Measures(), [candidate("a")], 99, {}),
        (Measures(100), Measures(100), [candidate("a")], 99, {}),
        # The one that comes next, and no more than is missing.
        (Measures(100), Measures(95), [candidate("b", 2), candidate("a", 1)], 99, {"a": 5}),
        # What it needs, then what the next needs.
        (
            Measures(100),
            Measures(85),
            [candidate("a", 1), candidate("b", 2)],
            99,
            {"a": 10, "b": 5},
        ),
        # All have what they need: the first takes more.
        (
            Measures(100),
            Measures(70),
            [candidate("a", 1), candidate("b", 2)],
            99,
            {"a": 20, "b": 10},
        ),
        # Packs.
        (Measures(units=20), Measures(), [candidate("a", pack=12)], 99, {"a": 24}),
        # Its own minimum.
        (Measures(units=5), Measures(), [candidate("a", least=40)], 99, {"a": 40}),
        # Its most.
        (Measures(units=50), Measures(), [candidate("a", most=30)], 99, {}),
        # What the supplier takes.
        (Measures(units=50), Measures(), [candidate("a")], 40, {}),
        # Kilograms; what has no weight brings none.
        (
            Measures(weight=6),
            Measures(),
            [candidate("a"), candidate("b", 2, weight=2.0)],
            99,
            {"b": 3},
        ),
        # Two measures at once.
        (Measures(20, 8), Measures(), [candidate("a", price=4.0)], 99, {"a": 8}),
        # A break that makes more come to less: 9 at 2 are 18, 10 at 1.5 are 15.
        (Measures(17), Measures(), [candidate("a", price=2.0, breaks=((10, 1.5),))], 99, {"a": 9}),
        (
            Measures(18.5),
            Measures(),
            [candidate("a", price=2.0, breaks=((10, 1.5),))],
            99,
            {"a": 13},
        ),
        # Nobody knows what it costs.
        (Measures(10), Measures(), [Candidate("a", Offer(lots(1, 1, 99)), 1, 1, 9, 9)], 99, {}),
    ],
)
def test_a_basket_is_filled_like_this(least, chosen, could, room, taken):
    assert fill(least, chosen, could, room) == taken


def test_equal_items_are_taken_by_name_whatever_their_order():
    could = [candidate(key) for key in "abc"]
    for order in itertools.permutations(could):
        assert fill(Measures(units=12), Measures(), order) == {"a": 10, "b": 2}


@pytest.mark.parametrize(
    ("quantity", "daily", "most", "expected"),
    [
        # 100 at 1.80 for 100 at 2: 20 less, and 20 units are kept for 80 days: 0.25 * 1.8 * 20 * 80 / 365.25.
        (80, 1.0, 999, (100, 1.8, 20 - 0.25 * 1.8 * 20 * 80 / 365.25)),
        (100, 1.0, 999, (500, 1.5, 150 - 0.25 * 1.5 * 400 * 100 / 365.25)),
        (500, 1.0, 999, None),
        (80, 1.0, 99, None),
    ],
)
def test_the_next_price_break_saves_on_all_units_less_what_keeping_the_rest_costs(
    quantity, daily, most, expected
):
    offer = Offer(lots(1, 1, 10**9), ((0, 2.0), (100, 1.8), (500, 1.5)))
    found = next_break(offer, quantity, daily, 0.25, most)
    assert found == (expected and pytest.approx(expected))


def test_a_break_that_costs_more_is_none():
    assert next_break(Offer(lots(1, 1, 99), ((0, 2.0), (10, 3.0))), 5, 1.0, 0.25) is None


def test_what_is_ordered_early_is_kept_until_it_is_needed():
    one = candidate("a", 30.0, price=10.0, need=12)
    assert cost_of_keeping(one, 12, 0.25) == pytest.approx(0.25 * 10 * 12 * 30 / 365.25)
    # Two more than it needs sell in two days, on average after one.
    assert cost_of_keeping(one, 14, 0.25) == pytest.approx(0.25 * 10 * (14 * 30 + 2) / 365.25)
