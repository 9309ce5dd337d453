"""The year of a pool: what its items have in common is found, and nothing of their coming and going."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.forecasting.history import history_of
from andon.planning.forecasting.yearly_season import WEEK, Year, summed, teach_year, year_of

FIRST = 20_001  # a Friday: the first week is not whole
WEEKS = 100


def season(day):
    """A year that all items of a kind have in common."""
    return 1 + 0.6 * math.sin(2 * math.pi * day / 365.25)


def sold(daily, *, begin=0, end=WEEKS * WEEK, chance=None):
    """Days and units of an item that sells in some of the days after the first."""
    means = [daily * season(FIRST + day) for day in range(begin, end)]
    units = map(round, means) if chance is None else chance.poisson(means).tolist()
    return FIRST + begin, list(units)


def taught(items):
    year = Year()
    for first, units in items:
        level = sum(one or 0 for one in units) / len(units)
        teach_year(year, history_of(first, units), -1, level)
    return year


def common(year):
    """The weeks that were to be found, over the one before the first."""

    def week(number):
        return sum(season(day) for day in range(number * WEEK, (number + 1) * WEEK))

    return [week(number) / week(year.first - 1) for number in range(year.first, year.end)]


@given(st.lists(st.floats(60, 4000), min_size=1, max_size=6))
def test_items_that_have_a_year_in_common_are_found_to_have_it(daily):
    year = taught([sold(one) for one in daily])
    # The first day's week is not whole, eight are an item's first, and the next is what changes are counted from.
    assert len(year) == WEEKS - 1 - 8 - 1
    assert year.index == pytest.approx(common(year), rel=0.05)


@given(
    st.lists(
        st.tuples(st.floats(200, 4000), st.integers(0, 60), st.integers(75, 100)),
        min_size=1,
        max_size=6,
    )
)
def test_items_that_come_and_go_do_not_look_like_a_season(some):
    always = [sold(500)]
    passing = [sold(daily, begin=begin * WEEK, end=end * WEEK) for daily, begin, end in some]
    year = taught(always + passing)
    assert year.index == pytest.approx(common(year), rel=0.03)


def test_a_sum_of_what_was_sold_would_take_a_new_item_for_a_season():
    """What the chain is for: an item ten times as large that comes late lifts the sum by ten, the index by nothing."""
    year = taught([sold(9), sold(90, begin=350)])
    sums = [one / year.sold[0] for one in year.sold]
    assert max(sums) > 1.8 * max(common(year))
    assert max(year.index) < 1.1 * max(common(year))


def test_days_of_which_nothing_is_known_do_not_bend_the_year():
    chance = np.random.default_rng(3)
    items = []
    for daily in (200, 700):
        first, units = sold(daily)
        items.append((first, [None if chance.random() < 0.2 else one for one in units]))
    year = taught(items)
    assert year.index == pytest.approx(common(year), rel=0.06)


def test_a_week_in_which_nothing_sold_is_as_the_one_before_it():
    first, units = sold(500)
    start = 50 * WEEK + (-FIRST) % WEEK
    units[start : start + WEEK] = [0] * WEEK
    year = taught([(first, units)])
    place = (FIRST + start) // WEEK - year.first
    assert year.index[place] == year.index[place - 1] == year.index[place + 1]
    assert year.items[place : place + 2] == [0, 0]


def test_noise_does_not_add_up_from_week_to_week():
    """The same items in every week: their index is their sum, however many weeks lie between."""
    chance = np.random.default_rng(5)
    year = taught([sold(10, chance=chance) for _ in range(40)])
    ratios = np.array(year.index) / np.array(common(year))
    assert ratios.std() < 0.03
    assert abs(ratios[-20:].mean() / ratios[:20].mean() - 1) < 0.03


def test_no_item_drowns_the_others():
    small, large = [sold(10) for _ in range(5)], [sold(1000)]
    year = taught(small + large)
    assert year.items[-1] == 6
    assert year.sold[-1] == pytest.approx(sum(taught(small).sold[-1:]) * 6 / 5, rel=0.1)


def test_an_item_s_weeks_are_added_once_as_they_come():
    first, units = sold(20)
    at_once, by_week = Year(), Year()
    teach_year(at_once, history_of(first, units), -1, 20.0)
    past, known = history_of(first, units[:70]), -1
    for day, one in enumerate(units[70:], first + 70):
        past.add(day, one)
        known = teach_year(by_week, past, known, 20.0)
        assert teach_year(by_week, past, known, 20.0) == known
    assert by_week == at_once
    assert known == (past.closed + 1) // WEEK - 1


@pytest.mark.parametrize("days", [0, 1, 56, 63, 69])
def test_an_item_that_is_new_says_nothing(days):
    year = Year()
    first, units = sold(20, end=days)
    assert teach_year(year, history_of(first, units), -1, 20.0) == -1
    assert year == Year()


@given(
    st.lists(st.tuples(st.integers(2000, 2400), st.integers(1, 9)), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_years_add_up_in_any_order_and_remember_three_of_them(seen, chance):
    parts = [year_of(week, [units], [2 * units], [1]) for week, units in seen]
    whole = Year()
    for week, units in seen:
        whole.see(week, units, 2 * units)
    newest = max(week for week, _ in seen)
    kept = [(week, units) for week, units in seen if week > newest - 157]
    chance.shuffle(parts)
    for year in (summed(parts), whole):
        assert year.end == newest + 1
        assert len(year) <= 157
        assert sum(year.sold) == sum(units for _, units in kept)
        assert sum(year.items) == len(kept)
    assert summed(parts).until(newest).end == newest
