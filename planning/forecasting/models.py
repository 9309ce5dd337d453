"""What competes with an item's level to speak of its demand: its history, the candidates, their scores, and who speaks."""

from operator import add
from typing import Final

import msgspec

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.demand.demand import DAY, DayObserver, Demand
from andon.planning.demand.distributions import Distribution
from andon.planning.forecasting.candidates import (
    COMBINED,
    NAMES,
    Candidate,
    SeasonalNaive,
    Shaped,
    Tsb,
    WeekdayMean,
    combined,
)
from andon.planning.forecasting.history import DemandHistory, Lately
from andon.planning.forecasting.scores import Score, Seen, pinball, widened
from andon.planning.forecasting.voice import of_level, scale_to_forecast

#: Over how many days forecasts are scored: what a lead time feels.
INTERVAL_DAYS: Final = 7
#: Another forecast must have been better than the level by this share to speak, and by that share to go on. Less is chance:
#: whoever is the best of six by little is seldom the best of what comes (bench/policies.py: a seventh more stock).
_MARGIN: Final = 0.3
_KEEPING: Final = 0.15
#: Discounted, so that they are there after forty weeks.
_LEAST_INTERVALS: Final = 20.0
#: The mean of all listens to each by the third power of what it has been worth, within limits.
_FAVOUR: Final = 3
_BEST_COST: Final = 0.2


class Open(msgspec.Struct, array_like=True):
    """The interval that is being watched: its first day, what it has sold, and every candidate's forecast of it."""

    first: int
    sold: int
    known_days: int
    forecasts: list[tuple[float, float]]


