"""A level that goes back to what it was in the long run while an order is on its way.

What a level is off from its long run does not last: of a difference that is there today, less is left the farther ahead one looks
(West and Harrison, 10.6, on levels that revert). Over two weeks next to nothing of that is seen; over two months, a target that
follows the level of late in full goes up and down with it by a month's sales, and what was ordered cannot be sent back.
"""

import math
from typing import Final

from andon.planning.demand.demand import Demand
from andon.planning.demand.distributions import Distribution

#: For so many days a difference stays, and then less of it is left by a factor of e every so many.
_STAYS_DAYS: Final = 14.0
_LASTS_DAYS: Final = 30.0


def reverted(days: float) -> float:
    """Return what share of a difference from the long run is gone on average over some days ahead, within [0, 1)."""
    beyond = days - _STAYS_DAYS
    if beyond <= 0:
        return 0.0
    return (beyond + _LASTS_DAYS * math.expm1(-beyond / _LASTS_DAYS)) / days


def reverting(demand: Demand, sold: Distribution, days: float) -> Distribution:
    """Return the demand of some days ahead with its level going back to the long run, upward by no more than itself.

    What the level is unsure of goes with it; what days differ by stays.

    Args:
        demand: of the item.
        sold: what it sells in these days, the level staying as it is.
        days: how many.
    """
    share, level = reverted(days), demand.own_level
    if not share or not demand.slow_b or level <= 0 or demand.level <= 0:
        return sold
    gap = min(demand.slow_a / demand.slow_b - level, level)
    factor = 1.0 + share * gap / level
    weight = sold.mean / demand.level
    unsure = min(weight * weight * demand.level_variance, sold.variance)
    variance = (sold.variance - unsure) * factor + unsure * (1.0 - share) ** 2
    return Distribution(sold.mean * factor, variance)
