"""What a closed day says of service, stock and forecast."""

import random

import pytest
from support.stories import DAY, START, Story

from andon.planning.decision.service import advance
from andon.planning.demand import demand as demands
from andon.planning.forecasting.candidates import NAMES, Tsb
from andon.planning.forecasting.models import Models


def close(story, days=1):
    """Let so many days end; return what they were like."""
    story.now = (story.now // DAY + days) * DAY
    return advance(story.book, story.now, 0.0)[1]


def a_story(**fields):
    story = Story(**fields)
    story.book.clock = START
    return story


def test_a_day_is_closed_once():
    story = a_story()
    story.sell(3)
    assert close(story).sold == 3
    assert advance(story.book, story.now, 0.0) == (0, None)


def test_a_full_shelf_is_short_of_nothing():
    story = a_story(stock=100)
    story.sell(3)
    closed = close(story)
    assert (closed.days, closed.out_of_stock_days, closed.sold, closed.short) == (1, 0, 3, 0)


def test_an_empty_shelf_is_short_of_what_was_expected_and_not_sold():
    story = a_story(stock=4)
    story.sell(4)
    closed = close(story)
    assert closed.out_of_stock_days == 1
    assert (closed.sold, closed.short) == (4, pytest.approx(10 - 4))


def test_days_without_an_event_are_as_empty_as_the_shelf():
    story = a_story(stock=4)
    story.sell(4)
    close(story)
    level = story.book.demand.level
    closed = close(story, days=3)
    assert (closed.days, closed.out_of_stock_days) == (3, 3)
    assert closed.short == pytest.approx(3 * level)


def test_before_a_first_count_nobody_knows_that_it_is_empty():
    story = a_story()
    story.book.counted_at = 0.0
    story.book.on_hand = 0
    story.sell(2)
    assert close(story).out_of_stock_days == 0


def test_what_was_backordered_and_spoiled_is_counted_once():
    story = a_story(stock=50)
    story.sell(1)
    story.book.backordered, story.book.wasted = 0, 0
    story.book.demand.sold += 6
    story.book.backordered = 6
    story.book.wasted = 2
    closed = close(story)
    assert (closed.sold, closed.short, closed.wasted) == (1, 6, 2)
    story.sell(1)
    again = close(story)
    assert (again.sold, again.short, again.wasted) == (1, 0, 0)


def test_errors_add_up_to_what_the_forecasts_missed():
    chance = random.Random(3)
    story = a_story(stock=10**6)
    story.sell(10)
    close(story)
    missed = sold = over = under = actual = 0.0
    for _ in range(60):
        units = chance.randint(1, 30)
        expected = demands.expected(story.book.demand, story.book.demand.day)
        missed += abs(expected - units)
        sold += units
        story.sell(units, (story.now // DAY) * DAY + 3600)
        closed = close(story)
        over, under, actual = over + closed.over, under + closed.under, actual + closed.actual
    assert over + under == pytest.approx(missed)
    assert actual == pytest.approx(sold)
    assert over > 0 < under


def test_errors_are_those_of_what_speaks_day_by_day():
    """TSB speaks, and expects something else than the level."""
    story = a_story(stock=10**6)
    models, place = Models(), NAMES.index(Tsb.name)
    missed = over = under = 0.0
    for day in range(60):
        units = 1 + day * 7 % 30
        story.sell(units, (story.now // DAY) * DAY + 3600)
        models.champion = place
        tsb = models.tsb
        if day > 30:
            missed += abs(max(tsb.occurrence, 0.0) * tsb.size - units)
        story.now = (story.now // DAY + 1) * DAY
        closed = advance(story.book, story.now, 0.0, models)[1]
        if day > 30:
            over, under = over + closed.over, under + closed.under
    assert over + under == pytest.approx(missed)


def test_an_eighty_percent_interval_of_whole_units_holds_four_days_in_five_or_a_few_more():
    chance = random.Random(7)
    judged = covered = 0
    for _ in range(12):
        story = a_story(stock=10**6)
        for _ in range(60):
            units = sum(chance.random() < 0.01 for _ in range(2000))
            story.sell(units or 1, (story.now // DAY) * DAY + 3600)
            closed = close(story)
            judged, covered = judged + closed.judged, covered + closed.covered
    assert judged > 12 * 40
    assert 0.78 < covered / judged < 0.95
