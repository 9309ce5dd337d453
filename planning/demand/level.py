"""The level of one item's demand: a discounted Gamma-Poisson state that learns from every closed day.

Expected demand of day t is `m * p_t`. The shape p_t is the weekday's factor (or one supplied from outside, at unit mean
too); the level m is Gamma(a, b) with a discount, so that the predictive is negative binomial (West and Harrison, Bayesian
Forecasting and Dynamic Models, ch. 10 for the discounted Gamma-Poisson). What the Poisson cannot explain is tracked as a
dispersion: the ratio of discounted sums of squared errors and of expected variances.
"""

import math
from typing import Final

from andon.planning.demand.distributions import Distribution
from andon.planning.demand.fast_season import factor_of
from andon.planning.demand.long_run import (
    SLOW_DISCOUNT,
    SLOW_LOSS,
    begun,
    days_lent,
    kept,
    remembered,
    renewed,
    spare_size,
)
from andon.planning.demand.promotions import Promotions
from andon.planning.demand.state import VAGUE, Demand
from andon.planning.demand.surprise import (
    OVERSHOOTING,
    SURGE_KEPT,
    cusum,
    deviation,
    dispersion_of,
    overshoot,
    was_not_for_sale,
    winsorised,
)
from andon.planning.demand.unserved import wanted_beyond
from andon.planning.demand.weekday_season import WEEKDAYS

#: How slowly the level forgets, and what its errors say of their spread.
DISCOUNT: Final = 0.96
DISPERSION_LOSS: Final = 0.01
#: How slowly weekday factors move.
WEEK_DISCOUNT: Final = 0.99**WEEKDAYS
ERROR_DISCOUNT: Final = 0.98
#: A planner's expectation counts as this many days; nothing known counts as almost none.
_EXPECTED_DAYS: Final = 7.0
#: Before so many days, nothing is called unusual.
LEARNED_DAYS: Final = 14
#: When the CUSUM of errors passes this, the level is a new one, and this share of the old evidence is kept.
DRIFTED: Final = 8.0
_KEPT: Final = 0.3
#: A level that is back after a silence is as unsure as after so many days.
_RETURN_DAYS: Final = 14.0


def long_run_of(demand: Demand) -> tuple[float, float, float]:
    """Return a, b and the days that sold of the long run, which begins with the level there is."""
    return begun((demand.a, demand.b), (demand.slow_a, demand.slow_b), demand.slow_sales)


def start(demand: Demand, expected_daily: float | None) -> None:
    """Begin with a planner's expectation (units a day), if nothing was learned yet."""
    if demand.days == 0 and expected_daily is not None:
        demand.a, demand.b = max(expected_daily, 0.01) * _EXPECTED_DAYS, _EXPECTED_DAYS


def learn(
    demand: Demand, day: int, sold: int, in_stock_share: float = 1.0, *, ran_out: bool = False
) -> float:
    """Learn from a day that is over, and return what the level had expected of it (units).

    A day on which the item was in stock for a share of the time only counts for that share: what did not sell then is
    no evidence. Of a day on which stock ran out only that much is known, that demand was at least what sold: it counts
    as the mean of all demands from there on, and as no error where that is no surprise.

    Args:
        demand: the item's.
        day: days since 1970, each after the one before.
        sold: units.
        in_stock_share: of the day.
        ran_out: whether no more could have been sold.
    """
    level = demand.own_level
    shape = plain_factor(demand, day, level)
    usual = level * shape
    if in_stock_share <= 0 or (ran_out and not sold and demand.slow_sale):
        return usual
    if (not sold or demand.quiet) and count_silence(demand, sold, ran_out=ran_out):
        level = demand.own_level
        shape = plain_factor(demand, day, level)
    weight = shape * in_stock_share
    if demand.promotions is not None and (believed := demand.promotions.believed(day)) is not None:
        _learn_promoted(demand, demand.promotions, believed, (weight, sold, ran_out))
        return usual
    expected = level * weight
    dispersion = dispersion_of(demand.spread, demand.expected_spread)
    wanted = float(sold)
    if ran_out:
        variance = expected * dispersion + shape * shape * level / demand.b
        wanted = wanted_beyond(sold, expected, variance, demand.slow_sale)
    learned, days, overshoots = wanted, demand.days, False
    if days >= LEARNED_DAYS and (wanted > expected or demand.overshoot):
        usual_sd = deviation(
            expected, dispersion, spare_size(demand.slow_a, demand.slow_b, demand.slow_sales)
        )
        overshoots = wanted > expected + OVERSHOOTING * usual_sd
        if overshoots and not demand.slow_sale:
            learned = winsorised(wanted, expected, usual_sd)
    if days and not (ran_out and sold <= expected):
        see_error(demand, expected, sold)
        sd = _see_spread(demand, expected, expected - learned, weight * weight * level / demand.b)
        demand.shift = cusum(demand.shift, sold, expected, sd)
        if days >= LEARNED_DAYS:
            if overshoots or demand.overshoot:
                demand.overshoot = overshoot(wanted, expected, usual_sd, demand.overshoot)
            demand.drift = cusum(demand.drift, learned, expected, sd)
            if abs(demand.drift) > DRIFTED:
                begin_anew(demand)
                demand.followed = day
    slow_a, slow_b, sales = long_run_of(demand)
    left = kept(SLOW_LOSS, slow_b, sales)
    demand.slow_a, demand.slow_b = slow_a * left + learned, slow_b * left + weight
    demand.slow_sales = sales * left + (1.0 if sold else 0.0)
    demand.a = demand.a * DISCOUNT + learned
    demand.b = demand.b * DISCOUNT + weight
    if not demand.sales:
        demand.sales, demand.exposure = [0.0] * WEEKDAYS, [0.0] * WEEKDAYS
    weekday = day % WEEKDAYS
    demand.sales[weekday] = demand.sales[weekday] * WEEK_DISCOUNT + learned
    demand.exposure[weekday] = demand.exposure[weekday] * WEEK_DISCOUNT + level * in_stock_share
    demand.days = days + 1
    return usual


