"""The candidates: each learns from a closed day and forecasts the demand of any interval, as a distribution.

A new one is a class with a name, `learn` and `over`, listed in CANDIDATES.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Protocol

import msgspec

from andon.planning import demand as demands
from andon.planning.demand import DAY, Demand
from andon.planning.distributions import Distribution
from andon.planning.forecasting.history import History

_WEEK: Final = 7
_MONTH: Final = 28
_SEASON: Final = 56
#: How slowly the spread of one-day errors is forgotten.
_SPREAD_DISCOUNT: Final = 0.98
_TSB_OCCURRENCE: Final = 0.05
_TSB_SIZE: Final = 0.1


class Forecaster(Protocol):
    """A model of one item's daily demand."""

    name: ClassVar[str]

    def learn(self, past: History, sold: int) -> None:
        """Learn from the day after `past` (units sold), which `past` does not hold yet."""
        ...

    def over(self, past: History, first: int, days: int) -> Distribution:
        """Return the demand of `days` days from `first` on (days since 1970), which lies after `past`."""
        ...


class _Spread(msgspec.Struct, array_like=True):
    """The discounted mean square of one-day errors."""

    squares: float = 0.0
    weight: float = 0.0

    def see(self, error: float) -> None:
        """Take in an error."""
        self.squares = self.squares * _SPREAD_DISCOUNT + error * error
        self.weight = self.weight * _SPREAD_DISCOUNT + 1.0

    def around(self, mean: float, days: int) -> Distribution:
        """Return a demand with this mean and the spread of as many independent days."""
        daily = self.squares / self.weight if self.weight else 0.0
        return Distribution(max(mean, 0.0), max(daily * days, mean, 0.0))


class SeasonalNaive(msgspec.Struct, array_like=True):
    """Every day sells what the same weekday sold last."""

    name: ClassVar[str] = "seasonal naive"
    spread: _Spread = msgspec.field(default_factory=_Spread)

    def learn(self, past: History, sold: int) -> None:
        """Learn how far off the last week was."""
        if len(past) >= _WEEK:
            self.spread.see(sold - _naive(past, past.closed + 1, 1))

    def over(self, past: History, first: int, days: int) -> Distribution:
        """Return the last week's sales, repeated."""
        return self.spread.around(_naive(past, first, days), days)


def _naive(past: History, first: int, days: int) -> float:
    week = past.last(_WEEK)
    known = [units for units in week if units is not None]
    usual = sum(known) / len(known) if known else 0.0
    begin = past.closed - len(week) + 1
    return sum(
        units
        if len(week) == _WEEK and (units := week[(day - begin) % _WEEK]) is not None
        else usual
        for day in range(first, first + days)
    )


class WeekdayMean(msgspec.Struct, array_like=True):
    """The mean of four weeks, times what each weekday was of it in eight."""

    name: ClassVar[str] = "28-day mean x weekday"
    spread: _Spread = msgspec.field(default_factory=_Spread)

    def learn(self, past: History, sold: int) -> None:
        """Learn how far off the means were."""
        if len(past) >= _WEEK:
            self.spread.see(sold - _weekday_mean(past, past.closed + 1, 1))

    def over(self, past: History, first: int, days: int) -> Distribution:
        """Return the means, summed."""
        return self.spread.around(_weekday_mean(past, first, days), days)


def _weekday_mean(past: History, first: int, days: int) -> float:
    window = past.last(_SEASON)
    recent = [units for units in window[-_MONTH:] if units is not None]
    if not recent:
        return 0.0
    level = sum(recent) / len(recent)
    known = [units for units in window if units is not None]
    usual = sum(known) / len(known)
    if usual <= 0 or len(window) < 2 * _WEEK:
        return level * days
    begin = past.closed - len(window) + 1
    factors = []
    for weekday in range(_WEEK):
        same = [units for units in window[(weekday - begin) % _WEEK :: _WEEK] if units is not None]
        factors.append(sum(same) / len(same) / usual if same else 1.0)
    return level * sum(factors[day % _WEEK] for day in range(first, first + days))


