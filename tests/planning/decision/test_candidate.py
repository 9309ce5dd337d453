"""How an item stands to its next order: what a basket may add of it, and never more."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stories import KEY, START, Story

from andon.planning.decision.candidate import standing_of
from andon.planning.decision.overstock import excess_of
from andon.planning.decision.situation import situation_of
from andon.schemas.items import Source


def standing(story):
    return standing_of(situation_of(story.book, KEY, START, story.supply))


def test_an_item_above_its_reorder_point_says_when_it_is_there_and_what_it_could_take():
    story = Story(stock=200)
    found = standing(story)
    aims = story.book.targets
    assert found.days == pytest.approx((200 - aims.reorder_point) / 10)
    assert found.need == max(aims.order_up_to - 200, 0)
    assert found.most > 0


@pytest.mark.parametrize(
    "fields",
    [
        {"lifecycle": "run_down"},
        {"stage": "shadow"},
        {"expected_daily_demand": None},
        {"expected_daily_demand": 0.0},
        {"sources": (Source(supplier="ACME", lead_time_days=1, valid_until=date(2000, 1, 1)),)},
    ],
)
def test_what_is_not_ordered_is_not_added(fields):
    assert standing(Story(stock=200, **fields)) is None


@settings(deadline=None)
@given(
    stock=st.integers(0, 900),
    life=st.none() | st.sampled_from((3.0, 20.0, 400.0)),
    pack=st.sampled_from((1, 12, 50)),
    most=st.none() | st.sampled_from((60, 500)),
)
def test_no_more_is_added_than_sells_before_it_expires_or_would_be_told_as_too_much(
    stock, life, pack, most
):
    source = Source(supplier="ACME", lead_time_days=5.0, maximum_order=most)
    story = Story(stock=stock, shelf_life_days=life, pack_size=pack, sources=(source,))
    found = standing(story)
    assert found.most % pack == 0
    assert most is None or found.most <= most
    if not found.most:
        return
    enough = excess_of(situation_of(story.book, KEY, START, story.supply)).most
    assert stock + found.most <= enough
