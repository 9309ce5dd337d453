"""Demand of one item at one location: a shape at unit mean, and a level that learns from every closed day.

Expected demand of day t is `m * p_t`. The shape p_t is the weekday's factor (or one supplied from outside, at unit mean
too); the level m is Gamma(a, b) with a discount, so that the predictive is negative binomial (West and Harrison, Bayesian
Forecasting and Dynamic Models, ch. 10 for the discounted Gamma-Poisson). What the Poisson cannot explain is tracked as a
dispersion: the ratio of discounted sums of squared errors and of expected variances.
"""

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Final, NamedTuple

import msgspec

from andon.planning.distributions import Distribution
from andon.planning.surprise import cusum, surge, tempered, was_not_for_sale

DAY: Final = 86400.0
_DISCOUNT: Final = 0.97
#: How slowly weekday factors move, and how many days of the level they must prove themselves over.
_WEEKDAY_DISCOUNT: Final = 0.99
_WEEKDAY_SHRINK: Final = 4.0
_DISPERSION_DISCOUNT: Final = 0.985
ERROR_DISCOUNT: Final = 0.98
#: A planner's expectation counts as this many days; nothing known counts as almost none.
_EXPECTED_DAYS: Final = 7.0
_VAGUE: Final = (0.5, 0.5)
#: When the CUSUM of errors passes this, the level is a new one, and this share of the old evidence is kept.
_DRIFTED: Final = 8.0
_KEPT: Final = 0.3
#: A level that is back after a silence is as unsure as after so many days.
_RETURN_DAYS: Final = 14.0
#: So many days without a sale leave nothing of the level: 0.97 ** 400 is about a hundred thousandth. The rest are passed over.
_LONGEST_GAP: Final = 400


class Demand(msgspec.Struct, array_like=True):
    """Level, shape and errors; `day` is the newest open day (days since 1970), `sold` what it sold so far.

    `pending` holds older days that are still open. `sales` and `exposure` are discounted sums per weekday (Thursday
    first, as day 0 was one) of units sold and of the level then believed in. `shape` overrides the weekday factors from
    `shape_start` on. `shift` is the CUSUM of errors that is reported, `drift` the one that the level itself follows, and
    `followed` the day on which it last did. `tilt` and `stretch` are what another forecast that has earned it makes of the
    level's mean and of its variance; the level itself learns without them. `surge` is what of the last days went beyond what
    chance explains, less of it with every day: the buffer for what may follow a spike.
    `quiet` counts the days in a row that sold nothing though there was stock, `quiet_level` is the level before them.
    """

    a: float = _VAGUE[0]
    b: float = _VAGUE[1]
    day: int = 0
    sold: int = 0
    closed: int = -1
    days: int = 0
    pending: dict[int, int] = {}
    sales: list[float] = []
    exposure: list[float] = []
    spread: float = 0.0
    expected_spread: float = 0.0
    error: float = 0.0
    total: float = 0.0
    signed_error: float = 0.0
    shift: float = 0.0
    shape: list[float] = []
    shape_start: int = 0
    drift: float = 0.0
    followed: int = -1
    tilt: float = 1.0
    stretch: float = 1.0
    quiet: int = 0
    quiet_level: float = 0.0
    surge: float = 0.0

    @property
    def level(self) -> float:
        """The mean level in units a day, as what speaks has it."""
        return self.a / self.b * self.tilt

    @property
    def level_variance(self) -> float:
        """The variance of the level, in units a day squared."""
        return self.a / self.b**2 * self.stretch

    @property
    def dispersion(self) -> float:
        """How many times the Poisson's variance a day's demand really has, at least 1."""
        return max(self.own_dispersion * self.stretch, 1.0)

    @property
    def own_dispersion(self) -> float:
        """The dispersion of the level's own errors, whoever speaks."""
        return max((self.spread + 8.0) / (self.expected_spread + 8.0), 1.0)

    @property
    def wape(self) -> float | None:
        """The absolute error of one-day forecasts as a share of what was sold, recent days counting more."""
        return self.error / self.total if self.total > 0 else None

    @property
    def bias(self) -> float | None:
        """The mean error as a share of what was sold; positive forecasts were too high."""
        return self.signed_error / self.total if self.total > 0 else None


def start(demand: Demand, expected_daily: float | None) -> None:
    """Begin with a planner's expectation (units a day), if nothing was learned yet."""
    if demand.days == 0 and expected_daily is not None:
        demand.a = max(expected_daily, 0.01) * _EXPECTED_DAYS
        demand.b = _EXPECTED_DAYS


class _Season(NamedTuple):
    """The weekday factors of one state of a demand, and their running sum over a week, from nothing to seven."""

    demand: Demand
    version: tuple[int, float, float]
    week: list[float]
    until: list[float]


