"""The candidates beside the book's own level: each learns from closed days and forecasts the demand of any interval.

A new one is a class with a name, `learn` and `over`, listed in CANDIDATES.
"""

from collections.abc import Sequence
from operator import sub
from typing import ClassVar, Final, Protocol

import msgspec

from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY, Demand
from andon.planning.demand.distributions import Distribution
from andon.planning.demand.fast_level import learn_known
from andon.planning.forecasting.history import DemandHistory, Lately
from andon.planning.forecasting.weeks import WEEK, known

#: How slowly the spread of one-day errors is forgotten.
_SPREAD_DISCOUNT: Final = 0.98
_TSB_OCCURRENCE: Final = 0.05
_TSB_SIZE: Final = 0.1


class Candidate(Protocol):
    """A model of one item's daily demand."""

    name: ClassVar[str]

    @property
    def can_forecast(self) -> bool:
        """Whether it has what it needs."""
        ...

    def learn(self, lately: Lately) -> list[float]:
        """Learn from new days, and return what was expected of each known one before it was learned from.

        Learning from many days at once comes to the same as from one after the other. Who falls silent on the way returns
        what was expected until then.
        """
        ...

    def over(self, lately: Lately, first: int, days: int) -> Distribution:
        """Return the demand of `days` days from `first` on (days since 1970), which lie after the last ones."""
        ...


class _Spread(msgspec.Struct, array_like=True):
    """The discounted mean square of one-day errors."""

    squares: float = 0.0
    weight: float = 0.0

    def see(self, expected: list[float], sold: list[int]) -> None:
        """Take in how far off some forecasts were."""
        squares, weight = self.squares, self.weight
        for error in map(sub, sold, expected):
            squares = squares * _SPREAD_DISCOUNT + error * error
            weight = weight * _SPREAD_DISCOUNT + 1.0
        self.squares, self.weight = squares, weight

    def around(self, mean: float, days: int) -> Distribution:
        """Return a demand with this mean and the spread of as many independent days."""
        daily = self.squares / self.weight if self.weight else 0.0
        return Distribution(max(mean, 0.0), max(daily * days, mean, 0.0))


class _Remembering(msgspec.Struct, array_like=True):
    """What a forecast that follows from the history alone has of its own: the spread of its errors."""

    spread: _Spread = msgspec.field(default_factory=_Spread)

    @property
    def can_forecast(self) -> bool:
        """Always."""
        return True

    def learn(self, lately: Lately) -> list[float]:
        """Learn how far off the forecasts were."""
        expected = self.expected(lately)
        self.spread.see(expected, lately.sold)
        return expected

    def expected(self, lately: Lately) -> list[float]:
        """Return what is expected of each known new day from the days before it."""
        raise NotImplementedError

    def mean(self, lately: Lately, first: int, days: int) -> float:
        """Return the expected units of days after the last ones."""
        raise NotImplementedError

    def over(self, lately: Lately, first: int, days: int) -> Distribution:
        """Return the demand of the days."""
        return self.spread.around(self.mean(lately, first, days), days)


