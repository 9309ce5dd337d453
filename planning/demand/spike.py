"""When a day's sales are a spike: told apart from what a promotion, or a public holiday, is known to do."""

import math
from typing import Final

from andon.planning.demand.demand import DayObserver, Demand, over_days
from andon.planning.demand.distributions import MOST_DEMAND, Distribution
from andon.planning.demand.holidays import is_holiday
from andon.planning.demand.promotions import Promotions

#: A day's sales that have a smaller chance than this are a spike.
_SPIKE_TAIL: Final = 0.001


def spike_threshold(demand: Demand, day: int, country: str | None = None) -> int:
    """Return the smallest count of a day that is a spike: its chance under the forecast is below one in a thousand.

    Args:
        demand: the item's.
        day: days since 1970.
        country: ISO 3166 alpha-2 code of where it sells; None if unknown.
    """
    usual = usual_of(demand, day, country)
    return max(usual.quantile(1 - _SPIKE_TAIL) + 1, math.ceil(min(2 * usual.mean, MOST_DEMAND)), 5)


def usual_of(demand: Demand, day: int, country: str | None = None) -> Distribution:
    """Return what a day sells, a holiday as far as holidays have shown what they do (arguments as `spike_threshold`)."""
    usual = over_days(demand, day, 1.0)
    if country is None or not is_holiday(country, day):
        return usual
    effect = demand.holidays or Promotions()
    uplift = effect.uplift()
    unsure = (usual.mean * effect.uplift_sd()) ** 2
    return Distribution(usual.mean * uplift, usual.variance * max(uplift, 1.0) + unsure)


def observing_holidays(
    demand: Demand, country: str | None, observe: DayObserver | None
) -> DayObserver | None:
    """Return what observes closed days as `observe` does, and learns what the holidays of a country do to sales."""
    if country is None:
        return observe

    def observe_holidays(day: int, sold: int | None, usual: float) -> None:
        if sold is not None and is_holiday(country, day):
            if demand.holidays is None:
                demand.holidays = Promotions()
            demand.holidays.learn(float(sold), usual)
        if observe is not None:
            observe(day, sold, usual)

    return observe_holidays
