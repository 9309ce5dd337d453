"""Demand of one item at one location: what its open days sold, and what is expected of those to come.

What a day teaches once it is closed is in `level`; the shape of the week in `season`.
"""

from collections.abc import Callable, Sequence
from typing import Final

from andon.planning.demand.days import DAY, begin_of, day_of
from andon.planning.demand.distributions import Distribution
from andon.planning.demand.fast_season import WeekdaySeason, season_of
from andon.planning.demand.frequency import MISSED_DAYS, SELDOM
from andon.planning.demand.late_days import learn_late
from andon.planning.demand.level import ERROR_DISCOUNT, learn, plain_factor, start
from andon.planning.demand.promotions import Planned, Promotions
from andon.planning.demand.shelf import PUT_OUT_DAYS, has_begun, is_known, wait_on_shelf
from andon.planning.demand.slow_days import hear
from andon.planning.demand.state import Demand

__all__ = [
    "DAY",
    "ERROR_DISCOUNT",
    "DayObserver",
    "Demand",
    "close_through",
    "day_at",
    "expected",
    "factor",
    "has_begun",
    "is_known",
    "learn",
    "live_in",
    "over",
    "over_days",
    "over_each",
    "plain_shape_over",
    "plan_promotions",
    "record",
    "see_day",
    "see_promotion",
    "shape_of",
    "shape_over",
    "sold_on",
    "start",
    "unrecord",
    "wait_on_shelf",
]

#: So many days without a sale leave next to nothing of a level. The rest are passed over.
_LONGEST_GAP: Final = 400
#: No demand is looked at over a longer time than the longest lead time and review there are.
LONGEST_DAYS: Final = 3650.0 + 365.0
#: From so many days on a shape is not summed day by day.
_LONG_DAYS: Final = 400


def _season(demand: Demand) -> WeekdaySeason:
    return season_of(demand.sales, demand.exposure, demand.own_level)


def shape_of(demand: Demand, first: int, days: int) -> list[float]:
    """Return the shape of some days from `first` on (days since 1970): 1 on average over a week without promotions."""
    shape = _plain_shape(demand, first, days)
    if demand.promotions is not None:
        for day, believed in demand.promotions.between(first, first + days - 1):
            shape[day - first] *= demand.promotions.uplift(believed)
    return shape


