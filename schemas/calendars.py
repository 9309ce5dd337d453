"""Words of calendars that suppliers and locations share: weekdays, times of day, dates on which nobody is there."""

from datetime import date
from functools import lru_cache
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

Weekday = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
#: In the order of `date.weekday()`.
WEEKDAYS: Final[tuple[Weekday, ...]] = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
Weekdays = Annotated[tuple[Weekday, ...], msgspec.Meta(min_length=1, max_length=7)]
#: Dates on which nobody is there, some years of them.
ClosedDates = Annotated[tuple[date, ...], msgspec.Meta(max_length=1000)]
#: A time of day on a clock of 24 hours, such as `14:30`; `24:00` is the end of the day.
TimeOfDay = Annotated[str, msgspec.Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\\Z")]
#: A name of the IANA time zone database, such as `Europe/Berlin`.
ZoneName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of a name.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError) as error:
        msg = (
            f"time_zone: {name!r} is no name of the IANA time zone database, such as Europe/Berlin"
        )
        raise ValueError(msg) from error
