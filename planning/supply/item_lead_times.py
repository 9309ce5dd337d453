"""The lead time of one item: its plan, by how much its source deviates from plans, and what its own deliveries took.

The items of a source share its deviation from what each of them plans, not the days: of items that take 2 and 21 days none
takes 11. What an item's own deliveries took counts on top, as much as so many deliveries against four.
"""

import math
from typing import Final

from andon.planning.supply.lead_time import (
    PRIOR_WEIGHT,
    SHORTEST_DAYS,
    LeadTime,
    learn,
    prior,
)

#: What a delivery that was sooner than this, or later, against its plan says is not about lead times.
_LEAST_SHARE: Final = 1e-3
_MOST_SHARE: Final = 1e3


def source_name(supplier: str, lane: str | None, carrier: str | None, mode: str | None) -> str:
    """Return the name under which a way of getting goods is learned."""
    return "|".join((supplier, lane or "", carrier or "", mode or ""))


def share_of_plan(days: float, planned_days: float) -> float:
    """Return how many times its planned lead time a delivery took (both in days); at once is within the hour."""
    share = max(days, SHORTEST_DAYS) / max(planned_days, SHORTEST_DAYS)
    return min(max(share, _LEAST_SHARE), _MOST_SHARE)


def deviation_of(plan: LeadTime) -> LeadTime:
    """Return what is believed of a source's deviation before any delivery: none, as unsure as an item's plan is."""
    return prior(1.0, plan.sd_days / plan.mean_days)


def planned(plan: LeadTime, planned_days: float, deviation: LeadTime, deliveries: int) -> LeadTime:
    """Return an item's lead time by its plan and its source's deviation from plans.

    Args:
        plan: what the master data say.
        planned_days: the days that they say.
        deviation: of the source, as shares of what was planned.
        deliveries: how many deliveries that rests on.
    """
    days = math.log(max(planned_days, SHORTEST_DAYS)) + deviation.mu
    weight = plan.weight
    return LeadTime(weight, weight * days, weight * (days * days + deviation.sigma**2), deliveries)


def took(known: LeadTime | None, days: float) -> LeadTime:
    """Return what an item's own deliveries took, with one more of `days`; nothing is believed before the first."""
    found = LeadTime(0.0, 0.0, 0.0) if known is None else known
    learn(found, days)
    return found


def with_own(known: LeadTime, own: LeadTime) -> LeadTime:
    """Return what is known of an item's lead time, as four deliveries' worth, with what its own deliveries took."""
    share = PRIOR_WEIGHT / known.weight
    return LeadTime(
        PRIOR_WEIGHT + own.weight,
        share * known.total + own.total,
        share * known.squares + own.squares,
        max(known.deliveries, own.deliveries),
    )
