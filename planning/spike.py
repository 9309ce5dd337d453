"""When a day's sales are a spike."""

import math
from typing import Final

from andon.planning.demand import DAY, Demand, over

#: A day's sales that have a smaller chance than this are a spike.
_SPIKE_TAIL: Final = 0.001


def spike_threshold(demand: Demand, day: int) -> int:
    """Return the smallest count of a day that is a spike: its chance under the forecast is below one in a thousand."""
    usual = over(demand, day * DAY, 1.0)
    return max(usual.quantile(1 - _SPIKE_TAIL) + 1, math.ceil(2 * usual.mean), 5)
