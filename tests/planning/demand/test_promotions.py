"""Promotions: the uplift against a batch ratio and a made truth, and what a promoted day does to level, order and alerts."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stories import DAY, KEY, Story

from andon.planning.book import position
from andon.planning.book.memory import NO_BLOCKS
from andon.planning.decision import decide
from andon.planning.demand import demand as demands
from andon.planning.demand.demand import Demand
from andon.planning.demand.promotions import Promotions
from andon.planning.demand.spike import spike_threshold
from andon.planning.forecasting.models import Models
from andon.schemas.common import utc
from andon.schemas.items import Promotion
from andon.schemas.pos import Sale

FIRST = 20_000


def sold_over(days, *, uplift=1.0, every=0, daily=10.0, seed=1):
    """Poisson sales; every so many days, the last two of them are promoted and say so."""
    chance = np.random.default_rng(seed)
    demand = Demand()
    for day in range(FIRST, FIRST + days):
        promoted = every > 0 and day % every >= every - 2
        if promoted:
            demands.see_promotion(demand, day)
        demands.record(demand, day, int(chance.poisson(daily * (uplift if promoted else 1.0))))
        demands.close_through(demand, day)
    return demand


def promoted(demand, first, last, uplift=1.0):
    """The same demand, with a promotion that is known beforehand."""
    copy = msgspec.msgpack.decode(msgspec.msgpack.encode(demand), type=Demand)
    demands.plan_promotions(copy, [(first, last, uplift)])
    return copy


@given(
    st.lists(st.tuples(st.integers(0, 200), st.floats(0.5, 60)), min_size=1, max_size=30),
    st.floats(0.5, 4.0),
)
def test_the_uplift_is_the_discounted_ratio_shrunk_to_what_is_believed_by_a_day_and_two_units(
    days, believed
):
    promotions = Promotions()
    for sold, expected in days:
        promotions.learn(float(sold), expected)
    ages = range(len(days) - 1, -1, -1)
    weights = [0.95**age for age in ages]
    sold = sum(weight * one for weight, (one, _) in zip(weights, days, strict=True))
    expected = sum(weight * one for weight, (_, one) in zip(weights, days, strict=True))
    delay_multiplier = expected / sum(weights) + 2.0
    ratio = (sold + delay_multiplier * believed) / (expected + delay_multiplier)
    assert promotions.uplift(believed) == pytest.approx(ratio)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.floats(0.5, 4)), max_size=4),
    st.lists(st.integers(0, 20), max_size=3),
)
def test_the_promoted_days_between_two_are_those_that_are_believed_to_be(planned, seen):
    promotions = Promotions()
    for day in seen:
        promotions.see(day)
    promotions.plan(planned)
    believed = [(day, promotions.believed(day)) for day in range(3, 15)]
    assert promotions.between(3, 14) == [one for one in believed if one[1] is not None]


def test_without_any_promotion_what_is_believed_holds():
    assert Promotions().uplift() == 1.0
    assert Promotions().uplift(2.5) == 2.5


@pytest.mark.parametrize("uplift", [0.6, 1.0, 1.8, 3.0])
def test_a_true_uplift_is_found_and_the_level_stays_what_it_is_without(uplift):
    demand = sold_over(600, uplift=uplift, every=14)
    assert demand.promotions.uplift() == pytest.approx(uplift, rel=0.12)
    assert demand.level == pytest.approx(10, rel=0.08)


@given(st.integers(0, 10_000))
def test_a_first_promoted_day_does_not_touch_the_level_whatever_it_sells(units):
    demand = sold_over(60)
    before = demand.level, demand.dispersion, demand.shift, demand.drift
    day = FIRST + 60
    demands.see_promotion(demand, day)
    demands.record(demand, day, units)
    demands.close_through(demand, day)
    assert (demand.level, demand.dispersion, demand.shift, demand.drift) == before


@given(st.integers(-5, 30), st.integers(0, 10), st.floats(1.0, 5.0), st.floats(0.25, 20.0))
def test_a_known_promotion_never_lowers_what_is_expected_and_never_reaches_outside_its_days(
    first, length, uplift, days
):
    plain = sold_over(60)
    begin = FIRST + 60
    lifted = promoted(plain, begin + first, begin + first + length, uplift)
    without, within = (demands.over(one, (begin + 0.3) * DAY, days) for one in (plain, lifted))
    assert within.mean >= without.mean - 1e-9
    assert within.variance >= without.variance - 1e-9
    meets = first + length + 1 > 0.3 and first < 0.3 + days
    if not meets:
        assert within == without


def test_demand_over_promoted_days_is_the_sum_of_its_days():
    demand = promoted(sold_over(60), FIRST + 62, FIRST + 64, 2.0)
    begin = FIRST + 60
    parts = sum(demands.expected(demand, begin + step) for step in range(10))
    assert demands.over(demand, begin * DAY, 10.0).mean == pytest.approx(parts)
    daily = [demand.level * one for one in demands.shape_of(demand, begin, 10)]
    assert sum(daily) == pytest.approx(parts)
    quarters = sum(demands.over(demand, (begin + step / 4) * DAY, 0.25).mean for step in range(40))
    assert quarters == pytest.approx(parts)


def test_candidates_do_not_learn_from_promoted_days():
    demand, models = Demand(closed=FIRST - 1), Models()
    hear = models.observer(demand)
    for day in range(FIRST, FIRST + 30):
        if day == FIRST + 20:
            demands.see_promotion(demand, day)
        demands.record(demand, day, 30 if day == FIRST + 20 else 10)
        demands.close_through(demand, day, observe=hear)
    assert models.history.last(30) == [None if day == 20 else 10 for day in range(30)]


def test_what_ended_is_forgotten_and_what_was_learned_stays():
    demand = promoted(sold_over(120, uplift=2.0, every=14), FIRST + 121, FIRST + 122)
    learned = demand.promotions.uplift()
    demands.close_through(demand, FIRST + 122)
    assert demand.promotions.planned == demand.promotions.seen == []
    assert demands.factor(demand, FIRST + 122) < 1.2
    assert 1.0 < demand.promotions.uplift() < learned


def test_a_sale_of_a_closed_day_promotes_nothing():
    demand = sold_over(60)
    demands.see_promotion(demand, FIRST + 59)
    assert demand.promotions is None


def test_a_promoted_day_is_a_spike_only_beyond_its_uplift():
    demand = sold_over(300, uplift=3.0, every=14)
    day = FIRST + 300
    usual = spike_threshold(demand, day)
    demands.see_promotion(demand, day)
    assert usual < 30 < spike_threshold(demand, day)
    assert spike_threshold(demand, day) < 100


def on_sale(story, units, at):
    """Sell on a promoted day."""
    sale = Sale(
        event_id=f"promoted-{at}",
        occurred_at=utc(at),
        location="S",
        sku="A",
        quantity=units,
        promotion="week of tea",
    )
    return position.sell(story.book, sale, at, b"promoted", NO_BLOCKS)


def test_a_sale_says_that_its_day_is_promoted():
    story = Story(stock=1000)
    story.days(30)
    day = story.book.demand.day
    assert on_sale(story, 25, day * DAY + 3600.0) == position.APPLIED
    assert demands.factor(story.book.demand, day) == pytest.approx(1.0, abs=0.3)
    assert story.book.demand.promotions.believed(day) == 1.0


def test_an_order_before_a_known_promotion_covers_it_and_one_long_before_does_not():
    reorder_points = []
    for starts_in in (None, 3, 60):
        story = Story(stock=400)
        story.days(30)
        if starts_in is not None:
            today = utc(story.now).date()
            promotion = Promotion(
                starts_on=today + timedelta(days=starts_in),
                ends_on=today + timedelta(days=starts_in + 2),
                expected_uplift=3.0,
            )
            item = msgspec.structs.replace(story.item, promotions=(promotion,))
            assert position.set_item(story.book, item, item.at) == position.APPLIED
        decide.reconsider(story.book, KEY, story.now, story.supply)
        reorder_points.append(story.book.targets.reorder_point)
    without, soon, late = reorder_points
    assert soon >= without + 3 * 2 * 9
    assert late == without


def test_a_promotion_that_is_called_off_is_expected_no_longer():
    demand = promoted(sold_over(60), FIRST + 62, FIRST + 64, 2.0)
    demands.plan_promotions(demand, [])
    assert demands.over(demand, (FIRST + 60) * DAY, 7.0) == demands.over(
        sold_over(60), (FIRST + 60) * DAY, 7.0
    )


@given(
    st.lists(
        st.tuples(st.integers(-20, 80), st.integers(0, 40), st.sampled_from([0.5, 1.0, 3.0])).map(
            lambda span: (FIRST + span[0], FIRST + span[0] + span[1], span[2])
        ),
        max_size=6,
    ),
    st.lists(st.integers(-5, 70).map(lambda day: FIRST + day), unique=True, max_size=6),
    st.integers(0, 40),
)
def test_spans_of_promotions_have_the_days_of_each_once_and_believe_the_same(planned, seen, days):
    promotions = Promotions(planned=planned, seen=seen)
    spans = promotions.spans(FIRST, FIRST + days)
    each = [(day, believed) for first, last, believed in spans for day in range(first, last + 1)]
    assert sorted(each) == promotions.between(FIRST, FIRST + days)


@pytest.mark.parametrize("known", [0, 30, 600])
@pytest.mark.parametrize("days", [0.4, 3.0, 25.5, 700.0, 3000.0])
def test_a_long_time_is_summed_to_what_its_days_are(known, days):
    """Whole spans of a promotion, and long times beyond a shape, are not summed day by day."""
    demand = promoted(sold_over(80), FIRST + 82, FIRST + 300, 2.5)
    demand.shape = [0.5 + day % 5 / 4 for day in range(known)]
    demand.shape_start = FIRST + 70
    begin = (FIRST + 80.3) * DAY
    each, at, end = 0.0, begin, begin + days * DAY
    while at < end - 1e-6:
        until = min((at // DAY + 1) * DAY, end)
        each += demands.factor(demand, int(at // DAY)) * (until - at) / DAY
        at = until
    assert demands.shape_over(demand, begin, days) == pytest.approx(each, rel=1e-9)
