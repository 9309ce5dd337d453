"""What was usual in the last weeks, and on each of their weekdays: sums that move on day by day."""

from typing import Final

WEEK: Final = 7
_MONTH: Final = 28
#: Over so many days weekdays are compared.
SEASON: Final = 56
#: With fewer days, weekdays say nothing yet.
_LEAST_DAYS: Final = 2 * WEEK


class Weeks:
    """Sums of the 28 days before a place, and of each weekday of the 56 days before it; days that are unknown are left out.

    Args:
        days: units by day (None: unknown); all from 56 before the place on.
        end: the place among them.
    """

    __slots__ = ("_counts", "_days", "_end", "_known", "_month", "_month_known", "_sums", "_total")

    def __init__(self, days: list[int | None], end: int) -> None:
        self._days = days
        self._end = end
        self._sums, self._counts = [0] * WEEK, [0] * WEEK
        begin = max(end - SEASON, 0)
        for place in range(begin, min(begin + WEEK, end)):
            same = known(days[place:end:WEEK])
            self._sums[place % WEEK] = sum(same)
            self._counts[place % WEEK] = len(same)
        self._total, self._known = sum(self._sums), sum(self._counts)
        month = known(days[max(end - _MONTH, 0) : end])
        self._month, self._month_known = sum(month), len(month)

    def go_to(self, end: int) -> None:
        """Take in the days before a later place."""
        days, sums, counts = self._days, self._sums, self._counts
        for place in range(self._end, end):
            weekday = place % WEEK
            units = days[place]
            if units is not None:
                sums[weekday] += units
                counts[weekday] += 1
                self._total += units
                self._known += 1
                self._month += units
                self._month_known += 1
            if place >= _MONTH and (old := days[place - _MONTH]) is not None:
                self._month -= old
                self._month_known -= 1
            if place >= SEASON and (old := days[place - SEASON]) is not None:
                sums[weekday] -= old
                counts[weekday] -= 1
                self._total -= old
                self._known -= 1
        self._end = end

    def mean(self) -> float | None:
        """Return the mean of the 28 days before the place, None if none is known."""
        return self._month / self._month_known if self._month_known else None

    def factor(self, place: int) -> float:
        """Return what the weekday of a place is of the mean of the 56 days; 1 while that cannot be told."""
        weekday = place % WEEK
        count, total = self._counts[weekday], self._total
        if not count or not total or self._end < _LEAST_DAYS:
            return 1.0
        return self._sums[weekday] / count * self._known / total

    def week(self) -> float:
        """Return the factors of all weekdays, summed."""
        if not self._total or self._end < _LEAST_DAYS:
            return float(WEEK)
        means = [
            units / count if count else self._total / self._known
            for units, count in zip(self._sums, self._counts, strict=True)
        ]
        return sum(means) * self._known / self._total


def known(days: list[int | None]) -> list[int]:
    """Return the days that are known."""
    if None in days:
        return [units for units in days if units is not None]
    return days  # type: ignore[return-value]  # none is unknown
