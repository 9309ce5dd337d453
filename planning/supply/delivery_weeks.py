"""Deliveries week by week, so that it can be seen which way a supplier or carrier goes."""

from typing import Final

import msgspec

from andon.planning.demand.days import date_of
from andon.planning.supply.lead_time import ON_TIME_DAYS
from andon.schemas.scorecards import DeliveryWeek

_DAY: Final = 86400.0
#: So many weeks in which something came are kept.
MOST: Final = 26
#: The first Monday was the fourth day after 1 January 1970, a Thursday.
_FIRST_MONDAY: Final = 4


class Week(msgspec.Struct, array_like=True):
    """What came in a week: sums over its deliveries, those with a promise, and those whose order date is known."""

    deliveries: int = 0
    promised: int = 0
    on_time: int = 0
    delay_days: float = 0.0
    dated: int = 0
    lead_days: float = 0.0


def count(
    weeks: dict[int, Week], at: float, *, late_days: float | None, lead_days: float | None
) -> None:
    """Count a delivery in its week (UTC); the oldest week goes if there are too many.

    Args:
        weeks: by their number, the first being that of 5 January 1970.
        at: when the delivery was complete, seconds since 1970.
        late_days: how many days that was after its promise; None if nothing was promised.
        lead_days: how many days that was after its order; None if nobody knows when it was ordered.
    """
    week = weeks.setdefault((int(at // _DAY) - _FIRST_MONDAY) // 7, Week())
    week.deliveries += 1
    if late_days is not None:
        week.promised += 1
        week.on_time += late_days <= ON_TIME_DAYS
        week.delay_days += late_days
    if lead_days is not None:
        week.dated += 1
        week.lead_days += lead_days
    if len(weeks) > MOST:
        del weeks[min(weeks)]


def told(weeks: dict[int, Week]) -> tuple[DeliveryWeek, ...]:
    """Return the weeks as they are published, the oldest first; one in which nothing came is not among them."""
    return tuple(
        DeliveryWeek(
            begins=date_of(number * 7 + _FIRST_MONDAY),
            deliveries=week.deliveries,
            promised=week.promised,
            on_time=week.on_time,
            mean_delay_days=round(week.delay_days / week.promised, 3) if week.promised else None,
            lead_time_mean_days=round(week.lead_days / week.dated, 3) if week.dated else None,
        )
        for number, week in sorted(weeks.items())
    )