#: The season looked at last: one decision asks for it a dozen times. What it holds follows from the demand alone.
_last = _Season(Demand(), (-1, 0.0, 0.0), [], [])


def _season(demand: Demand) -> _Season:
    global _last  # noqa: PLW0603 - a memory of one, replaced whole
    last = _last
    version = (demand.days, demand.a, demand.b)
    if last.demand is demand and last.version == version:
        return last
    week = _weekday_factors(demand) if demand.sales else [1.0] * 7
    _last = last = _Season(demand, version, week, list(accumulate(week, initial=0.0)))
    return last


def shape_of(demand: Demand, first: int, days: int) -> list[float]:
    """Return the shape of some days from `first` on (days since 1970): 1 on average over a week."""
    week = _season(demand).week
    begin = first % 7
    shape = (week * ((begin + days + 6) // 7))[begin : begin + days]
    if demand.shape:
        known = demand.shape
        for place in range(days):
            at = first + place - demand.shape_start
            if 0 <= at < len(known):
                shape[place] = known[at]
    return shape


def factor(demand: Demand, day: int) -> float:
    """Return the shape of one day."""
    if demand.shape and 0 <= day - demand.shape_start < len(demand.shape):
        return demand.shape[day - demand.shape_start]
    return _season(demand).week[day % 7]


def _weekday_factors(demand: Demand) -> list[float]:
    """Shrink each weekday's ratio of sales to level toward 1, and bring the week to unit mean."""
    level = max(demand.a / demand.b, 1e-9)
    shrink = _WEEKDAY_SHRINK * level + 2.0
    raw = [
        (sales + shrink) / (exposure + shrink)
        for sales, exposure in zip(demand.sales, demand.exposure, strict=True)
    ]
    scale = 7 / sum(raw)
    return [value * scale for value in raw]


def has_begun(demand: Demand) -> bool:
    """Return whether anything was ever sold."""
    return demand.closed >= 0 or demand.sold > 0 or len(demand.pending) > 0


def record(demand: Demand, day: int, quantity: int) -> bool:
    """Count units sold on a day; False if that day is closed, so that they cannot be learned from."""
    if day == demand.day:
        demand.sold += quantity
        return True
    if day <= demand.closed:
        return False
    if day > demand.day:
        if demand.sold and demand.day > demand.closed:
            demand.pending[demand.day] = demand.pending.get(demand.day, 0) + demand.sold
        demand.day = day
        demand.sold = quantity + demand.pending.pop(day, 0)
        return True
    demand.pending[day] = demand.pending.get(day, 0) + quantity
    return True


def unrecord(demand: Demand, day: int, quantity: int) -> None:
    """Take units back out of a day that is still open, as when a sale is cancelled; never below nothing."""
    if day == demand.day:
        demand.sold = max(demand.sold - quantity, 0)
    elif day > demand.closed and day in demand.pending:
        demand.pending[day] = max(demand.pending[day] - quantity, 0)


#: Hears of a closed day: which (days since 1970), the units sold or None if they say nothing, and what was expected of it.
Heard = Callable[[int, int | None, float], None]


def close_through(
    demand: Demand,
    day: int,
    in_stock_share: float = 1.0,
    *,
    ran_out: bool = False,
    heard: Heard | None = None,
) -> int:
    """Close every open day up to and including `day` and learn from it; return how many days were closed.

    A day on which the item was in stock for a share of the time only counts for that share: what did not sell then is
    no evidence. Of a day on which stock ran out only that much is known, that demand was at least what sold: it counts
    as the mean of all demands from there on, and as no error where that is no surprise. Days before the first sale are
    not closed: nobody knows whether the item was for sale. `heard` is told of each day once it is learned from.
    """
    if demand.closed < 0:
        first = min([demand.day, *demand.pending]) if (demand.day or demand.pending) else None
        if first is None or first > day:
            return 0
        demand.closed = first - 1
    if day <= demand.closed:
        return 0
    newest = max([demand.closed, *(number for number in demand.pending if number <= day)])
    if demand.sold and demand.day <= day:
        newest = max(newest, demand.day)
    count = 0
    for number in range(demand.closed + 1, min(day, newest + _LONGEST_GAP) + 1):
        sold = demand.pending.pop(number, 0)
        if number == demand.day:
            sold += demand.sold
            demand.sold = 0
        usual = demand.a / demand.b * factor(demand, number)
        _learn(demand, number, sold, in_stock_share, ran_out=ran_out)
        if heard is not None:
            evidence = in_stock_share > 0 and not (ran_out and sold <= usual)
            heard(number, sold if evidence else None, usual)
        count += 1
    demand.closed = day
    if demand.day <= day:
        demand.day = day + 1
        demand.sold = demand.pending.pop(day + 1, 0)
    return count


def _learn(demand: Demand, day: int, sold: int, in_stock_share: float, *, ran_out: bool) -> None:
    if in_stock_share <= 0:
        return
    _return(demand, sold, ran_out=ran_out)
    shape = factor(demand, day)
    level = demand.a / demand.b
    expected = level * shape * in_stock_share
    wanted = float(sold)
    if ran_out:
        # The mean of the truncated demand (expectation-maximisation's first step: Dempster, Laird and Rubin, 1977).
        spread = expected * demand.own_dispersion + shape * shape * demand.a / demand.b**2
        wanted = Distribution(expected, spread).beyond(sold)
    learned = wanted if demand.days < 14 else tempered(wanted, expected, demand.own_dispersion)
    if demand.days and not (ran_out and sold <= expected):
        error = expected - sold
        demand.error = demand.error * ERROR_DISCOUNT + abs(error)
        demand.signed_error = demand.signed_error * ERROR_DISCOUNT + error
        demand.total = demand.total * ERROR_DISCOUNT + sold
        poisson = expected + (shape * in_stock_share) ** 2 * demand.a / demand.b**2
        demand.spread = demand.spread * _DISPERSION_DISCOUNT + (expected - learned) ** 2
        demand.expected_spread = demand.expected_spread * _DISPERSION_DISCOUNT + poisson
        sd = math.sqrt(poisson * demand.own_dispersion)
        demand.shift = cusum(demand.shift, sold - expected, sd)
        if demand.days >= 14:
            demand.surge = surge(wanted, expected, demand.own_dispersion, demand.surge)
            _follow(demand, day, learned - expected, sd)
    demand.a = demand.a * _DISCOUNT + learned
    demand.b = demand.b * _DISCOUNT + shape * in_stock_share
    if not demand.sales:
        demand.sales = [0.0] * 7
        demand.exposure = [0.0] * 7
    weekday = day % 7
    demand.sales[weekday] = demand.sales[weekday] * _WEEKDAY_DISCOUNT**7 + learned
    demand.exposure[weekday] = (
        demand.exposure[weekday] * _WEEKDAY_DISCOUNT**7 + level * in_stock_share
    )
    demand.days += 1


def _return(demand: Demand, sold: int, *, ran_out: bool) -> None:
    """Believe in the old level again when an item sells after a silence that its demand cannot explain."""
    if not sold:
        if not ran_out:
            if not demand.quiet:
                demand.quiet_level = demand.a / demand.b
            demand.quiet += 1
        return
    if was_not_for_sale(demand.quiet, demand.quiet_level, demand.own_dispersion):
        demand.a = max(demand.quiet_level, demand.a / demand.b) * _RETURN_DAYS
        demand.b = _RETURN_DAYS
        demand.drift = 0.0
    demand.quiet = 0


def _follow(demand: Demand, day: int, error: float, sd: float) -> None:
    """Forget most of the level's evidence once the errors, one-sided for long, say that it is a new one."""
    demand.drift = cusum(demand.drift, error, sd)
    if abs(demand.drift) > _DRIFTED:
        demand.a *= _KEPT
        demand.b *= _KEPT
        demand.drift = 0.0
        demand.followed = day


def expected(demand: Demand, day: int) -> float:
    """Return the expected demand of a day in units."""
    return demand.level * factor(demand, day)


def over(demand: Demand, begin: float, days: float) -> Distribution:
    """Return the demand from `begin` (seconds since 1970) over a number of days.

    The level's own uncertainty is common to all days, so it adds the square of the summed shape times Var(m).
    """
    if days <= 0:
        return Distribution(0.0, 0.0)
    weight = shape_over(demand, begin, days)
    mean = demand.level * weight
    return Distribution(mean, mean * demand.dispersion + weight * weight * demand.level_variance)


def shape_over(demand: Demand, begin: float, days: float) -> float:
    """Return the summed shape of an interval; whole weeks of weekday factors sum to seven each."""
    end = begin + days * DAY
    if not demand.shape:
        season = _season(demand)
        return _summed(season, end / DAY) - _summed(season, begin / DAY)
    first, last = int(begin // DAY), int(end // DAY)
    shape = shape_of(demand, first, last - first + 1)
    if last == first:
        return shape[0] * (end - begin) / DAY
    weight = shape[0] * ((first + 1) * DAY - begin) / DAY
    weight += shape[-1] * (end - last * DAY) / DAY
    return weight + sum(shape[1:-1])


def _summed(season: _Season, at: float) -> float:
    """Return the summed weekday factors from 1970 until `at` (days)."""
    day = int(at // 1)
    weekday = day % 7
    return float(day - weekday) + season.until[weekday] + (at - day) * season.week[weekday]
