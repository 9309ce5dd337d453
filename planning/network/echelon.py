"""A warehouse with all that it feeds as one: what it must meet, over how long, and what a shortage costs.

Its echelon is its own stock and that of the locations it feeds (Clark and Scarf, 1960): what they sell is its demand from the
moment that they sell it, whenever they order. Their demands are added, and so are the variances; a target is one newsvendor's
quantile over the echelon's lead time, between whose bounds Shang and Song (2003) show the optimum to lie.
"""

from typing import Final

import msgspec

from andon.planning.demand.demand import Demand, over
from andon.planning.network.state import Fed, Network
from andon.planning.policy.policy import shortage_cost
from andon.planning.supply.lead_time import LeadTime, prior
from andon.schemas.items import Item

#: As certain as so many days make a level: all uncertainty is in the variance of the days then.
_CERTAIN_DAYS: Final = 1e6
_LEARNED_DAYS: Final = 1000


def lead_days_below(feeds: list[Fed], own_daily: float = 0.0) -> float:
    """Return how long goods are on their way to where they sell, in days, the mean over what is sold.

    Args:
        feeds: the locations that are fed.
        own_daily: what sells where the goods are now, in units a day.
    """
    total = own_daily + sum(one.daily for one in feeds)
    return sum(one.daily * one.lead_time_days for one in feeds) / total if total > 0 else 0.0


def echelon_demand(
    own: Demand, feeds: list[Fed], now: float, days: float, *, sells: bool
) -> Demand:
    """Return the demand that a warehouse must meet over some days: its own and that of the locations it feeds, as one.

    Args:
        own: its own demand.
        feeds: the locations that are fed.
        now: seconds since 1970.
        days: over which it is to have the variance that it would be found to have.
        sells: whether it has customers of its own.
    """
    mean = sum(one.daily for one in feeds) * days
    variance = sum(one.daily_variance for one in feeds) * days
    if sells:
        sold = over(own, now, days)
        mean += sold.mean
        variance += sold.variance
    return _certain(own, mean / days, max(variance / mean, 1.0) if mean > 0 else 1.0)


def nothing_but_parts(own: Demand) -> Demand:
    """Return the demand of an item that is a part of others and sold to nobody: what these need is no forecast."""
    return _certain(own, 0.0, 1.0, 0)


def _certain(
    own: Demand, level: float, variance_factor: float, learned: float = _LEARNED_DAYS
) -> Demand:
    """Return a demand of a level in units a day that is certain but for its days, on the days of another.

    `learned` is over how many days it seems to be learned.
    """
    return msgspec.structs.replace(
        Demand(),
        a=level * _CERTAIN_DAYS,
        b=_CERTAIN_DAYS,
        variance_factor=variance_factor,
        days=learned,
        day=own.day,
        closed=own.closed,
        zone=own.zone,
        utc_offset=own.utc_offset,
        day_begins=own.day_begins,
        day_ends=own.day_ends,
        sales=[],
        exposure=[],
        shape=[],
        pending={},
    )


def longer(lead_time: LeadTime, days: float) -> LeadTime:
    """Return a lead time that takes some days more, with the same spread."""
    if days <= 0:
        return lead_time
    mean, sd = lead_time.moments
    return prior(mean + days, sd)


def as_echelon(item: Item, network: Network, own_daily: float) -> Item:
    """Return a warehouse's item with what a unit short costs where it is sold, the mean over what is sold.

    Args:
        item: the warehouse's.
        network: whom it feeds.
        own_daily: what it sells itself, in units a day.
    """
    total = own_daily + sum(one.daily for one in network.feeds)
    if total <= 0:
        return item
    cost = own_daily * shortage_cost(item) + sum(
        one.daily * one.shortage_cost for one in network.feeds
    )
    return msgspec.structs.replace(item, shortage_cost=cost / total, waiting_cost=None)
