"""Whether the rows of a table are days: a week or a month taken for a day's sales would ruin what is learned."""

from collections.abc import Collection
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Final, Literal

Grain = Literal["week", "month", "quarter or year"]
#: Fewer dates show no pattern.
_LEAST: Final = 3
_WEEK: Final = 7
_MONTH: Final = range(28, 32)
_MOSTLY: Final = 0.8


def grain_of(days: Collection[int]) -> Grain | None:
    """Return of what the rows are, if not of days.

    Args:
        days: all days of the table (proleptic ordinals) whose rows say no time of day.
    """
    if len(days) < _LEAST:
        return None
    ordered = sorted(days)
    gaps = [after - before for before, after in pairwise(ordered)]
    usual = median(gaps)
    if usual in _MONTH:
        return "month"
    if usual > _MONTH.stop:
        return "quarter or year"
    weekdays = {date.fromordinal(day).weekday() for day in ordered}
    whole = sum(gap % _WEEK == 0 for gap in gaps)
    if usual == _WEEK and (len(weekdays) == 1 or whole >= _MOSTLY * len(gaps)):
        return "week"
    return None
