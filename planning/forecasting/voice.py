"""How another forecast speaks through an item's demand: by its mean and its spread, on the demand's own shape."""

from typing import Final

from andon.planning.demand.demand import Demand, plain_shape_over
from andon.planning.demand.distributions import Distribution

#: No other forecast may say more than so many times the level's mean, or of its variance, nor less than their inverse.
_MOST_MEAN_FACTOR: Final = 4.0
_MOST_STRETCH: Final = 16.0


def of_level(demand: Demand, begin: float, days: float) -> Distribution:
    """Return what the level alone makes of an interval, whoever speaks, and as if nothing were promoted.

    Candidates are compared without promotions: none of them learns from a promoted day, and the uplift comes on top of what speaks.

    Args:
        demand: the item's.
        begin: of the interval, seconds since 1970.
        days: its length.
    """
    weight = plain_shape_over(demand, begin, days)
    mean = demand.own_level * weight
    variance = mean * demand.own_dispersion + weight * weight * demand.own_variance
    return Distribution(mean, variance)


def scale_to_forecast(demand: Demand, forecast: Distribution, begin: float, days: float) -> None:
    """Have the demand speak with the mean and the variance that another forecast has of an interval.

    Args:
        demand: what is to speak so.
        forecast: of the units in the interval.
        begin: of the interval, seconds since 1970.
        days: its length.
    """
    level = of_level(demand, begin, days)
    if level.mean <= 0 or forecast.mean <= 0:
        demand.mean_factor = demand.variance_factor = 1.0
        return
    demand.mean_factor = _within(forecast.mean / level.mean, _MOST_MEAN_FACTOR)
    spread = level.variance + (demand.mean_factor - 1) * level.mean * demand.own_dispersion
    demand.variance_factor = _within(forecast.variance / spread, _MOST_STRETCH)


def _within(ratio: float, most: float) -> float:
    return min(max(ratio, 1 / most), most)
