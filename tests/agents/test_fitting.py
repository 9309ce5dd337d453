"""Prophet finds the shape of the week, at unit mean, and says when there is too little to find one in."""

import math
import random
import statistics
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from andon.agents.fitting import Configuration, TooShort, fit, fit_best
from andon.agents.years import season_of, year_factors
from andon.schemas.forecasts import PooledYear

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


def season(day):
    """A year that the items of a pool have in common; it rises in the last weeks of 400 days, and falls after them."""
    return 1 + 0.6 * math.sin(2 * math.pi * (day - FIRST - 40) / 365.25)


def pooled(seasonal=season, weeks=120, end=FIRST + 400, noise=0.02):
    """What a pool has sold until a day; of a usual week each weekday is what WEEK says."""
    first_week = end // 7 - weeks
    chance = random.Random(4)
    return PooledYear(
        pool="category:tea",
        first_week=first_week,
        index=tuple(
            round(seasonal((first_week + place) * 7 + 3) * chance.gauss(1, noise), 4)
            for place in range(weeks)
        ),
        weekdays=tuple(WEEK[(weekday - FIRST) % 7] / 10 for weekday in range(7)),
    )


def sold_by(seasonal, days=400, daily=3.0, seed=2):
    chance = random.Random(seed)
    return [
        max(round(daily * WEEK[day % 7] * seasonal(FIRST + day) + chance.gauss(0, 4)), 0)
        for day in range(days)
    ]


def test_the_year_of_a_pool_joins_an_item_that_follows_it_without_two_years_of_its_own():
    shape, used = fit_best(FIRST, sold_by(season), 90, pooled=pooled())
    assert used == "week, year of category:tea"
    for ahead in (30, 60, 83):
        rise = statistics.fmean(shape[400 + ahead : 407 + ahead]) / statistics.fmean(shape[393:400])
        wanted = season(FIRST + 403 + ahead) / season(FIRST + 396)
        assert rise == pytest.approx(wanted, rel=0.06)
    assert statistics.fmean(shape[400 - 56 : 400]) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("sold", "known"),
    [
        (sold_by(lambda _: 1.0), pooled()),
        (sold_by(season), pooled(lambda _: 1.0, noise=0.1)),
        (sold_by(season), pooled(weeks=76)),
        (sold_by(season), None),
    ],
    ids=["an item that has no year", "a pool that has none", "a pool too young", "no pool"],
)
def test_the_year_of_a_pool_joins_nowhere_else(sold, known):
    assert fit_best(FIRST, sold, 30, pooled=known)[1] == "week"


def test_an_item_too_new_to_be_fitted_borrows_the_week_and_the_year_of_its_pool():
    sold = sold_by(season, 8)
    shape, used = fit_best(FIRST, sold, 90, pooled=pooled(end=FIRST + 8))
    assert used == "week and year of category:tea"
    assert statistics.fmean(shape[1:8]) == pytest.approx(1.0, abs=1e-3)
    for day in (10, 40, 90):
        wanted = WEEK[day % 7] / 10 * season(FIRST + day) / season(FIRST + 4)
        assert shape[day] == pytest.approx(wanted, rel=0.08)
    with pytest.raises(TooShort):
        fit_best(FIRST, sold, 90, pooled=pooled(lambda _: 1.0, noise=0.1))
    with pytest.raises(TooShort):
        fit_best(FIRST, [0] * 8, 90, pooled=pooled())


@pytest.mark.parametrize("days", [21, 48])
def test_an_item_too_new_to_be_judged_has_the_year_that_its_pool_has_foreseen(days):
    sold = sold_by(lambda _: 1.0, days)
    known = pooled(end=FIRST + days)
    assert fit_best(FIRST, sold, 90, pooled=known)[1] == "week, year of category:tea"
    assert fit_best(FIRST, sold, 90, pooled=pooled(lambda _: 1.0, noise=0.1))[1] == "week"


def test_what_a_pool_sold_in_the_weeks_that_are_held_out_is_as_unknown_as_what_the_item_did():
    known = pooled()
    cut = FIRST + 372
    whole = cut // 7 - known.first_week
    surprised = replace(known, index=known.index[:whole] + tuple(9.0 for _ in known.index[whole:]))
    told = [year_factors(one, FIRST, 400, cut) for one in (known, surprised)]
    assert told[0] == told[1]
    assert told[0] != year_factors(known, FIRST, 400)


def test_the_season_of_a_pool_is_found_before_within_and_after_its_weeks():
    known = pooled(noise=0.0)
    begin, end = known.first_week * 7 - 300, FIRST + 400 + 100
    told = year_factors(known, begin, end - begin)
    assert told == pytest.approx([season(day) for day in range(begin, end)], abs=0.03)


def test_a_thousand_items_of_a_pool_cost_one_fit():
    known = pooled(noise=0.03)
    year_factors(known, FIRST, 400)
    fits = season_of.cache_info().misses
    for first in range(FIRST - 5, FIRST + 5):
        year_factors(known, first, 400)
    assert season_of.cache_info().misses == fits
