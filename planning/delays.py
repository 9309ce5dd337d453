"""How late deliveries really come: a distribution of days after the promise, from the whole network down to one source.

Most deliveries come on the promised day and a few very late or very early, which no normal describes. So the days are
counted on a grid, older deliveries for less, and a narrow group (this supplier by this lane) borrows from the wider ones:
p <- (k p_wider + counts) / (k + number), a Dirichlet prior centred on the wider group.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Final

#: Days after the promise that are told apart.
GRID: Final = (
    *(-180, -120, -90, -60, -45, -30, -21, -14, -10, -7, -5, -3, -2, -1),
    *(0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180),
)
#: What is believed before anything was delivered.
PRIOR: Final = {-1: 0.05, 0: 0.65, 1: 0.1, 2: 0.08, 3: 0.05, 5: 0.04, 7: 0.02, 14: 0.01}
_DISCOUNT: Final = 0.99
#: A group's own deliveries weigh as much as the wider group's when there are so many of them.
_BORROWED: Final = 4.0
_FORGOTTEN: Final = 1e-3
#: On the promised day is not late.
_ON_TIME_DAYS: Final = 0.5

#: The probability of each number of days after the promise, by day.
Delays = Mapping[int, float]


def nearest(days: float) -> int:
    """Return the day of the grid that is nearest."""
    place = bisect_left(GRID, days)
    if place == 0:
        return GRID[0]
    if place == len(GRID):
        return GRID[-1]
    low, high = GRID[place - 1], GRID[place]
    return high if high - days <= days - low else low


def learn_delay(counts: dict[int, float], days: float) -> None:
    """Count a delivery that came so many days after its promise; the older ones count for less from now on."""
    for day in list(counts):
        counts[day] *= _DISCOUNT
        if counts[day] < _FORGOTTEN:
            del counts[day]
    day = 0 if 0 < days <= _ON_TIME_DAYS else nearest(days)
    counts[day] = counts.get(day, 0.0) + 1.0


def blend_delays(groups: Iterable[Mapping[int, float]]) -> dict[int, float]:
    """Return the distribution for the last of these groups' counts, the widest group coming first."""
    found = dict(PRIOR)
    for counts in groups:
        total = sum(counts.values())
        if total <= 0:
            continue
        whole = _BORROWED + total
        found = {
            day: (_BORROWED * found.get(day, 0.0) + counts.get(day, 0.0)) / whole
            for day in found.keys() | counts.keys()
        }
    return dict(sorted(found.items()))


def quantile(delays: Delays, probability: float) -> float:
    """Return the days after the promise by which a delivery has come with this probability."""
    reached = 0.0
    for day, share in delays.items():
        reached += share
        if reached >= probability - 1e-12:
            return float(day)
    return float(max(delays))


def spread(delays: Delays) -> float:
    """Return the standard deviation that a normal with the same 10% and 90% quantiles has, in days."""
    return (quantile(delays, 0.9) - quantile(delays, 0.1)) / 2.5631


def outstanding(delays: Delays, elapsed_days: float) -> dict[int, float] | None:
    """Return the distribution given that nothing has come `elapsed_days` after the promise; None if nothing ever did."""
    later = {day: share for day, share in delays.items() if day > elapsed_days}
    total = sum(later.values())
    return {day: share / total for day, share in later.items()} if total > 0 else None
