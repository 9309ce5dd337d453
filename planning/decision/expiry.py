"""What of an item's lots expires before it sells: by lot, as far as their days are known."""

from typing import Final

from andon.planning.alerting.sentences import plain
from andon.planning.book.lots import left
from andon.planning.decision.situation import Situation
from andon.planning.demand.days import begin_of, date_of, day_number, day_of
from andon.planning.policy.waste import waste_by_lot
from andon.schemas.alerts import ExpiringLot

_DAY: Final = 86400.0
_NAMED: Final = 3


def expiring_lots(view: Situation) -> tuple[ExpiringLot, ...]:
    """Return the lots of which at least a unit will not sell in time, the first to expire first, with what has expired already."""
    zone = view.book.demand.zone
    found = left(view.book)
    days = [max(begin_of(one.expires + 1, zone) - view.now, 0.0) / _DAY for one in found]
    lots = [(one.units, time) for one, time in zip(found, days, strict=True)]
    wasted = waste_by_lot(lots, view.demand, view.now)
    return tuple(
        ExpiringLot(
            lot=one.lot,
            expires_on=date_of(one.expires),
            units=round(units),
            on_hand=one.units,
        )
        for one, units in zip(found, wasted, strict=True)
        if round(units) >= 1
    )


def has_expired(view: Situation, one: ExpiringLot) -> bool:
    """Return whether the last day on which a lot could be sold is over."""
    return day_number(one.expires_on) < day_of(view.now, view.book.demand.zone)


def in_words(view: Situation, lots: tuple[ExpiringLot, ...]) -> str:
    """Return which lots expire when, and how much of each."""
    told = [
        f"{one.units:,} of lot {one.lot} expired on {one.expires_on:%a %d %b}"
        if has_expired(view, one)
        else f"{one.units:,} of the {one.on_hand:,} of lot {one.lot} {'expires' if one.units == 1 else 'expire'} after {one.expires_on:%a %d %b}"
        for one in lots[:_NAMED]
    ]
    if len(lots) > _NAMED:
        rest = sum(one.units for one in lots[_NAMED:])
        told.append(f"{rest:,} of {plain(len(lots) - _NAMED, 'other lot')}")
    return ", ".join(told)
