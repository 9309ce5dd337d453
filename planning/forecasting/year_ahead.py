"""What the year of an item's pool says of the weeks ahead of it: by how much more sells in them than of late.

A level knows the last weeks, and what an order must cover comes after them. What the pool's weeks did a year ago, and two years
ago, between the same two is taken as far as it has foreseen the pool before: it is multiplied, as a change, by the slope of what
came on what had been foreseen, within 0 and 1, and is nothing where that explains too little (a regression through the origin
over all weeks so far; Theil, 1966, on corrected forecasts).
"""

import math
from collections.abc import Callable, Sequence
from operator import mul
from typing import Final

from andon.planning.demand.demand import Demand
from andon.planning.demand.level import DISCOUNT
from andon.planning.forecasting.models import Models
from andon.planning.forecasting.weeks import WEEK

_YEAR_WEEKS: Final = 52
_YEARS: Final = 2
#: The weeks that a level remembers, and what each counts in it, the oldest first.
_LATE_WEEKS: Final = 8
_LATE: Final = tuple(DISCOUNT ** (WEEK * ago) for ago in range(_LATE_WEEKS - 1, -1, -1))
#: Over so many weeks a year must have foreseen its pool, and explained so much of what it did.
_LEAST_JUDGED: Final = 52
_LEAST_EXPLAINED: Final = 0.2
#: No year makes more of a level than this, or less than its inverse.
_MOST: Final = 2.5


class YearAhead:
    """The weeks of a pool, and what they say of those ahead.

    Args:
        first: the first week (weeks since 1970, which begin on Thursdays).
        levels: what each week was of any one of them.
    """

    def __init__(self, first: int, levels: Sequence[float]) -> None:
        self._first = first
        self._levels = list(levels)
        self._factors: dict[tuple[int, int], float] = {}

    def factor(self, day: int, days: float) -> float:
        """Return how many times what sold a day of late will be sold in some days, by the weeks before them alone.

        Args:
            day: the first of them (days since 1970).
            days: how many.
        """
        at, span = day // WEEK - self._first, max(round(days / WEEK), 1)
        found = self._factors.get((at, span))
        if found is None:
            found = self._factors[at, span] = self._factor(at, span)
        return found

    def _factor(self, at: int, span: int) -> float:
        known = min(at, len(self._levels))
        foreseen = self._foreseen(at, span, known)
        if foreseen is None:
            return 1.0
        said, came = [], []
        for place in range(_YEAR_WEEKS + _LATE_WEEKS, known - span + 1):
            before = self._foreseen(place, span, place)
            if before is not None:
                said.append(before)
                came.append(self._change(place, span))
        squares = _dot(said, said)
        total = _dot(came, came)
        if len(said) < _LEAST_JUDGED or not squares or not total:
            return 1.0
        product = _dot(said, came)
        if product <= 0 or product * product < _LEAST_EXPLAINED * squares * total:
            return 1.0
        factor = math.exp(min(product / squares, 1.0) * foreseen)
        return min(max(factor, 1.0 / _MOST), _MOST)

    def _foreseen(self, at: int, span: int, known: int) -> float | None:
        """Return the change that is foreseen at a week from the weeks known before it, None without a year of them."""
        changes = [
            self._change(then, span)
            for then in (at - _YEAR_WEEKS * years for years in range(1, _YEARS + 1))
            if then >= _LATE_WEEKS and then + span <= known
        ]
        return math.fsum(changes) / len(changes) if changes else None

    def _change(self, at: int, span: int) -> float:
        """Return the logarithm of what the weeks from one on were of those before it, as a level remembers these."""
        ahead = math.fsum(self._levels[at : at + span]) / span
        late = _dot(self._levels[at - _LATE_WEEKS : at], _LATE) / math.fsum(_LATE)
        return math.log(ahead / late) if ahead > 0 and late > 0 else 0.0


def follow_year(
    models: Models, level: Demand, days: float, year: Callable[[], YearAhead | None]
) -> None:
    """Have a level speak with its pool's year, on the days on which it is weighed who speaks, if nothing else does.

    Args:
        models: what competes with the level.
        level: the book's demand.
        days: the interval that matters to the item, from the first open day on.
        year: what its pool lends, asked for only where it is needed.
    """
    first = models.history.closed + 1
    if models.active or models.weighed != first:
        return
    lent = year()
    if lent is not None:
        level.mean_factor = lent.factor(first, days)


def _dot(some: Sequence[float], others: Sequence[float]) -> float:
    return math.fsum(map(mul, some, others))
