"""The fast copies of `weekday_season.week_of`: one factor of a week without the others, and a memory of the week asked for last."""

from itertools import accumulate
from typing import NamedTuple

from andon.planning.demand.weekday_season import WEEKDAYS, shrinkage, week_of


class WeekdaySeason(NamedTuple):
    """The weekday factors that follow from some sums and a level, and their running sum over a week, from nothing to seven."""

    sales: list[float]
    exposure: list[float]
    level: float
    week: list[float]
    until: list[float]


#: The season looked at last: one decision asks for it a dozen times. It is keyed by all that it follows from.
_last = WeekdaySeason([], [], -1.0, [], [])


def season_of(sales: list[float], exposure: list[float], level: float) -> WeekdaySeason:
    """Return the factors of `week_of` and their running sum; the arguments are its own."""
    global _last  # noqa: PLW0603 - a memory of one, replaced whole
    last = _last
    if last.level == level and last.sales == sales and last.exposure == exposure:
        return last
    # Copies, as sums go on growing in place.
    sales, exposure = sales.copy(), exposure.copy()
    week = week_of(sales, exposure, level)
    _last = last = WeekdaySeason(sales, exposure, level, week, list(accumulate(week, initial=0.0)))
    return last


def factor_of(weekday: int, sales: list[float], exposure: list[float], level: float) -> float:
    """Return one of the factors that `week_of` returns, at a fifth of the price of all."""
    if not sales:
        return 1.0
    shrink = shrinkage(level)
    # Written out: it happens with every day of every item, and costs half as much as a loop.
    a, b, c, d, e, f, g = sales
    h, i, j, k, m, n, o = exposure
    total = (
        (a + shrink) / (h + shrink)
        + (b + shrink) / (i + shrink)
        + (c + shrink) / (j + shrink)
        + (d + shrink) / (k + shrink)
        + (e + shrink) / (m + shrink)
        + (f + shrink) / (n + shrink)
        + (g + shrink) / (o + shrink)
    )
    return (sales[weekday] + shrink) / (exposure[weekday] + shrink) * (WEEKDAYS / total)
