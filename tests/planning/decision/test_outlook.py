"""What an item's page shows of tomorrow: equal to what is decided, without a trace, and turning the way it should."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stories import DAY, KEY, Story

from andon.agents.outlook_page import change_of
from andon.planning.book.book import Book
from andon.planning.decision.outlook import DIAL, Change, outlook


def story():
    told = Story(stock=60)
    told.days(12)
    told.line("PO", 1, quantity=40, days=3)
    return told


STORY = story()


def look(change=None):
    return outlook(STORY.book, KEY, STORY.now, STORY.supply, change)


def test_the_plan_is_what_the_alert_says():
    told = Story(stock=100)
    while not told.alerts("replenish"):
        told.sell(1, told.now + 7200)
    (opened,) = told.alerts("replenish")
    plan = outlook(told.book, KEY, told.now, told.supply).plan
    assert plan.order_quantity == opened.order_quantity > 0
    assert plan.reorder_point == told.book.targets.reorder_point
    assert plan.inventory_position == told.book.inventory_position


changes = st.builds(
    Change,
    service_class=st.sampled_from([None, "lean", "balanced", "critical"]),
    service_level=st.none() | st.floats(0.5, 0.9999),
    lead_days=st.floats(-365, 365),
    demand=st.floats(0.01, 100),
)


@given(changes)
def test_whatever_is_tried_out_leaves_no_trace(change):
    before = msgspec.msgpack.encode(STORY.book)
    assert look(change).plan == look().plan
    assert msgspec.msgpack.encode(STORY.book) == before
    assert STORY.book.outbox == []


def test_trying_out_nothing_is_what_is():
    found = look(Change())
    assert found.tried == found.plan
    assert look().tried is None


@pytest.mark.parametrize(
    "change",
    [
        Change(service_class="critical"),
        Change(lead_days=4.0),
        Change(demand=1.5),
        Change(service_level=0.999),
    ],
)
def test_what_asks_for_more_holds_more(change):
    found = look(change)
    assert found.tried.reorder_point > found.plan.reorder_point


def test_a_longer_lead_time_is_longer_by_as_much():
    found = look(Change(lead_days=2.0))
    assert found.tried.lead_time_days == pytest.approx(found.plan.lead_time_days + 2.0)


def test_the_dial_holds_more_at_each_stop_and_says_what_that_costs():
    found = look()
    assert [plan.service_level for plan in found.dial] == list(DIAL)
    for one, other in zip(found.dial, found.dial[1:], strict=False):
        assert one.safety_stock <= other.safety_stock
        assert one.insurance_cost <= other.insurance_cost
        assert one.reorder_point <= other.reorder_point


def test_what_is_on_its_way_is_a_step_of_the_band():
    (coming,) = look().receipts
    # What was sold below nothing has come of it already, and comes no more.
    assert coming.quantity == 40 - STORY.book.overdrawn
    assert look().band.ends[0] - look().now <= DAY


def test_of_an_item_of_which_too_little_is_known_nothing_is_said():
    assert outlook(Book(), KEY, STORY.now, STORY.supply) is None


@pytest.mark.parametrize(
    "query",
    [
        {"service_class": "king"},
        {"service_level": "1"},
        {"service_level": "nan"},
        {"lead_days": "inf"},
        {"lead_days": "nan"},
        {"demand": "0"},
        {"demand": "nan"},
        {"demand": "many"},
        {"colour": "red"},
    ],
)
def test_what_makes_no_sense_is_not_tried_out(query):
    with pytest.raises(msgspec.ValidationError):
        change_of(query)


def test_a_query_says_what_is_tried_out():
    assert change_of({}) is None
    assert change_of({"demand": "1.2", "service_class": "lean"}) == Change(
        demand=1.2, service_class="lean"
    )
