"""What was usual in the weeks before a day, and on each of their weekdays, from sums that are taken once."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

WEEK: Final = 7
_MONTH: Final = 28
#: Over so many days weekdays are compared.
SEASON: Final = 56
#: With fewer days, weekdays say nothing yet.
_LEAST_DAYS: Final = 2 * WEEK


class Weeks:
    """The 28 days before a place, and each weekday of the 56 days before it; days that are unknown are left out.

    Args:
        days: units by day (None: unknown); all from 56 before the first place that is asked for.
    """

    __slots__ = ("_days", "_is_known", "_known", "_sold")

    def __init__(self, days: list[int | None]) -> None:
        sold = known(days)
        self._days = days
        self._is_known = len(sold) == len(days)
        #: What was sold before each place, and how many days were known.
        self._sold: list[int]
        self._known: Sequence[int]
        if self._is_known:
            self._sold, self._known = [0, *accumulate(sold)], range(len(days) + 1)
        else:
            self._sold = [0, *accumulate(units or 0 for units in days)]
            self._known = [0, *accumulate(units is not None for units in days)]

    def mean(self, end: int) -> float | None:
        """Return the mean of the 28 days before a place, None if none is known."""
        begin = end - _MONTH if end > _MONTH else 0
        count = self._known[end] - self._known[begin]
        return (self._sold[end] - self._sold[begin]) / count if count else None

    def factor(self, place: int, end: int) -> float:
        """Return what the weekday of a place is of the mean of the 56 days before an end; 1 while that cannot be told."""
        begin = end - SEASON if end > SEASON else 0
        total = self._sold[end] - self._sold[begin]
        if not total or end < _LEAST_DAYS:
            return 1.0
        same = self._same(place, begin, end)
        if not same:
            return 1.0
        return sum(same) / len(same) * (self._known[end] - self._known[begin]) / total

    def week(self, end: int) -> float:
        """Return the factors of all weekdays before an end, summed; days of which nothing is known count as usual."""
        begin = end - SEASON if end > SEASON else 0
        total, count = self._sold[end] - self._sold[begin], self._known[end] - self._known[begin]
        # Of whole weeks it is seven.
        if not total or end < _LEAST_DAYS or count == SEASON:
            return float(WEEK)
        weekdays = [self._same(weekday, begin, end) for weekday in range(WEEK)]
        means = [sum(same) / len(same) if same else total / count for same in weekdays]
        return sum(means) * count / total

    def _same(self, place: int, begin: int, end: int) -> list[int]:
        """Return what is known of the days between two places that have the weekday of a place."""
        same = self._days[begin + (place - begin) % WEEK : end : WEEK]
        return same if self._is_known else known(same)  # type: ignore[return-value]  # all are known


def known(days: list[int | None]) -> list[int]:
    """Return the days that are known."""
    if None in days:
        return [units for units in days if units is not None]
    return days  # type: ignore[return-value]  # none is unknown