def _plain_shape(demand: Demand, first: int, days: int) -> list[float]:
    known = demand.shape
    ahead = first - demand.shape_start
    if ahead >= 0 and ahead + days <= len(known):
        return known[ahead : ahead + days]
    week = _season(demand).week
    begin = first % 7
    shape = (week * ((begin + days + 6) // 7))[begin : begin + days]
    if known:
        for place in range(days):
            at = first + place - demand.shape_start
            if 0 <= at < len(known):
                shape[place] = known[at]
    return shape


def factor(demand: Demand, day: int) -> float:
    """Return the shape of one day."""
    shape = plain_factor(demand, day, demand.own_level)
    if demand.promotions is not None and (believed := demand.promotions.believed(day)) is not None:
        shape *= demand.promotions.uplift(believed)
    return shape


def live_in(demand: Demand, zone: str | None) -> None:
    """Let days be those of a time zone (an IANA name; None for UTC) from now on; those that are closed stay so."""
    if zone != demand.zone:
        demand.zone = zone
        see_day(demand)


def day_at(demand: Demand, at: float) -> int:
    """Return the day (since 1970) in which a moment lies (seconds since 1970), where the item is."""
    if demand.day_begins <= at < demand.day_ends:
        return demand.day
    return day_of(at, demand.zone)


def see_day(demand: Demand) -> None:
    """Look up when the open day begins and ends: between these a moment is of that day, which costs two comparisons."""
    begins = begin_of(demand.day, demand.zone)
    demand.day_begins = int(begins)
    demand.day_ends = int(begin_of(demand.day + 1, demand.zone))
    demand.utc_offset = int(demand.day * DAY - begins)


def record(demand: Demand, day: int, quantity: int) -> bool:
    """Count units sold on a day; False if that day is closed, so that they cannot be learned from."""
    if day == demand.day:
        demand.sold += quantity
        if not demand.day_ends:
            see_day(demand)
        return True
    if day <= demand.closed:
        return False
    if day > demand.day:
        if demand.sold and demand.day > demand.closed:
            demand.pending[demand.day] = demand.pending.get(demand.day, 0) + demand.sold
        demand.day = day
        see_day(demand)
        demand.sold = quantity + demand.pending.pop(day, 0)
        return True
    demand.pending[day] = demand.pending.get(day, 0) + quantity
    return True


def sold_on(demand: Demand, day: int) -> int:
    """Return the units that a day (since 1970) sold so far, if it is still open; else 0."""
    if day == demand.day:
        return demand.sold
    return demand.pending.get(day, 0) if day > demand.closed else 0


def unrecord(demand: Demand, day: int, quantity: int) -> None:
    """Take units back out of a day, as when a sale is cancelled; never below nothing."""
    if day <= demand.closed:
        learn_late(demand, day, -quantity)
    elif day == demand.day:
        demand.sold = max(demand.sold - quantity, 0)
    elif day in demand.pending:
        demand.pending[day] = max(demand.pending[day] - quantity, 0)


def plan_promotions(demand: Demand, planned: Sequence[Planned]) -> None:
    """Take in the promotions that are planned, in place of those that were."""
    if planned or demand.promotions is not None:
        promotions = _promotions(demand)
        promotions.plan(planned)
        promotions.forget_through(demand.closed)


def see_promotion(demand: Demand, day: int) -> None:
    """Hear from a sale that a day (since 1970) is promoted; one that is closed says nothing any more."""
    if day > demand.closed:
        _promotions(demand).see(day)


def _promotions(demand: Demand) -> Promotions:
    if demand.promotions is None:
        demand.promotions = Promotions()
    return demand.promotions


#: Hears of a closed day: which (days since 1970), the units sold or None if they say nothing, and what was expected of it.
DayObserver = Callable[[int, int | None, float], None]


def close_through(
    demand: Demand,
    day: int,
    in_stock_share: float = 1.0,
    *,
    ran_out: bool = False,
    oversold: bool = False,
    observe: DayObserver | None = None,
    most: int | None = None,
) -> int:
    """Close every open day up to and including `day` and learn from it; return how many days were closed.

    Beyond `most` of them the rest stays open.

    The share of the day in which it was in stock, and whether it ran out, say what that is evidence of (`learn`). Where more
    was sold than was known to be there (`oversold`), a day that sold did not run out as far as anybody knows. Days before
    the first sale are not closed before they are many (`wait_on_shelf`): nobody knows whether the item was for sale.
    `observe` is told of each day once it is learned from; promoted days say nothing to it.
    """
    if demand.closed < 0:
        first = min([demand.day, *demand.pending]) if (demand.day or demand.pending) else None
        if first is None or first > day:
            return 0
        if not has_begun(demand) and day - first < PUT_OUT_DAYS:
            return 0
        demand.closed = first - 1
    if day <= demand.closed:
        return 0
    pending = demand.pending
    newest = max([demand.closed, *(number for number in pending if number <= day)])
    if demand.sold and newest < demand.day <= day:
        newest = demand.day
    last = min(day, newest + _LONGEST_GAP)
    if most is not None and last - demand.closed > most:
        day = last = demand.closed + most
    count = max(last - demand.closed, 0)
    for number in range(demand.closed + 1, last + 1):
        sold = pending.pop(number, 0) if pending else 0
        if number == demand.day:
            sold += demand.sold
            demand.sold = 0
        was_out = ran_out and not (oversold and sold)
        usual = learn(demand, number, sold, in_stock_share, ran_out=was_out)
        slow_sales, slow_b, quiet = demand.slow_sales, demand.slow_b, demand.quiet
        if demand.often is not None or slow_sales < SELDOM * slow_b or quiet >= MISSED_DAYS:
            share = 0.0 if ran_out and not sold else in_stock_share
            hear(demand, sold, share, ran_out=was_out)
        if observe is not None:
            evidence = in_stock_share > 0 and not (was_out and sold <= usual)
            if evidence and demand.promotions is not None:
                evidence = demand.promotions.believed(number) is None
            observe(number, sold if evidence else None, usual)
    demand.closed = day
    if demand.promotions is not None:
        demand.promotions.forget_through(day)
    if demand.day <= day:
        demand.day = day + 1
        see_day(demand)
        demand.sold = pending.pop(day + 1, 0) if pending else 0
    return count


def expected(demand: Demand, day: int) -> float:
    """Return the expected demand of a day in units."""
    return demand.level * factor(demand, day)


def over(demand: Demand, begin: float, days: float) -> Distribution:
    """Return the demand from `begin` (seconds since 1970) over a number of days."""
    return _over(demand, begin + demand.utc_offset, days)


def over_days(demand: Demand, first: int, days: float) -> Distribution:
    """Return the demand of some days from the begin of `first` (days since 1970) on."""
    return _over(demand, first * DAY, days)


def _over(demand: Demand, begin: float, days: float) -> Distribution:
    """Return the demand from `begin` over some days, in seconds since 1970 as the clock of the place counts them.

    The level's own uncertainty is common to all days, so it adds the square of the summed shape times Var(m); so is that
    of the uplift to promoted days. Nothing is looked at further ahead than eleven years.
    """
    return _over_each(demand, begin)(days)


def over_each(demand: Demand, begin: float) -> Callable[[float], Distribution]:
    """Return `over` of a demand from `begin` on, to be asked for many numbers of days."""
    return _over_each(demand, begin + demand.utc_offset)


def _over_each(demand: Demand, begin: float) -> Callable[[float], Distribution]:
    level, dispersion, level_variance = demand.level, demand.dispersion, demand.level_variance
    promotions = demand.promotions

    def sold(days: float) -> Distribution:
        if days <= 0:
            return Distribution(0.0, 0.0)
        days = min(days, LONGEST_DAYS)
        weight, unsure = plain_shape_over(demand, begin, days), 0.0
        if promotions is not None:
            lift, spread = _lift_over(demand, promotions, begin, days)
            weight += lift
            unsure = (level * spread) ** 2
        mean = level * weight
        return Distribution(mean, mean * dispersion + weight * weight * level_variance + unsure)

    return sold


def shape_over(demand: Demand, begin: float, days: float) -> float:
    """Return the summed shape of some days from `begin` (seconds since 1970) on, with what promotions add to it."""
    days = min(days, LONGEST_DAYS)
    begin += demand.utc_offset
    weight = plain_shape_over(demand, begin, days)
    if demand.promotions is not None:
        weight += _lift_over(demand, demand.promotions, begin, days)[0]
    return weight


def _lift_over(
    demand: Demand, promotions: Promotions, begin: float, days: float
) -> tuple[float, float]:
    """Return what promotions add to the summed shape of an interval, and the standard deviation of that."""
    end = begin + days * DAY
    lift = spread = 0.0
    for first, last, believed in promotions.spans(int(begin // DAY), int(end // DAY)):
        starts, ends = max(begin, first * DAY), min(end, (last + 1) * DAY)
        if ends <= starts:
            continue
        weight = plain_shape_over(demand, starts, (ends - starts) / DAY)
        lift += weight * (promotions.uplift(believed) - 1.0)
        spread += weight * promotions.uplift_sd(believed)
    return lift, spread


def plain_shape_over(demand: Demand, begin: float, days: float) -> float:
    """Return the summed shape of an interval as if nothing were promoted; whole weeks of weekday factors sum to seven each.

    `begin` is in seconds since 1970 as the clock of the place counts them.
    """
    end = begin + days * DAY
    if not demand.shape:
        if days % 7 == 0:
            return days
        season = _season(demand)
        return _summed(season, end / DAY) - _summed(season, begin / DAY)
    first, last = int(begin // DAY), int(end // DAY)
    if last - first > _LONG_DAYS:
        return _long_shape_over(demand, begin, end)
    shape = _plain_shape(demand, first, last - first + 1)
    if last == first:
        return shape[0] * (end - begin) / DAY
    weight = shape[0] * ((first + 1) * DAY - begin) / DAY
    weight += shape[-1] * (end - last * DAY) / DAY
    return weight + sum(shape[1:-1])


def _long_shape_over(demand: Demand, begin: float, end: float) -> float:
    """Return the summed shape of a long interval: that of the weekdays, but for the days whose shape is known."""
    season = _season(demand)
    weight = _summed(season, end / DAY) - _summed(season, begin / DAY)
    for day, shape in enumerate(demand.shape, demand.shape_start):
        share = (min(end, (day + 1) * DAY) - max(begin, day * DAY)) / DAY
        if share > 0:
            weight += share * (shape - season.week[day % 7])
    return weight


def _summed(season: WeekdaySeason, at: float) -> float:
    """Return the summed weekday factors from 1970 until `at` (days)."""
    day = int(at // 1)
    weekday = day % 7
    return float(day - weekday) + season.until[weekday] + (at - day) * season.week[weekday]