class Models(msgspec.Struct, array_like=True):
    """History, candidates and scores; `champion` is the place in NAMES of what speaks.

    `asked` and `fitted` are the days (since 1970) of the last fit that was asked for and of the last that came, `fitted_with`
    what it used, `weighed` the first day of which what speaks was last weighed against the level. `unlearned` is what the level
    had expected of the last days, which are in the history and not learned from yet. `phase` puts the first interval off by so
    many days: items that begin together are then not all judged on the same day. `taught` is the last week (since 1970) that its
    pool has learned of.
    """

    history: DemandHistory = msgspec.field(default_factory=DemandHistory)
    weekday_mean: WeekdayMean = msgspec.field(default_factory=WeekdayMean)
    seasonal_naive: SeasonalNaive = msgspec.field(default_factory=SeasonalNaive)
    tsb: Tsb = msgspec.field(default_factory=Tsb)
    shaped: Shaped = msgspec.field(default_factory=Shaped)
    scores: list[Score] = msgspec.field(default_factory=lambda: [Score() for _ in NAMES])
    champion: int = 0
    watched: Open | None = None
    asked: int = -1
    fitted: int = -1
    fitted_with: str = ""
    weighed: int = -1
    outbox: list[OutboxMessage] = []
    unlearned: list[float] = []
    phase: int = 0
    taught: int = -1

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The candidates, in the order of CANDIDATES."""
        return (self.weekday_mean, self.seasonal_naive, self.tsb, self.shaped)

    @property
    def active(self) -> int:
        """The place in NAMES of what forecasts now: the champion, or the level while that cannot."""
        return self.champion if self.is_ready(self.champion) else 0

    def is_ready(self, place: int) -> bool:
        """Whether what is at a place of NAMES has what it needs to speak."""
        if place in (0, COMBINED):
            return len(self.history) > 0
        return self.candidates[place - 1].can_forecast

    def close(self, day: int, sold: int | None, level: Demand, usual: float) -> bool:
        """Take in a closed day (None: nobody could have bought); False if it was known, so that nothing is counted twice.

        What it teaches is put off until an interval ends, where many days cost little more than one, unless it changes
        what speaks.

        Args:
            day: days since 1970.
            sold: units.
            level: the book's demand, which has learned from the day.
            usual: what its level had expected of the day.
        """
        closed = self.history.closed
        if day <= closed:
            return False
        if 0 <= closed < day - 1:
            self.catch_up()
            for passed in range(max(closed + 1, day - INTERVAL_DAYS), day):
                self._take(passed, None, level, usual)
        self._take(day, sold, level, usual)
        return True

    def observer(self, level: Demand) -> DayObserver:
        """Return what hears of the days that are closed on this level, and learns from them, too."""

        def observe(day: int, sold: int | None, usual: float) -> None:
            self.close(day, sold, level, usual)

        return observe

    def _take(self, day: int, sold: int | None, level: Demand, usual: float) -> None:
        self.history.add(day, sold)
        self.unlearned.append(usual)
        watched = self.watched
        if watched is None:
            is_over = len(self.history) >= INTERVAL_DAYS + self.phase
        else:
            if sold is not None:
                watched.sold += sold
                watched.known_days += 1
            is_over = day >= watched.first + INTERVAL_DAYS - 1
        if is_over:
            lately = self.catch_up()
            self._judge(watched)
            self._watch(lately, day + 1, level)
        elif self.champion:
            self.catch_up()

    def catch_up(self) -> Lately:
        """Let every candidate learn from the days that are closed and not learned from yet, score it on them, and return them."""
        usual, self.unlearned = self.unlearned, []
        lately = Lately(self.history, len(usual))
        if not usual:
            return lately
        sold, before, expected = lately.sold, lately.before, usual
        if len(sold) < len(usual):
            expected = [usual[place - lately.begin] for place in lately.places]
        # Of the first day of all nothing was forecast.
        unobserved = 1 if lately.begin == 0 and lately.days[0] is not None else 0
        if unobserved:
            sold, before, expected = sold[1:], before[1:], expected[1:]
        seen = Seen(sold, before)
        total, voices, ended = expected, 1, []
        scores = self.scores
        scores[0].see_days(total, seen)
        # Only a shape may end on the way, and it comes last.
        for model, score in zip(self.candidates, scores[1:COMBINED], strict=True):
            if model.can_forecast:
                expected = model.learn(lately)
                if unobserved:
                    expected = expected[1:]
                score.see_days(expected, seen)
                if len(expected) < len(total):
                    ended = expected
                else:
                    total = list(map(add, total, expected))
                    voices += 1
        mean = [one / voices for one in total]
        mean[: len(ended)] = [
            (one + more) / (voices + 1) for one, more in zip(total, ended, strict=False)
        ]
        scores[COMBINED].see_days(mean, seen)
        return lately

    def _judge(self, watched: Open | None) -> None:
        """Score an interval that is over, and choose who speaks."""
        if watched is None or watched.known_days < INTERVAL_DAYS:
            return
        forecasts = [
            (score, Distribution(mean, variance))
            for score, (mean, variance) in zip(self.scores, watched.forecasts, strict=True)
            if mean >= 0
        ]
        losses = [pinball(forecast, watched.sold) for _, forecast in forecasts]
        for (score, forecast), loss in zip(forecasts, losses, strict=True):
            score.see_sum(forecast, watched.sold, loss, losses[-1])
        self._choose()

    def _watch(self, lately: Lately, first: int, level: Demand) -> None:
        """Forecast the interval that begins with a day."""
        forecasts = [
            (-1.0, 0.0) if one is None else (one.mean, widened(one, score.variance_factor))
            for one, score in zip(
                self._all(lately, level, first, INTERVAL_DAYS), self.scores, strict=True
            )
        ]
        self.watched = Open(first, 0, 0, forecasts)

    def _choose(self) -> None:
        """Let another forecast speak that has clearly been better than the level, for as long as it is still better.

        They are judged by what their interval quantiles cost on the same intervals.
        """
        own = self.cost(0)
        if own is None:
            self.champion = 0
            return
        ruling = self.cost(self.champion)
        if ruling is None or ruling > (1 - _KEEPING) * own:
            self.champion, ruling = 0, own
        least = (1 - _MARGIN) * ruling
        for place in range(1, len(NAMES)):
            cost = self.scores[place].cost
            if cost < least and self.cost(place) is not None:
                self.champion, least = place, cost

    def cost(self, place: int) -> float | None:
        """Return what a place of NAMES has cost as a share of the mean of all; None if it was seen too little."""
        score = self.scores[place]
        if score.intervals < _LEAST_INTERVALS or not self.is_ready(place):
            return None
        return score.cost

    def _all(
        self, lately: Lately, level: Demand, first: int, days: int
    ) -> list[Distribution | None]:
        """Return what each of NAMES forecasts, None for those that cannot speak."""
        found = [
            of_level(level, first * DAY, float(days)),
            *(
                model.over(lately, first, days) if model.can_forecast else None
                for model in self.candidates
            ),
        ]
        weights = [max(score.cost, _BEST_COST) ** -_FAVOUR for score in self.scores]
        return [*found, combined(found, weights)]

    def forecast(
        self, level: Demand, first: int, days: int, place: int | None = None
    ) -> Distribution:
        """Return the demand of some days by what speaks, or by another one of NAMES.

        Args:
            level: the book's demand.
            first: days since 1970.
            days: how many.
            place: of NAMES.

        Raises:
            ValueError: it cannot speak.
        """
        if place is None:
            place = self.active
        lately = self.catch_up()
        if place == COMBINED:
            found: Distribution | None = self._all(lately, level, first, days)[place]
        elif place == 0:
            found = of_level(level, first * DAY, float(days))
        else:
            model = self.candidates[place - 1]
            found = model.over(lately, first, days) if model.can_forecast else None
        if found is None:
            msg = f"{NAMES[place]}: has no shape of these days"
            raise ValueError(msg)
        return Distribution(found.mean, widened(found, self.scores[place].variance_factor))

    def apply_champion(self, level: Demand, days: float) -> None:
        """Have the book's demand speak with what is forecast of the days after the last one closed.

        That is weighed anew every week, and whenever the level has begun anew; in between the level goes its way with it.

        Args:
            level: the book's demand.
            days: the interval that matters to the item.
        """
        first = self.history.closed + 1
        is_due = first - self.weighed >= INTERVAL_DAYS or level.followed >= self.weighed
        if not len(self.history) or not is_due:
            return
        span = max(round(days), 1)
        self.weighed = first
        if self.active == 0:
            # The level knows its own spread; what is published as its interval is widened to what was seen.
            level.mean_factor = level.variance_factor = 1.0
            return
        scale_to_forecast(level, self.forecast(level, first, span), first * DAY, float(span))

    def reshape(self, shape: list[float], start: int, fitted: int, used: str) -> bool:
        """Take a shape fitted by Prophet; False if it is no newer than the last, or ends before it begins to be of use.

        The level is learned on it from the days it covers; of the shape itself only what lies ahead is kept.

        Args:
            shape: by day at unit mean.
            start: its first day (days since 1970).
            fitted: the day on which the fit was asked for.
            used: what it used, in words.
        """
        if fitted <= self.fitted or start + len(shape) <= self.history.closed + 1:
            return False
        self.catch_up()
        is_first = not self.shaped.can_forecast
        self.shaped.reshape(self.history, shape, start)
        self.fitted, self.fitted_with = fitted, used
        if is_first:
            # It has not been scored yet, and begins as calibrated as the level that it refines.
            self.scores[NAMES.index(Shaped.name)].variance_factor = self.scores[0].variance_factor
        return True
