"""The year of a pool: a season fitted with Prophet to what its items sold by week, if it would have foreseen that itself."""

from array import array
from functools import lru_cache
from typing import Final

from andon.agents.prophets import fit_and_predict, new_prophet
from andon.planning.forecasting.weeks import WEEK
from andon.schemas.forecasts import PooledYear

#: A week stands for its middle.
_MIDDLE: Final = 3
#: So many pairs of waves: with Prophet's ten, two years of M5 are fitted to their noise (bench/pooled_years.py).
WAVES: Final = 3
#: What a day may be of a usual one at least.
_LOWEST: Final = 0.05
#: Weeks foreseen from each of some ends of the past, the level being that of as many before; and the margin by which a year must win.
_AHEAD: Final = 4
_ENDS: Final = 6
_MARGIN: Final = 0.03
#: A season of less than a year says nothing of the rest of it.
_LEAST_WEEKS: Final = 53
#: Before the pool's first week and after its last, days are told for as long as any item's history and horizon may reach.
_AROUND_DAYS: Final = 800


def year_factors(
    pooled: PooledYear | None, first: int, days: int, known_until: int | None = None
) -> list[float] | None:
    """Return what days are of usual ones by the year of a pool; None if there is no year that is worth it.

    Args:
        pooled: what the pool's items sold.
        first: the first of the days (days since 1970).
        days: how many.
        known_until: nothing that was sold on this day or later is used (days since 1970).
    """
    if pooled is None:
        return None
    index = pooled.index
    if known_until is not None:
        index = index[: max(known_until // WEEK - pooled.first_week, 0)]
    if not foresees(pooled.first_week, index):
        return None
    start, factors = season_of(pooled.first_week, index)
    begin = first - start
    if begin < 0 or begin + days > len(factors):
        return None
    return list(factors[begin : begin + days])


@lru_cache(maxsize=1024)
def foresees(first_week: int, index: tuple[float, ...]) -> bool:
    """Return whether a season would have foreseen a pool's weeks better than their level alone, by 3% of the absolute error.

    It is judged by the four weeks after each of six ends of the past, fitted to what was known then; of the last there may be fewer.

    Args:
        first_week: weeks since 1970.
        index: what was sold by week, of any unit.
    """
    if len(index) < _LEAST_WEEKS + _ENDS * _AHEAD:
        return False
    seasonal = plain = 0.0
    # The ends are the same from week to week, and with them the fits.
    newest = len(index) - 1 - (first_week + len(index) - 1) % _AHEAD
    for end in range(newest - (_ENDS - 1) * _AHEAD, len(index), _AHEAD):
        start, factors = season_of(first_week, index[:end])
        expected = factors[first_week * WEEK + _MIDDLE - start :: WEEK]
        lately = index[end - _AHEAD : end]
        level = sum(lately) / sum(expected[end - _AHEAD : end])
        flat = sum(lately) / _AHEAD
        for place in range(end, min(end + _AHEAD, len(index))):
            seasonal += abs(index[place] - level * expected[place])
            plain += abs(index[place] - flat)
    return seasonal < (1 - _MARGIN) * plain


@lru_cache(maxsize=1024)
def season_of(
    first_week: int, index: tuple[float, ...], waves: int = WAVES
) -> tuple[int, "array[float]"]:
    """Return the first day that a season is told of (days since 1970), and the factors from there on.

    A thousand items of one pool cost one fit.

    Args:
        first_week: weeks since 1970.
        index: what was sold by week, of any unit.
        waves: so many pairs of waves make up a season.
    """
    start = first_week * WEEK - _AROUND_DAYS
    span = 2 * _AROUND_DAYS + len(index) * WEEK
    told = fit_and_predict(
        new_prophet(growth="flat", weekly_seasonality=False, yearly_seasonality=waves),
        [(first_week + place) * WEEK + _MIDDLE for place in range(len(index))],
        index,
        range(start, start + span),
        "yearly",
    )
    return start, array("f", [max(1.0 + one, _LOWEST) for one in told])
