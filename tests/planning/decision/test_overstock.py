"""Too much stock in two figures: what expires, and what nobody wants."""

import pytest
from support.stories import Story

from andon.planning.decision.overstock import excess_of
from andon.planning.decision.situation import situation_of
from andon.planning.demand.demand import over


def sold_for_weeks(**fields):
    story = Story(stock=5000, unit_cost=2.0, unit_price=None, order_cost=0.0, **fields)
    story.days(15)
    return story


def numbers(story, stock):
    story.now += 60
    story.book.alerts.pop("overstock", None)
    story.count(stock)
    alert = story.alerts("overstock")[-1]
    return alert, alert.numbers


@pytest.mark.parametrize(
    ("shelf_life", "expires", "idles"),
    [(None, False, True), (30.0, True, False), (90.0, True, True), (2000.0, False, True)],
)
def test_what_expires_and_what_nobody_wants_are_told_apart_and_add_up(shelf_life, expires, idles):
    story = sold_for_weeks(shelf_life_days=shelf_life)
    alert, figures = numbers(story, 2000)
    assert (figures["expiring"] > 0, figures["idle"] > 0) == (expires, idles)
    assert figures["expiring"] + figures["idle"] == figures["excess"] > 0
    assert figures["expiring_value"] == 2.0 * figures["expiring"]
    assert figures["idle_value"] == 2.0 * figures["idle"]
    assert figures["excess_value"] == 2.0 * figures["excess"]
    assert alert.severity == ("warning" if expires else "info")
    assert ("expire" in alert.sentence, "cash asleep" in alert.sentence) == (expires, idles)


@pytest.mark.parametrize("shelf_life", [30.0, 90.0])
def test_what_expires_is_what_does_not_sell_within_the_shelf_life(shelf_life):
    story = sold_for_weeks(shelf_life_days=shelf_life)
    _, figures = numbers(story, 2000)
    sells = over(story.book.demand, story.now, shelf_life).mean
    assert figures["expiring"] == pytest.approx(2000 - sells, abs=1)


@pytest.mark.parametrize("shelf_life", [None, 20.0, 70.0])
def test_what_an_order_brings_is_never_too_much(shelf_life):
    story = sold_for_weeks(shelf_life_days=shelf_life, minimum_order=3000)
    story.count(story.book.targets.reorder_point + 3000)
    view = situation_of(story.book, "S/A", story.now, story.supply)
    assert excess_of(view).units == 0


def test_more_stock_is_never_less_too_much():
    story = sold_for_weeks(shelf_life_days=90.0)
    found = []
    for stock in range(0, 3000, 100):
        story.book.on_hand = stock
        found.append(excess_of(situation_of(story.book, "S/A", story.now, story.supply)))
    assert [one.units for one in found] == sorted(one.units for one in found)
    assert [one.expire for one in found] == sorted(one.expire for one in found)
    assert [one.idle for one in found] == sorted(one.idle for one in found)
