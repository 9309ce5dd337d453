"""Locations: where a shop, warehouse or ward is, and when it takes goods in."""

from andon.schemas.calendars import ClosedDates, Weekdays, ZoneName, zone_of
from andon.schemas.common import Country, Instant, Location, Record, Text


class Place(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A location's calendar; days are its own, in its time zone."""

    #: As items and events name it.
    location: Location
    #: When this was decided; an older one does not replace a newer one.
    updated_at: Instant
    #: What people call it.
    name: Text = ""
    #: Where its clock stands: what a day is there.
    time_zone: ZoneName = "UTC"
    #: In which country it sells (ISO 3166): its holidays, where its items name no country of their own.
    country: Country | None = None
    #: The weekdays on which it takes goods in; every day, unless told.
    receiving_weekdays: Weekdays | None = None
    #: Dates on which it is closed and takes nothing in.
    closed: ClosedDates = ()

    def __post_init__(self) -> None:
        zone_of(self.time_zone)

    @property
    def at(self) -> float:
        """When the data were last changed, in seconds since 1970."""
        return self.updated_at.timestamp()
