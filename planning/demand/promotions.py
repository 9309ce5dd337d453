"""Promotions of one item: on which days, and by how much they have multiplied its demand.

The uplift is Gamma-Poisson like the level: with e units expected on promoted days without it and y sold on them, it is
(y + k r) / (e + k), where r is what is believed of it (1: no lift, unless the planner says so) and k as many units as one
promoted day is worth, and two. Old promotions are forgotten by 5% a promoted day.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

_DISCOUNT: Final = 0.95
_BELIEVED_DAYS: Final = 1.0
_BELIEVED_UNITS: Final = 2.0
#: How far off an uplift may be of which only the belief is known: a standard deviation, as a share of it.
_UNSURE: Final = 0.5
#: After so many promoted days, half of what such a day sells beyond its uplift is put down to the level.
_SURE_DAYS: Final = 3.0
#: No more days that sales say were promoted are open at once than this.
_MOST_SEEN: Final = 64

#: First and last day (days since 1970), and the uplift that is believed in.
Planned = tuple[int, int, float]


class Promotions(msgspec.Struct, array_like=True):
    """Promotions that are planned, open days that sales said were promoted, and what promoted days taught.

    `sold` and `expected` are discounted sums of units over promoted days, of what sold and of what the level alone had
    expected; `days` counts those days, discounted too.
    """

    planned: list[Planned] = []
    seen: list[int] = []
    sold: float = 0.0
    expected: float = 0.0
    days: float = 0.0

    def believed(self, day: int) -> float | None:
        """Return the uplift that is believed in on a day (since 1970), None if the day is not promoted."""
        for first, last, uplift in self.planned:
            if first <= day <= last:
                return uplift
        return 1.0 if day in self.seen else None

    def spans(self, first: int, last: int) -> list[Planned]:
        """Return the promoted days from `first` to `last` (days since 1970) as spans without a day in common, and what is believed of each."""
        near = [span for span in self.planned if span[0] <= last and span[1] >= first]
        found: list[Planned] = []
        cuts = sorted({max(begin, first) for begin, _, _ in near} | {end + 1 for _, end, _ in near})
        for begin, end in pairwise(cuts):
            # What was planned first is believed of a day.
            believed = next((one[2] for one in near if one[0] <= begin <= one[1]), None)
            if believed is not None and begin <= last:
                found.append((begin, min(end - 1, last), believed))
        found += [
            (day, day, 1.0)
            for day in self.seen
            if first <= day <= last and not any(one[0] <= day <= one[1] for one in near)
        ]
        return found

    def between(self, first: int, last: int) -> list[tuple[int, float]]:
        """Return the promoted days from `first` to `last` (days since 1970), each once, and what is believed of them."""
        found = {day: 1.0 for day in self.seen if first <= day <= last}
        for begin, end, uplift in reversed(self.planned):
            for day in range(max(begin, first), min(end, last) + 1):
                found[day] = uplift
        return sorted(found.items())

    def uplift(self, believed: float = 1.0) -> float:
        """Return by how much a promotion multiplies demand."""
        delay_multiplier = _BELIEVED_UNITS
        if self.days > 0:
            delay_multiplier += _BELIEVED_DAYS * self.expected / self.days
        return (self.sold + delay_multiplier * believed) / (self.expected + delay_multiplier)

    def uplift_sd(self, believed: float = 1.0) -> float:
        """Return the standard deviation of the uplift."""
        return _UNSURE * self.uplift(believed) / math.sqrt(1.0 + self.days)

    @property
    def confidence(self) -> float:
        """How far the uplift is known, from 0 to nearly 1: the share of a promoted day that is evidence of the level."""
        return self.days / (self.days + _SURE_DAYS)

    def learn(self, sold: float, expected: float) -> None:
        """Learn from a promoted day: units sold, and what the level alone had expected."""
        self.sold = self.sold * _DISCOUNT + sold
        self.expected = self.expected * _DISCOUNT + expected
        self.days = self.days * _DISCOUNT + 1.0

    def see(self, day: int) -> None:
        """Hear from a sale that a day (since 1970) is promoted."""
        if self.believed(day) is None:
            self.seen = [*self.seen[1 - _MOST_SEEN :], day]

    def plan(self, planned: Sequence[Planned]) -> None:
        """Take in the promotions that are planned, in place of those that were."""
        self.planned = list(planned)

    def forget_through(self, day: int) -> None:
        """Drop what ended on a day (since 1970) or before."""
        if self.seen:
            self.seen = [one for one in self.seen if one > day]
        if self.planned and any(last <= day for _, last, _ in self.planned):
            self.planned = [span for span in self.planned if span[1] > day]
