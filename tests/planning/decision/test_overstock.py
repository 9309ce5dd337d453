"""Too much stock in two figures: what expires, and what nobody wants."""

import random

import pytest
from support.stories import Story

from andon.planning.decision.overstock import Excess, _sentence, excess_of
from andon.planning.decision.situation import situation_of
from andon.planning.demand.demand import over
from andon.schemas.items import Source


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


@pytest.mark.parametrize(
    ("shelf_life", "pack", "daily", "days"),
    [(4.0, 12, 10, 3.5), (4.0, 1, 10, 4.2), (None, 12, 6, 65), (None, 1, 6, 63), (7.0, 24, 12, 7)],
)
def test_stock_that_is_filled_up_to_what_is_enough_is_said_too_much_once_at_most(
    shelf_life, pack, daily, days
):
    source = Source(supplier="ACME", lead_time_days=1.0, pack_size=pack)
    story = Story(
        stock=int(days * daily),
        unit_cost=0.5,
        unit_price=1.0,
        shelf_life_days=shelf_life,
        sources=(source,),
        expected_daily_demand=float(daily),
        order_cost=0.0,
    )
    chance = random.Random(7)
    for day in range(60):
        for _ in range(daily):
            if chance.random() < 0.9:
                story.sell(chance.choice([0, 1, 1, 2]) or 1, story.now + 3600)
        story.now += 3600
        missing = int(days * daily) - story.book.on_hand
        if missing > 0:
            packs = -(-missing // pack) * pack
            story.line(f"P{day}", 1, quantity=packs, days=0, received=packs, status="received")
    assert len(story.alerts("overstock")) <= 2


@pytest.mark.parametrize(
    ("order_cost", "price", "is_said"), [(0.0, 2.0, True), (400.0, 2.0, False), (400.0, 0.0, True)]
)
def test_what_costs_less_than_an_order_is_not_said(order_cost, price, is_said):
    story = Story(stock=1000, unit_cost=price, unit_price=None, order_cost=order_cost)
    story.days(16)
    assert bool(story.alerts("overstock")) == is_said


def test_one_unit_is_said_as_one():
    story = sold_for_weeks()
    view = situation_of(story.book, "S/A", story.now, story.supply)
    for found in (Excess(10, 60, 1, 0), Excess(10, 60, 1, 1)):
        told = _sentence(view, found, 5.0)
        assert "they" not in told
        assert "1 are" not in told
