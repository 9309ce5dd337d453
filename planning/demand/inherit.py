"""The demand of goods that take the place of others: what the others taught goes on, in the new units."""

import msgspec

from andon.planning.demand.demand import record, see_day
from andon.planning.demand.promotions import Promotions
from andon.planning.demand.shelf import is_known
from andon.planning.demand.state import Demand


def inherit(own: Demand, old: Demand, factor: float) -> Demand:
    """Return the demand of a code that takes the place of another; what both sold before counts together.

    Days that are open keep what the new code itself sold on them.

    Args:
        own: of the new code.
        old: of the old one.
        factor: how many new units one of the old is.
    """
    if not is_known(old):
        return own
    share = factor
    if own.days and old.own_level > 0:
        share += own.own_level / old.own_level
    found = scaled(old, share)
    found.promotions = _promotions(own.promotions, found.promotions)
    found.zone, found.utc_offset, found.borrowed = own.zone, own.utc_offset, False
    found.mean_factor = found.variance_factor = 1.0
    found.closed = max(own.closed, old.closed)
    found.day, found.sold, found.pending = max(found.closed + 1, 0), 0, {}
    if found.closed < 0:
        found.day = own.day
    see_day(found)
    for day, units in sorted({**own.pending, own.day: own.sold}.items()):
        if units:
            record(found, day, units)
    return found


def scaled(demand: Demand, factor: float) -> Demand:
    """Return a demand in units of which one of the old is `factor`."""
    holidays = demand.holidays
    return msgspec.structs.replace(
        demand,
        a=demand.a * factor,
        sales=[units * factor for units in demand.sales],
        exposure=[units * factor for units in demand.exposure],
        spread=demand.spread * factor**2,
        expected_spread=demand.expected_spread * factor,
        error=demand.error * factor,
        total=demand.total * factor,
        signed_error=demand.signed_error * factor,
        quiet_level=demand.quiet_level * factor,
        overshoot=demand.overshoot * factor,
        slow_a=demand.slow_a * factor,
        shape=list(demand.shape),
        promotions=_scaled(demand.promotions, factor),
        holidays=_scaled(holidays, factor),
        rhythm=None if demand.rhythm is None else demand.rhythm.scaled(factor),
        often=None if demand.often is None else demand.often.scaled(factor),
    )


def _scaled(promotions: Promotions | None, factor: float) -> Promotions | None:
    if promotions is None:
        return None
    return msgspec.structs.replace(
        promotions,
        planned=list(promotions.planned),
        seen=list(promotions.seen),
        sold=promotions.sold * factor,
        expected=promotions.expected * factor,
    )


def _promotions(own: Promotions | None, old: Promotions | None) -> Promotions | None:
    """Return what is planned for the new code, with what promotions did to the old one."""
    if old is None:
        return own
    planned, seen = ([], []) if own is None else (own.planned, own.seen)
    return msgspec.structs.replace(old, planned=list(planned), seen=list(seen))
