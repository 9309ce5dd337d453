"""The demand that an order placed now must cover: that of lead time and review.

It has the variance of both demand and lead time: Var = E[L] Var(D) + E[D]^2 Var(L) (Silver, Pyke and Thomas, Inventory and
Production Management, 6.10).
"""

from andon.planning.demand.demand import Demand, over
from andon.planning.demand.distributions import Distribution
from andon.planning.demand.reversion import reverting
from andon.planning.demand.rhythm import Due
from andon.planning.supply.lead_time import LeadTime


def protection(
    demand: Demand, lead_time: LeadTime, review_days: float, now: float
) -> Distribution | Due:
    """Return the demand over lead time and review: what must be there when an order is placed."""
    lead_days, sd_days = lead_time.moments
    days = lead_days + review_days
    sold = reverting(demand, over(demand, now, days), days)
    sold = Distribution(sold.mean, sold.variance + (sold.mean / days * sd_days) ** 2)
    if demand.rhythm is None or demand.promotions is not None or demand.variance_factor != 1.0:
        return sold
    due = demand.rhythm.over(days, sd_days)
    return sold if due is None else Due(due, sold)
