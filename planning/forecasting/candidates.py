"""The candidates beside the book's own level: each learns from a closed day and forecasts the demand of any interval.

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

    @property
    def can_speak(self) -> bool:
        """Whether it has what it needs."""
        ...

    def learn(self, day: int, sold: int, expected: float) -> None:
        """Learn from a day (since 1970): units sold, and what this model had expected."""
        ...

    def mean(self, past: History, first: int, days: int) -> float:
        """Return the expected demand of `days` days from `first` on (days since 1970), which lies after `past`."""
        ...

    def over(self, past: History, first: int, days: int) -> Distribution:
        """Return the demand of these days."""
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


class _Remembering(msgspec.Struct, array_like=True):
    """What a forecast that follows from the history alone has of its own: the spread of its errors."""

    spread: _Spread = msgspec.field(default_factory=_Spread)

    @property
    def can_speak(self) -> bool:
        """Always."""
        return True

    def learn(self, day: int, sold: int, expected: float) -> None:
        """Learn how far off the forecast was."""
        del day
        self.spread.see(sold - expected)

    def mean(self, past: History, first: int, days: int) -> float:
        """Return the expected units."""
        raise NotImplementedError

    def over(self, past: History, first: int, days: int) -> Distribution:
        """Return the demand of the days."""
        return self.spread.around(self.mean(past, first, days), days)


class SeasonalNaive(_Remembering, array_like=True):
    """Every day sells what the same weekday sold last."""

    name: ClassVar[str] = "seasonal naive"

    def mean(self, past: History, first: int, days: int) -> float:
        """Return the last week's sales, repeated."""
        week = past.last(_WEEK)
        size = len(week)
        begin = past.closed - size + 1
        if size == _WEEK and days == 1 and (units := week[(first - begin) % _WEEK]) is not None:
            return float(units)
        usual = _usual(past, week)
        return sum(
            units if size == _WEEK and (units := week[(day - begin) % _WEEK]) is not None else usual
            for day in range(first, first + days)
        )


class WeekdayMean(_Remembering, array_like=True):
    """The mean of four weeks, times what each weekday was of it in eight."""

    name: ClassVar[str] = "28-day mean x weekday"

    def mean(self, past: History, first: int, days: int) -> float:
        """Return the means, summed."""
        window = past.last(_SEASON)
        size = len(window)
        if days == 1 and size >= 2 * _WEEK and None not in window:
            units: list[int] = window  # type: ignore[assignment]  # none is unknown
            month = sum(units[-_MONTH:]) / min(size, _MONTH)
            same = units[(first - past.closed + size - 1) % _WEEK :: _WEEK]
            total = sum(units)
            return month * sum(same) / len(same) * size / total if total else month
        known = _known(window)
        level = _usual(past, window[-_MONTH:])
        usual = sum(known) / len(known) if known else 0.0
        if usual <= 0 or len(window) < 2 * _WEEK:
            return level * days
        begin = past.closed - len(window) + 1
        weeks, rest = divmod(days, _WEEK)
        weight = 0.0
        for weekday in range(_WEEK) if weeks else ():
            weight += weeks * _factor(window, (weekday - begin) % _WEEK, usual)
        for day in range(first, first + rest):
            weight += _factor(window, (day - begin) % _WEEK, usual)
        return level * weight


def _usual(past: History, days: list[int | None]) -> float:
    """Return the mean of the days that are known; if none is, of all that were known before."""
    known = _known(days) or _known(past.last(len(past)))
    return sum(known) / len(known) if known else 0.0


def _known(window: list[int | None]) -> list[int]:
    if None in window:
        return [units for units in window if units is not None]
    return window  # type: ignore[return-value]  # none is unknown


def _factor(window: list[int | None], place: int, usual: float) -> float:
    same = _known(window[place::_WEEK])
    return sum(same) / len(same) / usual if same else 1.0


class Tsb(msgspec.Struct, array_like=True):
    """Teunter, Syntetos and Babai (2011): how likely a day sells at all, and how much it then sells.

    Both are smoothed, the first every day, so that an item that stops selling fades out.
    """

    name: ClassVar[str] = "TSB"
    occurrence: float = -1.0
    size: float = 1.0
    size_spread: float = 0.0

    @property
    def can_speak(self) -> bool:
        """Always."""
        return True

    def learn(self, day: int, sold: int, expected: float) -> None:
        """Smooth the chance of a sale and, if there was one, its size."""
        del day, expected
        if self.occurrence < 0:
            self.occurrence = 0.5
            self.size = float(max(sold, 1))
        self.occurrence += _TSB_OCCURRENCE * ((sold > 0) - self.occurrence)
        if sold > 0:
            error = sold - self.size
            self.size += _TSB_SIZE * error
            self.size_spread += _TSB_SIZE * (error * error - self.size_spread)

    def mean(self, past: History, first: int, days: int) -> float:
        """Return the chance of a sale times its size, for each day."""
        del past, first
        return max(self.occurrence, 0.0) * self.size * days

    def over(self, past: History, first: int, days: int) -> Distribution:
        """Return a compound of days that sell and what they sell."""
        del past, first
        chance = max(self.occurrence, 0.0)
        mean = chance * self.size
        variance = chance * (self.size_spread + self.size * self.size) - mean * mean
        return Distribution(mean * days, max(variance, mean) * days)


class Shaped(msgspec.Struct, array_like=True):
    """The Gamma-Poisson level on a shape fitted by Prophet; silent before a shape has come, and after it has ended."""

    name: ClassVar[str] = "level x Prophet"
    demand: Demand = msgspec.field(default_factory=Demand)

    @property
    def can_speak(self) -> bool:
        """Whether there is a shape of the days to come."""
        return len(self.demand.shape) > 0

    def learn(self, day: int, sold: int, expected: float) -> None:
        """Close the day."""
        del expected
        _close(self.demand, day, sold)

    def mean(self, past: History, first: int, days: int) -> float:
        """Return the level times the summed shape."""
        del past
        if days == 1:
            return demands.expected(self.demand, first)
        return self.demand.level * demands.shape_over(self.demand, first * DAY, float(days))

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
        ahead = max(past.closed + 1 - start, 0)
        self.demand.shape = shape[ahead:]
        self.demand.shape_start = start + ahead

    def outlive(self, day: int) -> None:
        """Drop a shape that has ended before a day (days since 1970)."""
        demand = self.demand
        if demand.shape and day >= demand.shape_start + len(demand.shape):
            demand.shape = []


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


def _close(demand: Demand, day: int, sold: int) -> None:
    if demand.closed < 0:
        demand.closed = day - 1
    demands.record(demand, day, sold)
    demands.close_through(demand, day)


CANDIDATES: Final = (WeekdayMean, SeasonalNaive, Tsb, Shaped)
#: What the books decide by until another has earned it.
LEVEL: Final = "level x weekday"
#: What may speak, by place: the book's level, a candidate, or the mean of all that can.
NAMES: Final = (LEVEL, *(kind.name for kind in CANDIDATES), "mean of all")
COMBINED: Final = len(NAMES) - 1
