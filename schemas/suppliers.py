"""Suppliers: when one takes orders, works and delivers."""

from typing import Literal

from andon.schemas.calendars import ClosedDates, TimeOfDay, Weekdays, ZoneName, zone_of
from andon.schemas.common import Instant, Money, Name, Record, Text


class Supplier(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A supplier's terms; days and times of day are its own, in its time zone."""

    #: As sources and shipments name it.
    supplier: Name
    #: When this was decided; an older one does not replace a newer one.
    updated_at: Instant
    #: For people.
    description: Text = ""
    #: Where its clock stands.
    time_zone: ZoneName = "UTC"
    #: The weekdays on which it works; every day, unless told.
    open_weekdays: Weekdays | None = None
    #: Dates on which it takes no orders, does not work and does not deliver.
    closed: ClosedDates = ()
    #: The weekdays on which it takes orders; those on which it works, unless told.
    order_weekdays: Weekdays | None = None
    #: Until when on such a day: what is ordered later counts for the next.
    order_cutoff: TimeOfDay = "24:00"
    #: The weekdays on which it delivers; those on which it works, unless told.
    delivery_weekdays: Weekdays | None = None
    #: Whether lead times of its sources count all days or those on which it works.
    lead_times_in: Literal["calendar_days", "working_days"] = "calendar_days"
    #: What an order must come to at least, in the currency of its items.
    minimum_order_value: Money | None = None

    def __post_init__(self) -> None:
        zone_of(self.time_zone)

    @property
    def at(self) -> float:
        """When the data were last changed, in seconds since 1970."""
        return self.updated_at.timestamp()