class Tsb(msgspec.Struct, array_like=True):
    """Teunter, Syntetos and Babai (2011): how likely a day sells at all, and how much it then sells.

    Both are smoothed, the first every day, so that an item that stops selling fades out.
    """

    name: ClassVar[str] = "TSB"
    occurrence: float = -1.0
    size: float = 1.0
    size_spread: float = 0.0

    def learn(self, past: History, sold: int) -> None:
        """Smooth the chance of a sale and, if there was one, its size."""
        del past
        if self.occurrence < 0:
            self.occurrence = 0.5
            self.size = float(max(sold, 1))
        self.occurrence += _TSB_OCCURRENCE * ((sold > 0) - self.occurrence)
        if sold > 0:
            error = sold - self.size
            self.size += _TSB_SIZE * error
            self.size_spread += _TSB_SIZE * (error * error - self.size_spread)

    def over(self, past: History, first: int, days: int) -> Distribution:
        """Return a compound of days that sell and what they sell."""
        del past, first
        chance = max(self.occurrence, 0.0)
        mean = chance * self.size
        variance = chance * (self.size_spread + self.size * self.size) - mean * mean
        return Distribution(mean * days, max(variance, mean) * days)


class Level(msgspec.Struct, array_like=True):
    """The Gamma-Poisson level on the shape of the week: what the books decide by until another has earned it."""

    name: ClassVar[str] = "level x weekday"
    demand: Demand = msgspec.field(default_factory=Demand)

    def learn(self, past: History, sold: int) -> None:
        """Close the day."""
        _close(self.demand, past.closed + 1, sold)

    def over(self, past: History, first: int, days: int) -> Distribution:
        """Return the level's negative binomial."""
        del past
        return demands.over(self.demand, first * DAY, float(days))


class Shaped(msgspec.Struct, array_like=True):
    """The Gamma-Poisson level on a shape fitted by Prophet; as good as nothing before a shape has come."""

    name: ClassVar[str] = "level x Prophet"
    demand: Demand = msgspec.field(default_factory=Demand)

    def learn(self, past: History, sold: int) -> None:
        """Close the day."""
        _close(self.demand, past.closed + 1, sold)

    def over(self, past: History, first: int, days: int) -> Distribution:
        """Return the level's negative binomial."""
        del past
        return demands.over(self.demand, first * DAY, float(days))

    def reshape(self, past: History, shape: list[float], start: int) -> None:
        """Take a new shape and learn the level on it anew from the days it covers, so that no rise counts twice.

        Args:
            past: what was sold.
            shape: by day, at unit mean.
            start: the first day of the shape (days since 1970); it begins in the past and reaches into the future.
        """
        self.demand = Demand(shape=shape, shape_start=start)
        begin = max(start, past.first)
        for day, sold in enumerate(past.last(past.closed - begin + 1), begin):
            if sold is not None:
                _close(self.demand, day, sold)


def combined(forecasts: Sequence[Distribution]) -> Distribution:
    """Return the mean of forecasts: errors that are not shared cancel (Bates and Granger, 1969).

    It is as uncertain as they are on average, and as they differ.
    """
    count = len(forecasts)
    mean = sum(one.mean for one in forecasts) / count
    between = sum((one.mean - mean) ** 2 for one in forecasts) / count
    return Distribution(mean, sum(one.variance for one in forecasts) / count + between)


def _close(demand: Demand, day: int, sold: int) -> None:
    if demand.closed < 0:
        demand.closed = day - 1
    demands.record(demand, day, sold)
    demands.close_through(demand, day)


CANDIDATES: Final = (Level, WeekdayMean, SeasonalNaive, Tsb, Shaped)

#: What speaks: a candidate, or the mean of all that can.
NAMES: Final = (*(kind.name for kind in CANDIDATES), "mean of all")
COMBINED: Final = len(CANDIDATES)
