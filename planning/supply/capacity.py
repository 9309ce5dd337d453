"""What a supplier can take orders for in a day, a week or a month: when such a period begins and ends, and what is left of it."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from andon.planning.demand.days import begin_of
from andon.planning.supply.order_calendar import calendar_of
from andon.schemas.calendars import zone_of
from andon.schemas.common import MOST_UNITS
from andon.schemas.items import Source
from andon.schemas.suppliers import Supplier

_EPOCH = date(1970, 1, 1).toordinal()


class Period(NamedTuple):
    """A stretch of time, its end not included, in seconds since 1970."""

    begins: float
    ends: float

    def has(self, at: float) -> bool:
        """Return whether a moment (seconds since 1970) is in it."""
        return self.begins <= at < self.ends


def period_of(supplier: Supplier, at: float) -> Period:
    """Return the period of a supplier's capacity in which a moment is (seconds since 1970): its days are those of its clock."""
    day = datetime.fromtimestamp(at, zone_of(supplier.time_zone)).date()
    if supplier.capacity_per == "month":
        first = day.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    elif supplier.capacity_per == "week":
        first = day - timedelta(days=day.weekday())
        after = first + timedelta(days=7)
    else:
        first, after = day, day + timedelta(days=1)
    return Period(_begin(first, supplier), _begin(after, supplier))


def next_order_at(supplier: Supplier, at: float) -> float:
    """Return when, from the period after a moment's on (seconds since 1970), a supplier takes an order again."""
    after = period_of(supplier, at).ends
    calendar = calendar_of(Source(supplier=supplier.supplier, lead_time_days=0), supplier, None)
    window = None if calendar is None else calendar.window(after)
    return after if window is None else max(window.opens, after)


def left_of(supplier: Supplier | None, ordered: int) -> int:
    """Return how many units can still be ordered in a period in which some were; as many as can be where nobody says."""
    if supplier is None or supplier.capacity_units is None:
        return MOST_UNITS
    return max(supplier.capacity_units - ordered, 0)


def _begin(day: date, supplier: Supplier) -> float:
    zone = None if supplier.time_zone == "UTC" else supplier.time_zone
    return begin_of(day.toordinal() - _EPOCH, zone)
