"""The path of stock through the receipts to come: when it is expected to run out, and how likely before relief."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from andon.planning.demand import special_functions as special
from andon.planning.demand.demand import DAY, LONGEST_DAYS, Demand, over, shape_of, shape_over
from andon.planning.policy.relief import Promise, Receipt, Wait, before_relief, wait_for

#: Steps of the path; the last is the horizon in days.
_HORIZON_DAYS: Final = 60
#: No stock is followed for longer until it is gone: the longest lead time and review there are.
_LONGEST_WEEKS: Final = int(LONGEST_DAYS // 7)
#: A receipt that is so many standard deviations over has come; so small a step in what may have come is none.
_SURE: Final = 4.0
_STEP: Final = 0.02


class Projection(msgspec.Struct, frozen=True, gc=False):
    """When stock runs out: with even odds, and with odds of one in ten (seconds since 1970; None: not in 60 days).

    `risk` is the probability of running out before the next receipt is here (or before one ordered now would be, if
    nothing is on order: then `relief` is None), `short_units` the expected shortage until then,
    `dry_p50` when the stock is gone, with even odds, if nothing arrives, and `wait` how long relief may take.
    """

    stockout_p50: float | None
    stockout_p10: float | None
    risk: float
    short_units: float
    relief: float | None
    dry_p50: float
    wait: Wait | None = None


#: What is known of the path where nobody looked.
UNSEEN: Final = Projection(None, None, 0.0, 0.0, None, 0.0)


def project(
    on_hand: int,
    receipts: Sequence[Receipt],
    demand: Demand,
    now: float,
    order_days: float = _HORIZON_DAYS,
    promises: Sequence[Promise] = (),
    on_shelf: int = 0,
) -> Projection:
    """Return how stock is expected to go from `now` (seconds since 1970) on; `on_hand` is what is free to sell then.

    The path is followed day by day. Demand up to a day has the level's uncertainty in common and its own dispersion;
    what may have arrived by then is mixed over. Demand is compared as a normal for the dates, and exactly, as a negative
    binomial, for the risk before the next receipt (see `relief`). With nothing on order the risk is that of
    running out before an order placed now would arrive, after `order_days`. What is promised to customers for later leaves the stock then.
    Where more is promised than is there, what is `on_shelf` sells on while those who wait are served from what comes: nothing
    is free, but the dates are those of the shelf.
    """
    if on_hand <= 0 < on_shelf:
        p50, p10 = _runs_out(*sellable(on_hand, on_shelf, receipts), demand, now, promises)
    else:
        p50, p10 = _runs_out(on_hand, receipts, demand, now, promises)
    wait = wait_for(receipts, now, order_days)
    dry = _dry(on_hand, demand, now)
    left = on_hand
    for due, units in promises:
        if due < dry:
            left -= units
            dry = max(_dry(left, demand, now), due)
    risk, short = before_relief(on_hand, wait, demand, now, (dry - now) / DAY, promises)
    return Projection(
        stockout_p50=p50,
        stockout_p10=p10,
        risk=risk,
        short_units=short,
        relief=min(receipt.expected for receipt in receipts) if receipts else None,
        dry_p50=dry,
        wait=wait,
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
    on_hand: int,
    receipts: Sequence[Receipt],
    demand: Demand,
    now: float,
    promises: Sequence[Promise],
) -> tuple[float | None, float | None]:
    """Return when the stock reaches nothing with even odds, and with odds of one in ten."""
    if on_hand <= 0:
        return now, now
    kept = on_hand - sum(units for _, units in promises) if promises else on_hand
    if _lasts(kept, demand, now):
        return None, None
    level, dispersion = demand.level, demand.dispersion
    level_variance = demand.level_variance
    arrivals = Arrivals(receipts)
    weight, at = _safe(max(kept, 0), demand, now)
    first_day = int((at + demand.utc_offset) // DAY)
    p50: float | None = None
    p10: float | None = None
    before = 0.0
    last = now + _HORIZON_DAYS * DAY
    shapes = shape_of(demand, first_day, round((last - at) / DAY))
    ends = [(first_day + step + 1) * DAY - demand.utc_offset for step in range(len(shapes))]
    for shape, end in zip(shapes, ends, strict=True):
        weight += shape * (end - at) / DAY
        left = on_hand - level * weight
        if promises:
            left -= sum(units for due, units in promises if due < end)
        sd = math.sqrt(level * weight * dispersion + weight**2 * level_variance + 1e-9)
        if receipts:
            chance = 0.0
            for units, odds in arrivals.by(end):
                chance += odds * special.ndtr(-(left + units) / sd)
        else:
            chance = special.ndtr(-left / sd)
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


def sellable(free: int, on_shelf: int, receipts: Sequence[Receipt]) -> tuple[int, list[Receipt]]:
    """Return what is there to sell, and what of the receipts is left when what was promised is taken from them, in their order."""
    promised = on_shelf - free
    left = []
    for receipt in sorted(receipts, key=lambda receipt: receipt.expected):
        taken = min(promised, receipt.quantity)
        promised -= taken
        if taken < receipt.quantity:
            left.append(Receipt(receipt.expected, receipt.spread_days, receipt.quantity - taken))
    return on_shelf - promised, left


class Arrivals:
    """What of the receipts has arrived by a moment that moves on, as long as it is late in the same way as `relief` has it."""

    def __init__(self, receipts: Sequence[Receipt]) -> None:
        self._ahead = sorted(receipts, key=lambda receipt: receipt.expected, reverse=True)
        self._unsure: list[Receipt] = []
        self._sure = 0

    def by(self, at: float) -> list[tuple[int, float]]:
        """Return how many units may have arrived by `at` (seconds since 1970), and how likely each number is."""
        while self._ahead and self._ahead[-1].expected <= at:
            self._unsure.append(self._ahead.pop())
        if not self._unsure:
            return [(self._sure, 1.0)]
        odds = []
        waiting = []
        for receipt in self._unsure:
            late = at - receipt.expected
            if late >= _SURE * receipt.spread_days * DAY:
                self._sure += receipt.quantity
            else:
                waiting.append(receipt)
                odds.append((special.ndtr(late / (receipt.spread_days * DAY)), receipt.quantity))
        self._unsure = waiting
        return _numbers(self._sure, odds)


def _numbers(sure: int, odds: list[tuple[float, int]]) -> list[tuple[int, float]]:
    """Return the numbers of units that may have arrived, with the probability of each; small steps are taken as one.

    The likelier of two receipts has come if the other has.
    """
    odds.sort()
    units, reached = sure + sum(quantity for _, quantity in odds), 0.0
    found = []
    for chance, quantity in odds:
        if chance - reached > _STEP:
            found.append((units, chance - reached))
            reached = chance
        units -= quantity
    found.append((units, 1.0 - reached))
    return found


def _within(begin: float, end: float, low: float, high: float, odds: float) -> float:
    """Return when, inside a day, the odds are reached, taken as linear in between."""
    share = (odds - low) / (high - low) if high > low else 1.0
    return begin + min(max(share, 0.0), 1.0) * (end - begin)


def bridge_quantity(projection: Projection, on_hand: int, demand: Demand, now: float) -> int:
    """Return what would carry the item over the gap until the next receipt, nine times out of ten; 0 without a gap."""
    if projection.relief is None or projection.wait is None:
        return 0
    needed = projection.wait.demand(demand, now).quantile(0.9)
    return max(needed - max(on_hand, 0), 0)


def wake_level(
    receipts: Sequence[Receipt], demand: Demand, now: float, odds: float, order_days: float
) -> int:
    """Return the stock on hand at or below which running out before relief has about more than these odds."""
    return wait_for(receipts, now, order_days).demand(demand, now).quantile(1 - odds)
