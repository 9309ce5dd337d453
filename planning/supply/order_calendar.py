"""When a supplier takes an order, and on which day what was ordered can be there.

An order day lasts from its first moment to its cut-off on the supplier's clock, a delivery comes
on a day on which the supplier delivers and the location takes goods in.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from andon.planning.demand.days import first_shown
from andon.schemas.calendars import WEEKDAYS, Weekday, zone_of
from andon.schemas.items import Source
from andon.schemas.locations import Place
from andon.schemas.suppliers import Supplier

_DAY: Final = 86400.0
_EVERY_DAY: Final = frozenset(range(7))
#: Who takes no order, or delivers nothing, for so long does not at all.
_LONGEST_WAIT_DAYS: Final = 400
#: Work is not followed for longer: nothing is looked at further ahead than eleven years.
_LONGEST_WORK_YEARS: Final = 12


class OrderWindow(NamedTuple):
    """A stretch of time in which orders are taken, its end not included, in seconds since 1970."""

    opens: float
    cutoff: float


class Days(NamedTuple):
    """Days of a calendar: weekdays (Monday is 0), less some dates."""

    zone: ZoneInfo
    weekdays: frozenset[int] = _EVERY_DAY
    closed: frozenset[date] = frozenset()

    def has(self, day: date) -> bool:
        """Return whether a day of the zone is one of them."""
        return day.weekday() in self.weekdays and day not in self.closed

    @property
    def is_every_day(self) -> bool:
        """Whether there is no day that is not."""
        return not self.closed and self.weekdays == _EVERY_DAY


class OrderCalendar(NamedTuple):
    """When a source takes orders for a location, works, and delivers there."""

    ordering: Days
    #: The end of an order day, in minutes after its begin on the clock.
    cutoff_minutes: int
    working: Days
    delivering: Days
    receiving: Days
    counts_working_days: bool
    #: The source's offer holds from and until these days (included), on the supplier's calendar.
    valid_from: date | None = None
    valid_until: date | None = None

    def window(self, now: float) -> OrderWindow | None:
        """Return the first stretch in which orders are taken that is not over at `now` (seconds since 1970); None if there is none."""
        zone = self.ordering.zone
        first = _local_day(now, zone)
        if self.valid_from is not None:
            first = max(first, self.valid_from)
        for step in range(_LONGEST_WAIT_DAYS):
            day = first + timedelta(days=step)
            if self.valid_until is not None and day > self.valid_until:
                return None
            if self.ordering.has(day):
                opens, cutoff = _moment(day, 0, zone), _moment(day, self.cutoff_minutes, zone)
                # Where clocks go forward at midnight, an early cut-off may be over before the day begins.
                if cutoff > max(now, opens):
                    return OrderWindow(opens, cutoff)
        return None

    def arrival(self, ordered: float, days: float) -> float | None:
        """Return when something ordered at a moment (seconds since 1970) that takes some days to come can be there.

        It never comes on a day on which it cannot be delivered or taken in, but at the same time of the next on which it can.
        None if there is no such day.
        """
        at = self._worked(ordered, days) if self.counts_working_days else ordered + days * _DAY
        zone = self.delivering.zone
        begin = datetime.fromtimestamp(at, zone)
        for step in range(_LONGEST_WAIT_DAYS):
            if not self._may_arrive(begin.date() + timedelta(days=step)):
                continue
            on = begin if step == 0 else _same_time(begin, step)
            if not self.delivering.has(on.date()):
                continue
            if self.receiving.has(on.astimezone(self.receiving.zone).date()):
                return at if step == 0 else on.timestamp()
        return None

    def _may_arrive(self, day: date) -> bool:
        """Return whether it can be on a day or one beside it, as clocks show them: a cheap look before the exact one."""
        beside = [day + timedelta(days=step) for step in (-1, 0, 1, 2)]
        return any(map(self.delivering.has, beside)) and any(map(self.receiving.has, beside))

    def _worked(self, ordered: float, days: float) -> float:
        """Return the moment at which the supplier has worked for some days: closed days do not count."""
        working, day = self.working, _local_day(ordered, self.working.zone)
        place, year = day.timetuple().tm_yday - 1, day.year
        begins, worked = _midnights(working.zone, year), _worked_before(working, year)
        wanted = worked[place] + days * _DAY
        if working.has(day):
            wanted += ordered - begins[place]
            if days <= 0:
                return ordered
        for _ in range(_LONGEST_WORK_YEARS):
            # What ends with a day does so at its end; what takes no time begins with the next day that is worked.
            end = bisect_left(worked, wanted) if days > 0 else bisect_right(worked, wanted)
            if 0 < end < len(worked):
                return begins[end - 1] + wanted - worked[end - 1]
            wanted -= worked[-1]
            year += 1
            begins, worked = _midnights(working.zone, year), _worked_before(working, year)
        return begins[0] + wanted

    @property
    def is_always(self) -> bool:
        """Whether it takes orders at any moment and delivers on any day, so that nobody needs to look."""
        return (
            self.ordering.is_every_day
            and self.cutoff_minutes == 24 * 60
            and self.delivering.is_every_day
            and self.receiving.is_every_day
            and not (self.counts_working_days and not self.working.is_every_day)
            and self.valid_from is None
            and self.valid_until is None
        )


@lru_cache(maxsize=256)
def _midnights(zone: ZoneInfo, year: int) -> Sequence[float]:
    """Return when each day of a year begins in a zone, and the next year (seconds since 1970)."""
    first, days = date(year, 1, 1), (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return array("d", [_moment(first + timedelta(days=step), 0, zone) for step in range(days + 1)])


@lru_cache(maxsize=1024)
def _worked_before(days: Days, year: int) -> Sequence[float]:
    """Return how long was worked in a year before each of its days, and in all of it (seconds)."""
    begins, first = _midnights(days.zone, year), date(year, 1, 1)
    worked = accumulate(
        (
            end - begin if days.has(first + timedelta(days=step)) else 0.0
            for step, (begin, end) in enumerate(pairwise(begins))
        ),
        initial=0.0,
    )
    return array("d", worked)


def has_terms_of_time(source: Source) -> bool:
    """Return whether a source has days of its own on which it can be ordered from."""
    return bool(source.order_weekdays or source.closed or source.valid_from or source.valid_until)


def calendar_of(
    source: Source, supplier: Supplier | None, place: Place | None, sender: Place | None = None
) -> OrderCalendar | None:
    """Return when a source takes orders for a location and delivers there; None if it does at any time.

    Args:
        source: days of its own.
        supplier: what is told under the source's name.
        place: what is told of the location that it delivers to.
        sender: what is told of the location that the source is; its clock and closed days count where nothing is told as a supplier's.
    """
    if supplier is None and sender is not None:
        supplier = Supplier(
            supplier=sender.location,
            updated_at=sender.updated_at,
            time_zone=sender.time_zone,
            closed=sender.closed,
        )
    zone = zone_of("UTC" if supplier is None else supplier.time_zone)
    closed = frozenset(() if supplier is None else supplier.closed) | frozenset(source.closed)
    opens = _weekdays(None if supplier is None else supplier.open_weekdays, _EVERY_DAY)
    orders = source.order_weekdays or (None if supplier is None else supplier.order_weekdays)
    working = Days(zone, opens, closed)
    calendar = OrderCalendar(
        ordering=Days(zone, _weekdays(orders, opens), closed),
        cutoff_minutes=24 * 60 if supplier is None else _minutes(supplier.order_cutoff),
        working=working,
        delivering=Days(
            zone, _weekdays(None if supplier is None else supplier.delivery_weekdays, opens), closed
        ),
        receiving=(
            Days(zone)
            if place is None
            else Days(
                zone_of(place.time_zone),
                _weekdays(place.receiving_weekdays, _EVERY_DAY),
                frozenset(place.closed),
            )
        ),
        counts_working_days=supplier is not None and supplier.lead_times_in == "working_days",
        valid_from=source.valid_from,
        valid_until=source.valid_until,
    )
    return None if calendar.is_always else calendar


def _weekdays(names: Iterable[Weekday] | None, otherwise: frozenset[int]) -> frozenset[int]:
    return otherwise if names is None else frozenset(map(WEEKDAYS.index, names))


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _local_day(at: float, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, zone).date()


def _moment(day: date, minutes: int, zone: ZoneInfo) -> float:
    """Return when a clock of the zone shows so many minutes of a day, 24 hours being the begin of the next."""
    extra, within = divmod(minutes, 24 * 60)
    midnight = datetime.combine(day + timedelta(days=extra), time_of_day(), zone)
    return first_shown(midnight.replace(hour=within // 60, minute=within % 60))


def _same_time(begin: datetime, days: int) -> datetime:
    """Return when, some days later, the clock shows the same time of day."""
    later = begin.replace(fold=0) + timedelta(days=days)
    return datetime.fromtimestamp(first_shown(later), begin.tzinfo)