def _learn_promoted(
    demand: Demand, promotions: Promotions, believed: float, day: tuple[float, int, bool]
) -> None:
    """Learn the uplift from a promoted day, and the level only as far as the uplift was known before.

    What the day says of errors is kept, of their spread and of lasting changes it says nothing.

    Args:
        demand: the item's.
        promotions: its.
        believed: of the day's uplift.
        day: its shape times its share in stock, the units sold, and whether it ran out.
    """
    weight, sold, ran_out = day
    usual = demand.own_level * weight
    uplift, known = promotions.uplift(believed), promotions.confidence
    expected = usual * uplift
    variance = expected * demand.own_dispersion + (usual * promotions.uplift_sd(believed)) ** 2
    wanted = float(sold)
    if ran_out:
        wanted = Distribution(expected, variance).beyond(sold)
    wanted = winsorised(wanted, expected, math.sqrt(max(variance, 1.0)))
    if demand.days and not (ran_out and sold <= expected):
        see_error(demand, expected, sold)
    promotions.learn(wanted, usual)
    slow_a, slow_b, sales = long_run_of(demand)
    demand.slow_sales = sales * SLOW_DISCOUNT**known + (known if sold else 0.0)
    demand.slow_a, demand.slow_b = remembered((slow_a, slow_b), wanted, weight * uplift, known)
    left = DISCOUNT**known
    demand.a = demand.a * left + known * wanted
    demand.b = demand.b * left + known * weight * uplift
    demand.overshoot *= SURGE_KEPT
    demand.days += 1


def plain_factor(demand: Demand, day: int, level: float) -> float:
    """Return the shape of a day (since 1970) at a level (units a day), whether it is promoted or not."""
    place = day - demand.shape_start
    known = demand.shape
    if 0 <= place < len(known):
        return known[place]
    return factor_of(day % WEEKDAYS, demand.sales, demand.exposure, level)


def see_error(demand: Demand, expected: float, sold: int) -> None:
    """Take in how far off the forecast of a day was (units)."""
    error = expected - sold
    demand.error = demand.error * ERROR_DISCOUNT + (error if error >= 0 else -error)
    demand.signed_error = demand.signed_error * ERROR_DISCOUNT + error
    demand.total = demand.total * ERROR_DISCOUNT + sold


def _see_spread(demand: Demand, expected: float, error: float, level_variance: float) -> float:
    """Take in the square of an error, and return the standard deviation that errors have by now."""
    poisson = expected + level_variance
    left = kept(DISPERSION_LOSS, demand.slow_b, demand.slow_sales)
    spread = demand.spread * left + error * error
    expected_spread = demand.expected_spread * left + poisson
    demand.spread, demand.expected_spread = spread, expected_spread
    return math.sqrt(poisson * dispersion_of(spread, expected_spread))


def begin_anew(demand: Demand) -> None:
    """Forget most of the level's evidence, as errors that were one-sided for long say that it is a new one."""
    if days_lent(demand.slow_b, demand.slow_sales, demand.quiet):
        demand.slow_a, demand.slow_b, demand.slow_sales = renewed(
            (demand.a, demand.b), (demand.slow_a, demand.slow_b), demand.slow_sales
        )
    demand.a *= _KEPT
    demand.b *= _KEPT
    demand.drift = 0.0


def busy_share(demand: Demand) -> float:
    """Return the share of the days before the silence there is that sold, of at least as many days as it has."""
    return demand.slow_sales / max(demand.slow_b - demand.quiet, demand.quiet, 1.0)


def count_silence(demand: Demand, sold: int, *, ran_out: bool) -> bool:
    """Count a day without a sale, or end the silence with one; return whether that made the level another.

    An item that sells after a silence that its demand cannot explain was not for sale: its old level is believed in again.
    """
    if not sold:
        if not ran_out:
            if not demand.quiet:
                # What nobody ever knew is no level to go back to.
                slow_a, slow_b, _ = long_run_of(demand)
                known = demand.b > VAGUE[1]
                demand.quiet_level = min(demand.own_level, slow_a / slow_b) if known else 0.0
            demand.quiet += 1
        return False
    returns = was_not_for_sale(
        demand.quiet, demand.quiet_level, demand.own_dispersion, busy_share(demand)
    )
    if returns:
        demand.a = max(demand.quiet_level, demand.a / demand.b) * _RETURN_DAYS
        demand.b = _RETURN_DAYS
        before = demand.slow_a
        demand.slow_a = max(before, demand.a / demand.b * demand.slow_b)
        if before:
            demand.slow_sales *= demand.slow_a / before
        demand.drift = 0.0
    demand.quiet = 0
    return returns
