"""How much stock is right: service level, reorder point, order-up-to level, and the size of an order.

The dial between just-in-time and just-in-case is the service level: the newsvendor's critical ratio within the bounds
of the item's class.
"""

import math
from typing import Final

import msgspec

from andon.planning.demand.demand import DAY, Demand, over, shape_over
from andon.planning.demand.distributions import MOST_DEMAND, Distribution
from andon.planning.demand.rhythm import Due
from andon.planning.policy.buffer_price import price_of_buffer
from andon.planning.policy.lot_size import (
    LotSize,
    cheapest_lot,
    lot_size,
    order_cost_at,
    unit_cost_at,
)
from andon.planning.policy.protection import protection
from andon.planning.supply.lead_time import LeadTime
from andon.schemas.items import Item, Source

#: The service levels within which the costs of an item may move it, by class.
CLASS_BOUNDS: Final = {
    "lean": (0.80, 0.90),
    "balanced": (0.90, 0.97),
    "critical": (0.98, 0.998),
}
_DAYS_A_YEAR: Final = 365.25
#: Of the lead time, so much of a day's keeping counts against a lost sale as this over a power of what it costs in them.
_PIPELINE: Final = (2.0, 0.4)
#: No order covers more than this many days of demand, whatever ordering costs.
LONGEST_CYCLE_DAYS: Final = 90.0
_LONGEST_RUN: Final = 2000


class Targets(msgspec.Struct, array_like=True, frozen=True):
    """What the stock should be, and what the buffer in it costs and saves (money a year, in the item's currency)."""

    reorder_point: int
    order_up_to: int
    safety_stock: int
    service_level: float
    protection_days: float
    protection_mean: float
    protection_sd: float
    cycle_days: float
    insurance_cost: float
    insured_cost: float


def by_priority(item: Item) -> list[Source]:
    """Return an item's sources, the usual one first: those that are no expedite by their priority, then the others by theirs."""
    return sorted(item.sources, key=lambda source: (source.expedite, source.priority))


def usual_source(item: Item) -> Source:
    """Return the source an item is normally bought from: the one with the lowest priority number that is no expedite, the first of equals."""
    return min(item.sources, key=lambda source: (source.expedite, source.priority))


def shortage_cost(item: Item) -> float:
    """Return what one unit not sold costs: as given, else the margin, else half the unit cost."""
    if item.shortage_cost is not None:
        return item.shortage_cost
    if item.unit_price is not None and item.unit_price > item.unit_cost:
        return item.unit_price - item.unit_cost
    return item.unit_cost / 2


def order_cost(item: Item) -> float:
    """Return what placing an order costs, whatever its size: as the usual source has it, else the item."""
    return order_cost_at(item, usual_source(item))


def holding_cost(item: Item, days: float) -> float:
    """Return what keeping one unit for some days costs."""
    return item.unit_cost * item.holding_cost_rate * days / _DAYS_A_YEAR


def critical_ratio(underage: float, overage: float) -> float:
    """Return the newsvendor's critical ratio cu / (cu + co) (Silver, Pyke and Thomas, 9.2).

    What earns 3 a unit and loses 1 if it is left over is to be there three times in four:

    >>> critical_ratio(3.0, 1.0)
    0.75
    """
    if underage < 0 or overage < 0:
        msg = f"underage, overage: expected >= 0, got {underage}, {overage}"
        raise ValueError(msg)
    return underage / (underage + overage) if underage + overage > 0 else 0.5


def service_level(item: Item, cycle_days: float, lead_days: float = 0.0) -> float:
    """Return the probability of not running out in a cycle that an item aims at.

    A service level of its own wins; else it is the critical ratio of a unit short against a unit kept for a cycle (or,
    where sales wait, of a day's wait against a day's keeping), kept within the bounds of the item's class. An order covers
    `cycle_days` and takes `lead_days`.
    """
    if item.service_level is not None:
        return item.service_level
    low, high = CLASS_BOUNDS[item.service_class]
    return min(max(cost_ratio(item, cycle_days, lead_days), low), high)


