"""All that is believed of one item's demand: its history, the candidates, their scores, and who speaks."""

from typing import Final

import msgspec

from andon.planning.distributions import Distribution
from andon.planning.forecasting.candidates import (
    CANDIDATES,
    COMBINED,
    NAMES,
    Forecaster,
    Level,
    SeasonalNaive,
    Shaped,
    Tsb,
    WeekdayMean,
    combined,
)
from andon.planning.forecasting.history import History
from andon.planning.forecasting.scores import Score, widen

#: Over how many days forecasts are scored: what a lead time feels.
INTERVAL_DAYS: Final = 7
#: A challenger must have been better by this share, over so many intervals (discounted), to take over.
_MARGIN: Final = 0.1
_LEAST_INTERVALS: Final = 4.0


class Open(msgspec.Struct, array_like=True):
    """The interval that is being watched: its first day, what it has sold, and every candidate's forecast of it."""

    first: int
    sold: int
    known_days: int
    forecasts: list[tuple[float, float]]


class Models(msgspec.Struct, array_like=True):
    """History, candidates and scores; `champion` is the place in NAMES of what speaks."""

    history: History = msgspec.field(default_factory=History)
    level: Level = msgspec.field(default_factory=Level)
    weekday_mean: WeekdayMean = msgspec.field(default_factory=WeekdayMean)
    seasonal_naive: SeasonalNaive = msgspec.field(default_factory=SeasonalNaive)
    tsb: Tsb = msgspec.field(default_factory=Tsb)
    shaped: Shaped = msgspec.field(default_factory=Shaped)
    scores: list[Score] = msgspec.field(default_factory=lambda: [Score() for _ in NAMES])
    champion: int = COMBINED
    watched: Open | None = None

    @property
    def candidates(self) -> tuple[Forecaster, ...]:
        """The candidates, in the order of CANDIDATES."""
        return (self.level, self.weekday_mean, self.seasonal_naive, self.tsb, self.shaped)

    def has_spoken(self, place: int) -> bool:
        """Whether a candidate has what it needs to speak: a shape, if it is the one on a shape."""
        is_shaped = place < COMBINED and CANDIDATES[place] is Shaped
        return not is_shaped or bool(self.shaped.demand.shape)

    def close(self, day: int, sold: int | None) -> bool:
        """Learn from a closed day (None: nobody could have bought); False if it was known, so that nothing is counted twice.

        Args:
            day: days since 1970.
            sold: units.
        """
        past = self.history
        if day <= past.closed:
            return False
        if past.closed >= 0:
            for passed in range(max(past.closed + 1, day - INTERVAL_DAYS), day):
                self._take(passed, None)
        self._take(day, sold)
        return True

    def _take(self, day: int, sold: int | None) -> None:
        past = self.history
        if sold is not None:
            week = past.last(INTERVAL_DAYS)
            naive = week[0] if len(week) == INTERVAL_DAYS else None
            if len(past):
                for place, one in enumerate(self._all(day, 1)):
                    if one is not None:
                        self.scores[place].see_day(one.mean, sold, naive)
            for model in self.candidates:
                model.learn(past, sold)
        past.add(day, sold)
        self._watch(day, sold)

    def _watch(self, day: int, sold: int | None) -> None:
        """Score the interval that ends with this day, choose who speaks, and forecast the next."""
        watched = self.watched
        if watched is not None:
            if sold is not None:
                watched.sold += sold
                watched.known_days += 1
            if day < watched.first + INTERVAL_DAYS - 1:
                return
            if watched.known_days == INTERVAL_DAYS:
                for score, (mean, variance) in zip(self.scores, watched.forecasts, strict=True):
                    if mean >= 0:
                        score.see_sum(Distribution(mean, variance), watched.sold)
                self._choose()
        if len(self.history) >= INTERVAL_DAYS:
            first = day + 1
            forecasts = [
                (-1.0, 0.0) if one is None else (one.mean, one.variance)
                for one in map(self._widened, range(len(NAMES)), self._all(first, INTERVAL_DAYS))
            ]
            self.watched = Open(first, 0, 0, forecasts)

    def _choose(self) -> None:
        """Let a challenger take over whose interval quantiles have cost clearly less than the champion's."""
        ruling = self._cost(self.champion)
        costs = {
            place: cost
            for place in range(len(NAMES))
            if place != self.champion and (cost := self._cost(place)) is not None
        }
        best = min(costs, key=lambda place: costs[place], default=None)
        if best is not None and ruling is not None and costs[best] < (1 - _MARGIN) * ruling:
            self.champion = best

    def _cost(self, place: int) -> float | None:
        score = self.scores[place]
        if score.intervals < _LEAST_INTERVALS or not self.has_spoken(place):
            return None
        return score.pinball / score.intervals

    def _all(self, first: int, days: int) -> list[Distribution | None]:
        """Return what each of NAMES forecasts, None for those that cannot speak."""
        found = [
            model.over(self.history, first, days) if self.has_spoken(place) else None
            for place, model in enumerate(self.candidates)
        ]
        return [*found, combined([one for one in found if one is not None])]

    def _widened(self, place: int, forecast: Distribution | None) -> Distribution | None:
        return None if forecast is None else widen(forecast, self.scores[place].stretch)

    def forecast(self, first: int, days: int, place: int | None = None) -> Distribution:
        """Return the demand of some days (first: days since 1970), by what speaks or by another one of NAMES.

        Raises:
            ValueError: it cannot speak yet.
        """
        if place is None:
            place = self.champion
        forecast = self._widened(place, self._all(first, days)[place])
        if forecast is None:
            msg = f"{NAMES[place]}: has no shape yet"
            raise ValueError(msg)
        return forecast

    def reshape(self, shape: list[float], start: int) -> None:
        """Take a shape fitted by Prophet: by day at unit mean, from `start` on (days since 1970).

        The level is learned on it from the days it covers; of the shape itself only what lies ahead is kept.
        """
        is_first = not self.shaped.demand.shape
        self.shaped.reshape(self.history, shape, start)
        ahead = max(self.history.closed + 1 - start, 0)
        self.shaped.demand.shape = shape[ahead:]
        self.shaped.demand.shape_start = start + ahead
        if is_first:
            # It has not been scored yet, and begins as calibrated as the level that it refines.
            self.scores[CANDIDATES.index(Shaped)].stretch = self.scores[0].stretch
