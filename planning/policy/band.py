"""The path of stock as a band: at the end of each day to come, what is there with odds of one, five and nine in ten.

It follows the same path, with the same odds of demand and of receipts, as `projection` does for when stock runs out: the band's
lower edge reaches nothing on the day that `project` calls `stockout_p10`, and its middle on that of `stockout_p50`. No receipt
is reckoned with before its time.
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from andon.planning.demand import special_functions as special
from andon.planning.demand.demand import DAY, Demand, shape_of
from andon.planning.policy.projection import Arrivals, sellable
from andon.planning.policy.relief import Promise, Receipt

#: The probabilities of the band's lines.
ODDS: Final = (0.1, 0.5, 0.9)
_HALVINGS: Final = 40
_WIDE: Final = 8.0
#: A parcel of the mixture: its probability, and the mean of the stock with it.
_Part = tuple[float, float]


class Band(msgspec.Struct, frozen=True):
    """Stock at the `ends` of days (seconds since 1970), each value with these odds of being there or less; never below nothing."""

    ends: tuple[float, ...]
    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]


def band(
    on_hand: int,
    receipts: Sequence[Receipt],
    demand: Demand,
    now: float,
    days: int = 28,
    promises: Sequence[Promise] = (),
    on_shelf: int = 0,
) -> Band:
    """Return how the stock is expected to go over the next days.

    Args:
        on_hand: what is free to sell now, in units.
        receipts: what is to come.
        demand: what is known of the item's demand.
        now: seconds since 1970.
        days: how many days, the open one included.
        promises: what is promised to customers for later.
        on_shelf: what is there to sell while more is promised than is free, in units.
    """
    stock, coming = on_hand, list(receipts)
    if on_hand <= 0 < on_shelf:
        stock, coming = sellable(on_hand, on_shelf, receipts)
    first = int((now + demand.utc_offset) // DAY)
    arrivals = Arrivals(coming)
    weight, at = 0.0, now
    ends: list[float] = []
    lines: list[list[float]] = []
    for step, shape in enumerate(shape_of(demand, first, days)):
        end = (first + step + 1) * DAY - demand.utc_offset
        weight += shape * (end - at) / DAY
        kept = stock - demand.level * weight - sum(units for due, units in promises if due < end)
        variance = demand.level * weight * demand.dispersion + weight**2 * demand.level_variance
        parts = [(odds, kept + units) for units, odds in arrivals.by(end)]
        ends.append(end)
        sd = math.sqrt(variance + 1e-9)
        lines.append([max(_quantile(parts, sd, odds), 0.0) for odds in ODDS])
        at = end
    low, middle, high = zip(*lines, strict=True) if lines else ((), (), ())
    return Band(tuple(ends), low, middle, high)


def _quantile(parts: Sequence[_Part], sd: float, probability: float) -> float:
    """Return the quantile of a mixture of normals of one standard deviation, by bisection."""
    low = min(mean for _, mean in parts) - _WIDE * sd
    high = max(mean for _, mean in parts) + _WIDE * sd
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if sum(odds * special.ndtr((middle - mean) / sd) for odds, mean in parts) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
