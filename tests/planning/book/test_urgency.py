"""Which items a disruption can matter to at once, and which news of a line."""

import msgspec
import pytest
from support.stories import DAY, START, Story

from andon.planning.book.book import Line
from andon.planning.book.urgency import buys_through, days_left, is_urgent, matters, waits_for
from andon.planning.supply.disruption import Disruption


def strike(scope="carrier", name="X", **fields):
    return Disruption("D", scope, name, START, since=START, **fields)


def test_an_item_with_goods_on_their_way_through_it_waits_for_a_disruption_it_does_not_buy_through():
    story = Story(stock=60)
    story.line("PO", 1, quantity=100, days=3, carrier="X")
    assert waits_for(story.book, strike())
    assert not buys_through(story.book, strike())
    assert not waits_for(story.book, strike(name="Y"))
    story.line("PO", 2, quantity=100, days=3, received=100, status="received", carrier="X")
    assert not waits_for(story.book, strike())


def test_nobody_buys_what_is_run_down():
    at_acme = strike("supplier", "ACME")
    assert buys_through(Story().book, at_acme)
    assert not buys_through(Story(lifecycle="run_down").book, at_acme)


@pytest.mark.parametrize(
    ("stock", "fields", "urgent"),
    [
        (60, {"ends": START + 9 * DAY}, True),
        (5000, {"ends": START + 9 * DAY}, False),
        (5000, {"ends": START + 400 * DAY}, True),
        (300, {"hours": 24.0}, False),
        (300, {"hours": 24.0 * 30}, True),
        (200, {}, True),
        (500, {}, False),
    ],
)
def test_stock_for_long_is_left_to_the_end_of_the_day(stock, fields, urgent):
    assert is_urgent(Story(stock=stock).book, strike(**fields)) == urgent


def test_an_alert_that_supply_moves_is_urgent_and_one_of_too_much_stock_is_not():
    story = Story(stock=20)
    assert "replenish" in story.book.alerts
    story.book.on_hand = 5000
    assert is_urgent(story.book, strike(hours=1.0))
    story.book.alerts = {"overstock": story.book.alerts["replenish"]}
    assert not is_urgent(story.book, strike(hours=1.0))


def test_what_sells_nothing_lasts_for_ever():
    assert days_left(Story(stock=60).book) == pytest.approx(6.0)
    story = Story(stock=60)
    story.book.demand.a = 0.0
    assert days_left(story.book) == float("inf")


def line(**fields):
    return Line("PO", 1, 100, 0, "ordered", START + 3 * DAY, 1.0, START + 3 * DAY, **fields)


@pytest.mark.parametrize(
    ("stock", "change", "is_news"),
    [
        (60, {"version": 2, "status": "in_transit"}, False),
        (60, {"expected": START + 3 * DAY + 1e-6}, False),
        (60, {"expected": START + 9 * DAY}, True),
        (60, {"expected": START + DAY}, True),
        (60, {"cause": "D", "reason": "strike"}, True),
        (5000, {"expected": START + 9 * DAY}, False),
        (5000, {"expected": START + 400 * DAY}, True),
        (5000, {"received": 10}, True),
        (5000, {"quantity": 90}, True),
        (5000, {"alert_id": "replenish:S/A:1"}, True),
    ],
)
def test_news_of_a_line_matter_if_goods_move_or_a_date_that_the_stock_does_not_outlast(
    stock, change, is_news
):
    before = line()
    after = msgspec.structs.replace(before, **change)
    assert matters(Story(stock=stock).book, before, after, START) == is_news


def test_a_new_line_and_one_that_is_done_always_matter():
    book = Story(stock=5000).book
    assert matters(book, None, line(), START)
    assert matters(book, line(), None, START)