class SeasonalNaive(_Remembering, array_like=True):
    """Every day sells what the same weekday sold last."""

    name: ClassVar[str] = "seasonal naive"

    def expected(self, lately: Lately) -> list[float]:
        """Return what sold a week before."""
        return [
            lately.usual(place - WEEK, place) if units is None else float(units)
            for place, units in zip(lately.places, lately.before, strict=True)
        ]

    def mean(self, lately: Lately, first: int, days: int) -> float:
        """Return the last week's sales, repeated."""
        week = lately.days[-WEEK:]
        begin = (first - lately.first - len(lately.days)) % WEEK
        sold = known((week * (days // WEEK + 2))[begin : begin + days]) if len(week) == WEEK else []
        total = float(sum(sold))
        if len(sold) < days:
            total += lately.usual(len(lately.days) - WEEK, len(lately.days)) * (days - len(sold))
        return total


class WeekdayMean(_Remembering, array_like=True):
    """The mean of four weeks, times what each weekday was of it in eight."""

    name: ClassVar[str] = "28-day mean x weekday"

    def expected(self, lately: Lately) -> list[float]:
        """Return the mean, times the weekday's factor."""
        factor = lately.weeks.factor
        return [_level(lately, place) * factor(place, place) for place in lately.places]

    def mean(self, lately: Lately, first: int, days: int) -> float:
        """Return the means, summed."""
        weeks, end = lately.weeks, len(lately.days)
        whole, rest = divmod(days, WEEK)
        weight = whole * weeks.week(end) if whole else 0.0
        if rest:
            begin = first - lately.first
            weight += sum(weeks.factor(place, end) for place in range(begin, begin + rest))
        return _level(lately, end) * weight


def _level(lately: Lately, place: int) -> float:
    """Return the mean of four weeks before a place, or of all that were known before."""
    mean = lately.weeks.mean(place)
    return lately.usual(place, place) if mean is None else mean


class Tsb(msgspec.Struct, array_like=True):
    """Teunter, Syntetos and Babai (2011): how likely a day sells at all, and how much it then sells.

    Both are smoothed, the first every day, so that an item that stops selling fades out.
    """

    name: ClassVar[str] = "TSB"
    occurrence: float = -1.0
    size: float = 1.0
    size_spread: float = 0.0

    @property
    def can_forecast(self) -> bool:
        """Always."""
        return True

    def learn(self, lately: Lately) -> list[float]:
        """Smooth the chance of a sale and, where there was one, its size."""
        chance, size, spread = self.occurrence, self.size, self.size_spread
        found = []
        for sold in lately.sold:
            if chance < 0:
                found.append(0.0)
                chance, size = 0.5, float(max(sold, 1))
            else:
                found.append(chance * size)
            if sold > 0:
                chance += _TSB_OCCURRENCE * (1.0 - chance)
                error = sold - size
                size += _TSB_SIZE * error
                spread += _TSB_SIZE * (error * error - spread)
            else:
                chance -= _TSB_OCCURRENCE * chance
        self.occurrence, self.size, self.size_spread = chance, size, spread
        return found

    def over(self, lately: Lately, first: int, days: int) -> Distribution:
        """Return a compound of days that sell and what they sell."""
        del lately, first
        chance = max(self.occurrence, 0.0)
        mean = chance * self.size
        variance = chance * (self.size_spread + self.size * self.size) - mean * mean
        return Distribution(mean * days, max(variance, mean) * days)


class Shaped(msgspec.Struct, array_like=True):
    """The Gamma-Poisson level on a shape fitted by Prophet; silent before a shape has come, and after it has ended."""

    name: ClassVar[str] = "level x Prophet"
    demand: Demand = msgspec.field(default_factory=Demand)

    @property
    def can_forecast(self) -> bool:
        """Whether there is a shape of the days to come."""
        return len(self.demand.shape) > 0

    def learn(self, lately: Lately) -> list[float]:
        """Have the level learn from the days of the shape."""
        demand, first = self.demand, lately.first
        end = demand.shape_start + len(demand.shape)
        known = [
            (first + place, sold)
            for place, sold in zip(lately.places, lately.sold, strict=True)
            if first + place < end
        ]
        found = learn_known(demand, known)
        if demand.shape and first + len(lately.days) >= end:
            demand.shape = []
        return found

    def over(self, lately: Lately, first: int, days: int) -> Distribution:
        """Return the level's negative binomial."""
        del lately
        return demands.over(self.demand, first * DAY, float(days))

    def reshape(self, past: DemandHistory, shape: list[float], start: int) -> None:
        """Take a new shape and learn the level on it anew from the days it covers, so that no rise counts twice.

        Args:
            past: what was sold.
            shape: by day, at unit mean.
            start: the first day of the shape (days since 1970); it begins in the past and reaches into the future.
        """
        self.demand = Demand(shape=shape, shape_start=start)
        begin = max(start, past.first)
        sold = enumerate(past.last(past.closed - begin + 1), begin)
        learn_known(self.demand, [(day, units) for day, units in sold if units is not None])
        ahead = max(past.closed + 1 - start, 0)
        self.demand.shape = shape[ahead:]
        self.demand.shape_start = start + ahead


def combined(forecasts: Sequence[Distribution | None], weights: Sequence[float]) -> Distribution:
    """Return the weighted mean of the forecasts there are: errors that are not shared cancel (Bates and Granger, 1969).

    It is as uncertain as they are on average, and as they differ.
    """
    total = mean = variance = squares = 0.0
    for one, weight in zip(forecasts, weights, strict=False):
        if one is not None:
            total += weight
            mean += weight * one.mean
            variance += weight * one.variance
            squares += weight * one.mean * one.mean
    mean /= total
    return Distribution(mean, variance / total + max(squares / total - mean * mean, 0.0))


CANDIDATES: Final = (WeekdayMean, SeasonalNaive, Tsb, Shaped)
#: What the books decide by until another has earned it.
LEVEL: Final = "level x weekday"
#: What may speak, by place: the book's level, a candidate, or the mean of all that can.
NAMES: Final = (LEVEL, *(kind.name for kind in CANDIDATES), "mean of all")
COMBINED: Final = len(NAMES) - 1
