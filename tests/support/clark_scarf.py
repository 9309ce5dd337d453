"""The best echelon levels of a chain of stages, each fed by the next: Clark and Scarf's recursion (1960), as Chen and Zheng (1994) have it.

From the stage that sells upward, what an echelon position costs is C_j(y) = E[h_j (y - D_j) + C'_(j-1)(y - D_j)] for the demand
D_j of the stage's lead time, its own echelon holding cost h_j, and what the stage below can be brought to at best,
C'_j(x) = C_j(min(x, S_j)), where S_j minimises C_j; what is short at the end costs p plus all holding costs a unit. It is exact,
slow, and needs the whole chain; the stream plans by one quantile (`planning.network.echelon`), which this judges. Bounds are those of Shang and
Song (2003), each a newsvendor's.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from andon.planning.demand import special_functions as special

_Numbers = npt.NDArray[np.float64]
#: So many standard deviations of demand are looked at.
_WIDE: Final = 8.0
#: A standard deviation of the shortest lead time is cut into so many steps.
_STEPS: Final = 100


class Level(NamedTuple):
    """A stage of a chain: its echelon holding cost a unit and period, and the periods that goods take to it."""

    holding: float
    days: float


class Optimum(NamedTuple):
    """The best echelon levels, from the stage that sells upward, in units, and what they cost a period."""

    levels: list[float]
    cost: float


def optimum(
    chain: Sequence[Level], shortage: float, mean: float, sd: float | None = None
) -> Optimum:
    """Return the best echelon levels of a chain.

    Args:
        chain: the stages, that which sells first.
        shortage: what a unit short costs a period.
        mean: of the demand in a period, in units.
        sd: its standard deviation, normal; None for a Poisson demand.

    Raises:
        ValueError: there is no stage, or a figure is less than it can be.
    """
    if not chain or shortage <= 0 or mean <= 0 or (sd is not None and sd <= 0):
        msg = "chain, shortage, mean, sd: expected a stage at least, and figures above 0"
        raise ValueError(msg)
    total = sum(level.days for level in chain)
    spread = math.sqrt(mean) if sd is None else sd
    step = 1.0 if sd is None else sd * math.sqrt(min(level.days for level in chain)) / _STEPS
    most = math.ceil((mean * total + _WIDE * spread * math.sqrt(total)) / step)
    grid = np.arange(-most, most + 1, dtype=np.float64) * step
    below: _Numbers = (shortage + sum(level.holding for level in chain)) * np.maximum(-grid, 0.0)
    levels: list[float] = []
    cost = 0.0
    for level in chain:
        at = level.holding * grid + below
        costs = _expected(at, _demand(mean * level.days, _spread(sd, level.days), step), step)
        best = int(np.argmin(costs))
        levels.append(float(grid[best]))
        cost = float(costs[best])
        below = np.where(grid < grid[best], costs, costs[best])
    return Optimum(levels, cost)


def bounds(
    chain: Sequence[Level], shortage: float, mean: float, sd: float
) -> list[tuple[float, float]]:
    """Return a lower and an upper bound of each best echelon level, both a newsvendor's, for a normal demand (Shang and Song, 2003).

    Args:
        chain: the stages, that which sells first.
        shortage: what a unit short costs a period.
        mean: of the demand in a period, in units.
        sd: its standard deviation.
    """
    everything = sum(level.holding for level in chain)
    found = []
    for number, level in enumerate(chain):
        days = sum(one.days for one in chain[: number + 1])
        above = shortage + sum(one.holding for one in chain[number + 1 :])
        low = above / (shortage + everything)
        high = above / (above + level.holding)
        middle, wide = mean * days, sd * math.sqrt(days)
        found.append((middle + wide * special.ndtri(low), middle + wide * special.ndtri(high)))
    return found


def _spread(sd: float | None, days: float) -> float | None:
    return None if sd is None else sd * math.sqrt(days)


def _demand(mean: float, sd: float | None, step: float) -> tuple[int, _Numbers]:
    """Return the first step of a lead time's demand that matters, and the probabilities from there on."""
    if sd is None:
        last = math.ceil(mean + _WIDE * math.sqrt(mean) + _WIDE)
        mass = [math.exp(-mean)]
        for units in range(1, last + 1):
            mass.append(mass[-1] * mean / units)
        return 0, np.array(mass)
    first = math.floor((mean - _WIDE * sd) / step)
    last = math.ceil((mean + _WIDE * sd) / step)
    edges = (np.arange(first, last + 2) - 0.5) * step
    reached = np.array([special.ndtr((edge - mean) / sd) for edge in edges])
    mass_of = np.diff(reached)
    return first, mass_of / mass_of.sum()


def _expected(at: _Numbers, demand: tuple[int, _Numbers], step: float) -> _Numbers:
    """Return the mean of a function of what is left of each position after a demand; beyond its ends it goes on straight."""
    first, mass = demand
    reach = first + len(mass)
    slope = (at[1] - at[0]) / step
    before = at[0] - slope * step * np.arange(reach, 0, -1)
    after = at[-1] + (at[-1] - at[-2]) * np.arange(1, max(-first, 0) + 1)
    longer = np.concatenate([before, at, after])
    # Position i of the grid is i + reach here; after a demand of `first + k` steps it is i + reach - first - k.
    found = np.convolve(longer, mass, mode="valid")
    begin = reach - first - len(mass) + 1
    return found[begin : begin + len(at)]


def fair_share(
    available: float, stock: Sequence[float], daily: Sequence[float]
) -> tuple[float, list[float]]:
    """Return over how many days all locations last alike, and what each gets for that (fair share: Bowersox and Closs, Logistical Management, 1996).

    One that has more than that already gets nothing, and the others share without it.

    Args:
        available: units to be shared.
        stock: of each location, in units.
        daily: what each sells a day, in units.

    Raises:
        ValueError: there is no location that sells anything, or they are not as many.
    """
    if len(stock) != len(daily) or not any(rate > 0 for rate in daily):
        msg = "stock, daily: expected as many of each, and one that sells"
        raise ValueError(msg)
    among = [place for place, rate in enumerate(daily) if rate > 0]
    while True:
        held = sum(stock[place] for place in among)
        days = (available + held) / sum(daily[place] for place in among)
        rich = [place for place in among if stock[place] > days * daily[place]]
        if not rich or len(among) == len(rich):
            break
        among = [place for place in among if place not in rich]
    given = [0.0] * len(stock)
    for place in among:
        given[place] = max(days * daily[place] - stock[place], 0.0)
    return days, given
