"""The path of stock through the receipts to come: when it is expected to run out, and how likely before relief."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np
from scipy.special import ndtr

from andon.planning.demand import special_functions as special
from andon.planning.demand.demand import DAY, LONGEST_DAYS, Demand, over, shape_of, shape_over

#: Steps of the path; the last is the horizon in days.
_HORIZON_DAYS: Final = 60
#: No stock is followed for longer until it is gone: the longest lead time and review there are.
_LONGEST_WEEKS: Final = int(LONGEST_DAYS // 7)

#: So many receipts are looked at one by one; more of them together cost less.
_FEW: Final = 16


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """Goods to come: expected time (seconds since 1970), its standard deviation in days, and how many units."""

    expected: float
    spread_days: float
    quantity: int


class Projection(msgspec.Struct, frozen=True, gc=False):
    """When stock runs out: with even odds, and with odds of one in ten (seconds since 1970; None: not in 60 days).

    `risk` is the probability of running out before the next receipt is here (or before one ordered now would be, if
    nothing is on order: then `relief` is None), `short_units` the expected shortage until then,
    and `dry_p50` when the stock is gone, with even odds, if nothing arrives.
    """

    stockout_p50: float | None
    stockout_p10: float | None
    risk: float
    short_units: float
    relief: float | None
    dry_p50: float


#: What is known of the path where nobody looked.
UNSEEN: Final = Projection(None, None, 0.0, 0.0, None, 0.0)


def project(
    on_hand: int,
    receipts: Sequence[Receipt],
    demand: Demand,
    now: float,
    order_days: float = _HORIZON_DAYS,
) -> Projection:
    """Return how stock is expected to go from `now` (seconds since 1970) on.

    The path is followed day by day. Demand up to a day has the level's uncertainty in common and its own dispersion;
    a receipt counts with the probability that it has arrived by then. The sum is compared as a normal for the dates,
    and exactly, as a negative binomial, for the risk before the next receipt. With nothing on order the risk is that of
    running out before an order placed now would arrive, after `order_days`.
    """
    ordered = sorted(receipts, key=lambda receipt: receipt.expected)
    p50, p10 = _runs_out(on_hand, ordered, demand, now)
    relief = ordered[0] if ordered else None
    if relief is None:
        wait, spread = order_days, 0.0
    else:
        wait = max((relief.expected - now) / DAY, 0.0)
        spread = relief.spread_days
    until = over(demand, now, max(wait, 0.05))
    daily = until.mean / max(wait, 0.05)
    widened = type(until)(until.mean, until.variance + (daily * spread) ** 2)
    return Projection(
        stockout_p50=p50,
        stockout_p10=p10,
        risk=1.0 - widened.cdf(on_hand),
        short_units=widened.shortage(max(on_hand, 0)),
        relief=None if relief is None else relief.expected,
        dry_p50=_dry(on_hand, demand, now),
    )


def _dry(on_hand: int, demand: Demand, now: float) -> float:
    """Return when expected demand has used up the stock, whole weeks first, then day by day; at the latest in eleven years."""
    level = demand.level
    if on_hand <= 0 or level <= 0:
        return now if on_hand <= 0 else now + 10 * _HORIZON_DAYS * DAY
    left = on_hand / level
    weeks = _whole_weeks(left, demand, now)
    at = now + weeks * 7 * DAY
    if weeks == _LONGEST_WEEKS:
        return at
    left -= shape_over(demand, now, 7.0 * weeks) if weeks else 0.0
    first = int((at + demand.utc_offset) // DAY)
    for step, shape in enumerate(shape_of(demand, first, 9)):
        end = (first + step + 1) * DAY - demand.utc_offset
        used = shape * (end - at) / DAY
        if used >= left:
            return at + left / shape * DAY
        left, at = left - used, end
    return at


def _whole_weeks(left: float, demand: Demand, now: float) -> int:
    """Return how many whole weeks a stock lasts, given as summed shape; promotions may make them many fewer than usual ones."""
    most = int(min(left // 7, _LONGEST_WEEKS))
    if not most or shape_over(demand, now, 7.0 * most) <= left:
        return most
    low, high, step = 0, most, 1
    while step < most:
        if shape_over(demand, now, 7.0 * (most - step)) <= left:
            low = most - step
            break
        high, step = most - step, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        if shape_over(demand, now, 7.0 * middle) <= left:
            low = middle
        else:
            high = middle
    return low


def _runs_out(
    on_hand: int, receipts: Sequence[Receipt], demand: Demand, now: float
) -> tuple[float | None, float | None]:
    """Return when the stock reaches nothing with even odds, and with odds of one in ten."""
    if on_hand <= 0:
        return now, now
    if _lasts(on_hand, demand, now):
        return None, None
    level, dispersion = demand.level, demand.dispersion
    level_variance = demand.level_variance
    weight, at = _safe(on_hand, demand, now)
    first_day = int((at + demand.utc_offset) // DAY)
    p50: float | None = None
    p10: float | None = None
    before = 0.0
    last = now + _HORIZON_DAYS * DAY
    shapes = shape_of(demand, first_day, round((last - at) / DAY))
    ends = [(first_day + step + 1) * DAY - demand.utc_offset for step in range(len(shapes))]
    arrived = _supply_by(receipts, ends)
    for shape, end, (supply, supply_variance) in zip(shapes, ends, arrived, strict=True):
        weight += shape * (end - at) / DAY
        mean = on_hand + supply - level * weight
        variance = level * weight * dispersion + weight**2 * level_variance + supply_variance + 1e-9
        chance = special.ndtr(-mean / math.sqrt(variance))
        if p10 is None and chance >= 0.1:
            p10 = _within(at, end, before, chance, 0.1)
        if p50 is None and chance >= 0.5:
            p50 = _within(at, end, before, chance, 0.5)
            break
        before, at = chance, end
    return p50, p10


def _safe(on_hand: int, demand: Demand, now: float) -> tuple[float, float]:
    """Return the summed shape and the end of the whole weeks that the stock alone lasts by four standard deviations.

    With summed shape w that is on_hand - m w = 4 sqrt(m w d + w^2 Var(m)), a quadratic in w; the path begins there.
    """
    level, variance = demand.level, demand.level_variance
    square = level * level - 16 * variance
    linear = level * (on_hand + 8 * demand.dispersion)
    root = math.sqrt(max(linear * linear - square * on_hand * on_hand, 0.0))
    lasts = on_hand * on_hand / (linear + root) if linear > 0 else 0.0
    weeks = min(int(lasts // 7), _HORIZON_DAYS // 7)
    weight = shape_over(demand, now, 7.0 * weeks) if weeks else 0.0
    if weight > lasts:
        return 0.0, now
    return weight, now + 7 * weeks * DAY


def _lasts(on_hand: int, demand: Demand, now: float) -> bool:
    """Return whether the stock alone lasts beyond the horizon by four standard deviations, so that no path is needed."""
    if on_hand < demand.level * _HORIZON_DAYS:
        return False
    used = over(demand, now, float(_HORIZON_DAYS))
    return on_hand > used.mean + 4 * used.sd


def _supply_by(receipts: Sequence[Receipt], ends: list[float]) -> Iterable[tuple[float, float]]:
    """Return mean and variance of the units that have arrived by each of some times (seconds since 1970)."""
    if len(receipts) <= _FEW:
        return (_supply(receipts, end) for end in ends)
    expected, spread, units = (
        np.array([getattr(one, name) for one in receipts], dtype=float)
        for name in ("expected", "spread_days", "quantity")
    )
    late = np.array(ends)[:, np.newaxis] - expected
    sure = spread <= 0
    # A spread below a microsecond is none.
    chance = np.where(sure, late >= 0, ndtr(late / np.maximum(spread * DAY, 1e-6)))
    mean, variance = chance @ units, (chance * (1 - chance)) @ units**2
    return zip(mean.tolist(), variance.tolist(), strict=True)


def _supply(receipts: Sequence[Receipt], at: float) -> tuple[float, float]:
    """Return mean and variance of the units that have arrived by `at`."""
    mean = variance = 0.0
    for receipt in receipts:
        if receipt.spread_days > 0:
            z = (at - receipt.expected) / (receipt.spread_days * DAY)
            chance = special.ndtr(z)
        else:
            chance = 1.0 if receipt.expected <= at else 0.0
        mean += receipt.quantity * chance
        variance += receipt.quantity**2 * chance * (1 - chance)
    return mean, variance


def _within(begin: float, end: float, low: float, high: float, odds: float) -> float:
    """Return when, inside a day, the odds are reached, taken as linear in between."""
    share = (odds - low) / (high - low) if high > low else 1.0
    return begin + min(max(share, 0.0), 1.0) * (end - begin)


def bridge_quantity(projection: Projection, on_hand: int, demand: Demand, now: float) -> int:
    """Return what would carry the item over the gap until the next receipt, nine times out of ten; 0 without a gap."""
    if projection.relief is None:
        return 0
    wait = max((projection.relief - now) / DAY, 0.0)
    needed = over(demand, now, wait).quantile(0.9) if wait > 0 else 0
    return max(needed - max(on_hand, 0), 0)


def wake_level(
    receipts: Sequence[Receipt], demand: Demand, now: float, odds: float, order_days: float
) -> int:
    """Return the stock on hand at or below which running out before the next receipt has more than these odds."""
    wait = order_days
    if receipts:
        wait = max((min(receipt.expected for receipt in receipts) - now) / DAY, 0.05)
    return over(demand, now, wait).quantile(1 - odds)
