"""How late deliveries really come: a distribution of days after the promise, from the whole network down to one source.

Most deliveries come on the promised day and a few very late or very early, which no normal describes. So the days are
counted on a grid, older deliveries for less, and a narrow group (this supplier by this lane) borrows from the wider ones:
p <- (k p_wider + counts) / (k + number), the posterior mean under a Dirichlet prior centred on the wider group (Gelman et al., Bayesian Data
Analysis, 3rd ed., 3.4).
"""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

_LATEST: Final[tuple[int, ...]] = (
    *range(1, 22),
    *(23, 25, 27, 30, 33, 36, 40, 44, 48, 53, 58, 64, 70, 77, 85, 94, 103, 113, 124, 136, 150, 165),
    *(180, 200, 220, 240, 270, 300, 330, 365),
)
#: Days after the promise that are told apart: each of the first three weeks, then steps of a tenth.
GRID: Final[tuple[int, ...]] = (*(-day for day in reversed(_LATEST)), 0, *_LATEST)
#: What is believed before anything was delivered.
PRIOR: Final = {-1: 0.05, 0: 0.65, 1: 0.1, 2: 0.08, 3: 0.05, 5: 0.04, 7: 0.02, 14: 0.01}
#: What a delivery makes the older ones count, by the type of group: punctuality changes with a source's orders of the day,
#: while a whole supplier or network changes slowly and steadies its sources. Chosen on the SCMS deliveries.
DISCOUNTS: Final = {
    "network": 0.97,
    "mode": 0.95,
    "lane": 0.95,
    "carrier": 0.95,
    "supplier": 0.95,
    "source": 0.8,
}
#: How many deliveries the belief before any weighs as much as.
_PRIOR_WEIGHT: Final = 4.0
#: A group's own deliveries weigh as much as the wider group's when there are so many of them.
_BORROWED: Final = 16.0
#: The narrow groups, the narrowest first, and what each borrows; then those that stand side by side.
_NARROW: Final = (("source", 8.0), ("supplier", _BORROWED))
_SIDES: Final = ("mode", "lane", "carrier")
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


def learn_delay(counts: dict[int, float], days: float, discount: float) -> None:
    """Count a delivery that came so many days after its promise; the older ones count for `discount` of it from now on."""
    for day in list(counts):
        counts[day] *= discount
        if counts[day] < _FORGOTTEN:
            del counts[day]
    day = 0 if 0 < days <= _ON_TIME_DAYS else nearest(days)
    counts[day] = counts.get(day, 0.0) + 1.0


def own_delays(counts: Mapping[int, float]) -> dict[int, float]:
    """Return the distribution of one group by itself."""
    return delays_of_way({"network": counts})


def delays_of_way(groups: Mapping[str, Mapping[int, float]]) -> dict[int, float]:
    """Return the distribution for one way of getting goods, from the counts of the groups it is part of, by their type.

    The network comes first, then the mean of what mode, lane and carrier make of it, then the supplier, then the source. It is
    reckoned from the narrow end, as every shipment asks for it: each group takes its part of what the narrower ones leave.
    """
    found: dict[int, float] = {}
    left = 1.0
    for kind, borrowed in _NARROW:
        left = _take(found, groups.get(kind), borrowed, left)
    sides = [counts for kind in _SIDES if (counts := groups.get(kind))]
    if sides:
        part = left / len(sides)
        left = sum(_take(found, counts, _BORROWED, part) for counts in sides)
    left = _take(found, groups.get("network"), _PRIOR_WEIGHT, left)
    _take(found, PRIOR, 0.0, left)
    return dict(sorted(found.items()))


def _take(
    found: dict[int, float], counts: Mapping[int, float] | None, borrowed: float, left: float
) -> float:
    """Add a group's part of the probability that is left, and return what it leaves to wider ones."""
    if not counts:
        return left
    part = left / (borrowed + sum(counts.values()))
    for day, count in counts.items():
        found[day] = found.get(day, 0.0) + part * count
    return part * borrowed


def quantile(delays: Delays, probability: float) -> float:
    """Return the days after the promise by which a delivery has come with this probability."""
    reached = 0.0
    for day, share in delays.items():
        reached += share
        if reached >= probability - 1e-12:
            return float(day)
    return float(max(delays))


def expected_days(delays: Delays, elapsed_days: float) -> float:
    """Return the median of the days after the promise that are left `elapsed_days` after it (before it: negative).

    The median has the least mean absolute error. Where nothing ever came so late, the promise is all there is.
    """
    left = outstanding(delays, elapsed_days)
    return 0.0 if left is None else quantile(left, 0.5)


def spread(delays: Delays) -> float:
    """Return the standard deviation that a normal with the same 10% and 90% quantiles has, in days."""
    return (quantile(delays, 0.9) - quantile(delays, 0.1)) / 2.5631


def outstanding(delays: Delays, elapsed_days: float) -> dict[int, float] | None:
    """Return the distribution given that nothing has come `elapsed_days` after the promise; None if nothing ever did."""
    later = {day: share for day, share in delays.items() if day > elapsed_days}
    total = sum(later.values())
    return {day: share / total for day, share in later.items()} if total > 0 else None