def cost_ratio(item: Item, cycle_days: float, lead_days: float = 0.0) -> float:
    """Return the service level that an item's costs alone ask for, whatever its class: the newsvendor's ratio.

    Where what is short is lost, less stock is best than where it waits: the ratio lies between p / (p + h (L + R)) and
    p / (p + h R), for a loss p, a day's keeping h, a lead time L and a cycle R (Huh et al., 2009; Bijvank and Vis, 2011), nearer
    to the first the less a loss costs, as simulation has it.

    Args:
        item: costs, and what becomes of demand that is not served.
        cycle_days: that an order covers.
        lead_days: that it takes.
    """
    keeping = holding_cost(item, 1.0)
    if item.waiting_cost is not None:
        return critical_ratio(item.waiting_cost, keeping)
    loss = shortage_cost(item)
    days = max(cycle_days, 1.0)
    if item.unmet_demand == "lost" and loss > 0 and keeping > 0:
        most, power = _PIPELINE
        days += lead_days * min(most * (keeping / loss) ** power, 1.0)
    return critical_ratio(loss, holding_cost(item, days))


def economic_days(item: Item, daily: float) -> float:
    """Return how many days of demand an economic order covers; 0 where ordering, or holding, costs nothing.

    Harris (1913): Q = sqrt(2 K D / h), with the order cost K, yearly demand D and yearly holding cost h of a unit.
    """
    ordering = order_cost(item)
    yearly_holding = holding_cost(item, _DAYS_A_YEAR)
    if ordering <= 0 or yearly_holding <= 0 or daily <= 0:
        return 0.0
    # One after the other: their product may be too small for a number.
    days = math.sqrt(2 * ordering * _DAYS_A_YEAR / yearly_holding / daily)
    if item.waiting_cost:
        # Where sales may wait, a cycle is longer by what is saved while they do (Zipkin, 3.3).
        days *= math.sqrt(1 + holding_cost(item, 1.0) / item.waiting_cost)
    return days


def cycle_days(item: Item, daily: float) -> float:
    """Return how many days of demand an order covers: the review period, or an economic order or a pack if longer."""
    cycle = max(item.review_period_days, economic_days(item, daily))
    if daily > 0:
        cycle = max(cycle, min(item.pack_size, 2 * item.minimum_order) / daily)
    if item.shelf_life_days is not None:
        cycle = min(cycle, item.shelf_life_days)
    return min(cycle, LONGEST_CYCLE_DAYS)


def targets(
    item: Item, demand: Demand, lead_time: LeadTime, now: float, *, priced: bool = True
) -> Targets:
    """Return what the stock of an item should be now.

    Args:
        item: costs, class, pack and review period.
        demand: what is known of its demand.
        lead_time: of its usual source.
        now: seconds since 1970.
        priced: whether to say what the buffer costs and saves; 0 otherwise.
    """
    lead_days = lead_time.mean_days
    cycle = cycle_days(item, demand.level)
    service = service_level(item, cycle, lead_days)
    needed = protection(demand, lead_time, item.review_period_days, now)
    reorder_point = enough = needed.quantile(service)
    if min(cycle, economic_days(item, demand.level)) > item.review_period_days:
        cycle_demand = demand.level * shape_over(demand, now + lead_days * DAY, cycle)
        if item.waiting_cost is not None and item.service_level is None:
            reorder_point, order_up_to = _waiting_levels(
                item, demand, needed, cycle_demand, service
            )
        else:
            order_up_to = reorder_point + max(math.ceil(min(cycle_demand, MOST_DEMAND)), 1)
    else:
        # An order at every review costs nothing more than a larger one: what is enough until the next is enough.
        order_up_to = max(enough, 1)
        reorder_point = order_up_to - 1
    overshoot = round(min(demand.overshoot, MOST_DEMAND))
    reorder_point, order_up_to, enough = (
        reorder_point + overshoot,
        order_up_to + overshoot,
        enough + overshoot,
    )
    buffer = max(min(enough, reorder_point + 1) - needed.mean, 0.0)
    days = lead_days + item.review_period_days
    keeps, saves = price_of_buffer(needed, buffer, cycle, days) if priced else (0.0, 0.0)
    return Targets(
        reorder_point=reorder_point,
        order_up_to=order_up_to,
        safety_stock=round(buffer),
        service_level=service,
        protection_days=days,
        protection_mean=needed.mean,
        protection_sd=needed.sd,
        cycle_days=cycle,
        insurance_cost=keeps * holding_cost(item, _DAYS_A_YEAR),
        insured_cost=saves * shortage_cost(item),
    )


def without_demand(aims: Targets) -> Targets:
    """Return what to aim at for an item of which nobody knows what it sells: nothing, until somebody does."""
    return msgspec.structs.replace(
        aims,
        reorder_point=0,
        order_up_to=0,
        safety_stock=0,
        protection_mean=0.0,
        protection_sd=0.0,
        insurance_cost=0.0,
        insured_cost=0.0,
    )


