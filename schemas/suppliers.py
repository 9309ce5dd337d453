"""Suppliers: when one takes orders, works and delivers."""

from typing import Literal

from andon.schemas.calendars import ClosedDates, TimeOfDay, Weekdays, ZoneName, zone_of
from andon.schemas.common import (
    Currency,
    Instant,
    Money,
    Name,
    PositiveQuantity,
    Record,
    Text,
    Weight,
)

CapacityPeriod = Literal["day", "week", "month"]


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
    #: What its amounts are in; the currency of its items, unless told.
    currency: Currency | None = None
    #: What an order must come to at least: in money, in units of all its items, and in kilograms (each item's `unit_weight`).
    minimum_order_value: Money | None = None
    minimum_order_units: PositiveQuantity | None = None
    minimum_order_weight: Weight | None = None
    #: From which amount on it bears the freight of an order, and what that costs else.
    free_freight_from: Money | None = None
    freight_cost: Money | None = None
    #: How many units of all its items it takes orders for in a day, a week from Monday or a month, on its calendar.
    capacity_units: PositiveQuantity | None = None
    capacity_per: CapacityPeriod = "week"

    def __post_init__(self) -> None:
        zone_of(self.time_zone)

    @property
    def at(self) -> float:
        """When the data were last changed, in seconds since 1970."""
        return self.updated_at.timestamp()
