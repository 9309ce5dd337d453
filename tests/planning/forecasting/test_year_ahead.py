"""What the year of a pool says of the weeks ahead: only what it has foreseen before, and nothing of what it cannot know."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.planning.demand.state import Demand
from andon.planning.forecasting.models import Models
from andon.planning.forecasting.year_ahead import YearAhead, follow_year

FIRST = 2600
WEEKS = 157


def seasonal(weeks=WEEKS, swing=0.4, noise=0.02, seed=1):
    chance = random.Random(seed)
    return [
        math.exp(swing * math.sin(2 * math.pi * week / 52) + chance.gauss(0, noise))
        for week in range(weeks)
    ]


def noisy(weeks=WEEKS, seed=2):
    chance = random.Random(seed)
    return [math.exp(chance.gauss(0, 0.1)) for _ in range(weeks)]


def truth(week, span, swing=0.4):
    """What the weeks from one on are of the eight before it, as a level remembers these."""
    level = [
        math.exp(swing * math.sin(2 * math.pi * one / 52)) for one in range(week - 8, week + span)
    ]
    weights = [0.96 ** (7 * ago) for ago in range(7, -1, -1)]
    late = sum(one * weight for one, weight in zip(level, weights, strict=False)) / sum(weights)
    return sum(level[8:]) / span / late


@pytest.mark.parametrize("week", [120, 131, 144, 156])
@pytest.mark.parametrize("days", [7, 14, 28])
def test_a_steady_season_is_foreseen(week, days):
    said = YearAhead(FIRST, seasonal()[:week]).factor((FIRST + week) * 7, days)
    assert said == pytest.approx(truth(week, days // 7), rel=0.06)


def test_what_has_no_year_has_none_foreseen():
    ahead = YearAhead(FIRST, noisy())
    assert all(
        ahead.factor((FIRST + week) * 7, 14) == pytest.approx(1.0, abs=0.06)
        for week in range(115, 157)
    )


@pytest.mark.parametrize("weeks", [0, 1, 30, 60, 100])
def test_before_a_year_of_foresight_nothing_is_foreseen(weeks):
    assert YearAhead(FIRST, seasonal(weeks)).factor((FIRST + weeks) * 7, 14) == 1.0


@given(
    st.integers(110, 150),
    st.integers(1, 60),
    st.lists(st.floats(0.01, 100), min_size=7, max_size=7),
)
def test_what_comes_later_changes_nothing(week, days, later):
    known = seasonal()[:week]
    day = (FIRST + week) * 7
    assert YearAhead(FIRST, known).factor(day, days) == YearAhead(FIRST, known + later).factor(
        day, days
    )


@given(st.lists(st.floats(0, 1e6), max_size=170), st.integers(-20, 200), st.floats(0.01, 400.0))
def test_a_factor_is_within_its_bounds_whatever_the_weeks(levels, week, days):
    assert 1 / 2.5 <= YearAhead(FIRST, levels).factor((FIRST + week) * 7, days) <= 2.5


def test_the_level_speaks_with_the_year_on_the_days_on_which_it_is_weighed_and_no_other_model_does():
    week = 131
    day = (FIRST + week) * 7
    year = YearAhead(FIRST, seasonal()[:week])
    level, models = Demand(a=30.0, b=10.0, closed=day - 1), Models()
    models.history.add(day - 1, 3)
    models.apply_champion(level, 14.0)
    follow_year(models, level, 14.0, lambda: year)
    assert level.level == pytest.approx(3.0 * truth(week, 2), rel=0.06)
    assert level.own_level == pytest.approx(3.0)
    models.history.add(day, 3)
    before = level.mean_factor
    follow_year(models, level, 14.0, lambda: pytest.fail("asked for on a day between"))
    assert level.mean_factor == before


def test_no_pool_leaves_the_level_as_it_is():
    level, models = Demand(a=30.0, b=10.0, closed=9), Models()
    models.history.add(9, 3)
    models.apply_champion(level, 14.0)
    follow_year(models, level, 14.0, lambda: None)
    assert level.mean_factor == 1.0
