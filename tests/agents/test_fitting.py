"""Prophet finds the shape of the week, at unit mean, and says when there is too little to find one in."""

import math
import random
import statistics
from datetime import date, timedelta

import pytest

from andon.agents.fitting import Configuration, TooShort, fit, fit_best

FIRST = 20_000
WEEK = (4, 6, 8, 10, 12, 20, 10)


def test_the_shape_of_the_week_is_found_at_unit_mean_and_goes_on_into_the_future():
    sold = [WEEK[day % 7] for day in range(84)]
    shape = fit(FIRST, sold, 14, Configuration())
    assert len(shape) == 98
    assert statistics.fmean(shape[:84]) == pytest.approx(1.0, abs=0.01)
    for day in range(84, 98):
        assert shape[day] == pytest.approx(WEEK[day % 7] / 10, abs=0.03)


def test_days_of_which_nothing_is_known_do_not_bend_the_shape():
    sold = [None if day % 9 == 0 else WEEK[day % 7] for day in range(126)]
    shape = fit(FIRST, sold, 7, Configuration())
    assert shape[-7:] == pytest.approx([WEEK[day % 7] / 10 for day in range(126, 133)], abs=0.05)


@pytest.mark.parametrize("sold", [[5] * 20, [0] * 60, [None] * 60, []])
def test_too_little_to_find_a_shape_in_is_an_error_that_says_so(sold):
    with pytest.raises(TooShort, match="at least 21 known days"):
        fit(FIRST, sold, 7, Configuration())


def test_a_season_of_the_year_joins_once_it_has_been_seen_twice_and_foresees_better():
    chance = random.Random(2)
    sold = [
        max(round(20 * (1 + 0.8 * math.sin(2 * math.pi * day / 365)) + chance.gauss(0, 2)), 0)
        for day in range(736)
    ]
    shape, used = fit_best(FIRST, sold, 60)
    assert "year" in used
    rise = shape[736 + 50] / shape[736]
    wanted = (1 + 0.8 * math.sin(2 * math.pi * 786 / 365)) / (
        1 + 0.8 * math.sin(2 * math.pi * 736 / 365)
    )
    assert rise == pytest.approx(wanted, rel=0.15)
    assert fit_best(FIRST, sold[:400], 60)[1] == "week"


def test_holidays_join_where_they_foresee_better_and_nowhere_else():
    """The last of the four weeks that are held out has Christmas, when ten times as much is sold, as the year before."""
    first = (date(2022, 1, 1) - date(1970, 1, 1)).days
    holidays = {date(year, 12, day) for year in (2022, 2023) for day in (25, 26)}
    days = [date(2022, 1, 1) + timedelta(days=place) for place in range(727)]
    sold = [100 if day in holidays else WEEK[day.weekday()] for day in days]
    _, used = fit_best(first, sold, 14, "DE")
    assert used == "week, holidays of DE"
    plain = [WEEK[day.weekday()] for day in days]
    assert fit_best(first, plain, 14, "DE")[1] == "week"