def _waiting_levels(
    item: Item, demand: Demand, needed: Distribution | Due, cycle_demand: float, ratio: float
) -> tuple[int, int]:
    """Return reorder point and order-up-to level where sales wait: those that cost least.

    With G(y) the cost a day of starting from position y, and positions uniform above the reorder point, the best run of
    positions is grown from the minimum of G by its cheaper neighbour, until that costs more than the run on average
    (Federgruen and Zheng, 1992). A review finds the position below the reorder point by half a review's demand and half
    its variance over its mean, the mean residual of a renewal process, and the order is larger by that.
    """
    keep = holding_cost(item, 1.0)
    wait = keep * ratio / (1.0 - ratio)

    def cost(y: int) -> float:
        return keep * (y - needed.mean) + (keep + wait) * needed.shortage(y)

    low = high = needed.quantile(ratio)
    total = cost(low) + order_cost(item) * demand.level
    below_cost, above_cost = cost(low - 1), cost(high + 1)
    while high - low + 1 < _LONGEST_RUN:
        if min(below_cost, above_cost) >= total / (high - low + 1):
            break
        if below_cost < above_cost:
            total += below_cost
            low -= 1
            below_cost = cost(low - 1)
        else:
            total += above_cost
            high += 1
            above_cost = cost(high + 1)
    review = demand.level * item.review_period_days
    if cycle_demand < 1.5 * review:
        # The next review orders again anyhow (Porteus, 1985).
        return low - 1, max(needed.quantile(ratio), low)
    undershot = max((review + demand.dispersion - 1) / 2, 0.0) if review > 0 else 0.0
    return low - 1, max(round(high - undershot), low)


def order_quantity(
    item: Item,
    source: Source,
    aims: Targets,
    inventory_position: int,
    demand: Demand,
    now: float,
    *,
    review_days: float | None = None,
) -> tuple[int, tuple[str, ...]]:
    """Return how much to order from a source now, and the constraints that shaped it.

    Up to the order-up-to level, in a quantity that the source takes, or more if that costs less a year by its price breaks,
    but no more than is expected to sell before the shelf life of what arrives then is over; if even the least that can be
    ordered is more than that, the least, and it says so.

    Args:
        item: costs, packs and shelf life.
        source: where the order goes.
        aims: what the stock should be.
        inventory_position: on hand, on order and promised, in units.
        demand: what is known of the item's demand.
        now: seconds since 1970.
        review_days: the review period that `aims` rest on; default the item's.
    """
    needed = aims.order_up_to - inventory_position
    if needed <= 0:
        return 0, ()
    lot = lot_size(item, source)
    quantity = lot.fit(needed)
    if quantity <= 0:
        return 0, (f"{source.origin} takes at least {lot.least} and at most {lot.most}",)
    reasons = _shaped(item, source, lot, needed, quantity)
    sells = math.inf
    if item.shelf_life_days is not None:
        review = item.review_period_days if review_days is None else review_days
        lasts = aims.protection_days - review + item.shelf_life_days
        sells = over(demand, now, lasts).quantile(0.5) - max(inventory_position, 0)
        if quantity > sells:
            capped = max(lot.fit_below(sells), lot.least)
            if capped < quantity:
                quantity = capped
                days = "day" if item.shelf_life_days == 1 else "days"
                reasons.append(f"capped at what sells within {item.shelf_life_days:g} {days}")
            if capped == lot.least and lot.least > sells:
                reasons.append("even the minimum order is more than will sell before it expires")
    most = min(sells, demand.level * LONGEST_CYCLE_DAYS)
    cheapest = cheapest_lot(item, source, quantity, demand.level, most=most)
    if cheapest > quantity:
        price = unit_cost_at(item, source, cheapest)
        reasons.append(f"raised from {quantity} for the price of {price:g} a unit")
        quantity = cheapest
    return quantity, tuple(reasons)


def _shaped(item: Item, source: Source, lot: LotSize, needed: int, quantity: int) -> list[str]:
    """Return what a source's quantities did to a need."""
    reasons = []
    minimum = source.minimum_order or item.minimum_order
    if needed < minimum:
        reasons.append(f"raised to the minimum order of {minimum}")
    if 0 < quantity < needed:
        reasons.append(f"no more than {lot.most} can be ordered at a time")
    elif quantity != max(needed, minimum) and lot.multiple > 1:
        reasons.append(f"rounded up to packs of {lot.multiple}")
    return reasons
