"""What a day is: that of the place, by the clocks of its time zone, as a number of days since 1970.

Days where nothing is told of the place are those of UTC. Elsewhere a day begins with the first moment at which the clock
shows it, and may last 23 or 25 hours.
"""

from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from andon.schemas.calendars import zone_of

DAY: Final = 86400.0
_EPOCH: Final = date(1970, 1, 1).toordinal()
#: The days that a date can name.
_FIRST, _LAST = date(2, 1, 1).toordinal() - _EPOCH, date(9998, 1, 1).toordinal() - _EPOCH


def day_of(at: float, zone: str | None) -> int:
    """Return the day of a zone in which a moment lies.

    Args:
        at: the moment, in seconds since 1970.
        zone: an IANA name; None for UTC.

    The last hour of 2025 in London is the first of 2026 in Berlin:

    >>> day_of(1_767_225_600 - 3600, None), day_of(1_767_225_600 - 3600, "Europe/Berlin")
    (20453, 20454)
    """
    near = int(at // DAY)
    if zone is None or not _FIRST < near < _LAST:
        return near
    day = datetime.fromtimestamp(at, zone_of(zone)).toordinal() - _EPOCH
    # A clock that is put back over midnight shows the day before once more; it has begun all the same.
    return day + 1 if begin_of(day + 1, zone) <= at else day


@lru_cache(maxsize=65536)
def begin_of(day: int, zone: str | None) -> float:
    """Return the first moment of a day of a zone, in seconds since 1970.

    Args:
        day: days since 1970.
        zone: an IANA name; None for UTC.
    """
    if zone is None or not _FIRST < day < _LAST:
        return day * DAY
    return first_shown(datetime.combine(date.fromordinal(day + _EPOCH), time(), zone_of(zone)))


def day_number(day: date) -> int:
    """Return a date as a day since 1970."""
    return day.toordinal() - _EPOCH


def date_of(day: int) -> date:
    """Return a day since 1970 as a date."""
    return date.fromordinal(day + _EPOCH)


def first_shown(clock: datetime) -> float:
    """Return the first moment at which a clock shows this time (seconds since 1970); where it skips it, the moment of the skip."""
    at = clock.timestamp()
    shown = datetime.fromtimestamp(at, clock.tzinfo)
    skipped = (shown.replace(tzinfo=None) - clock.replace(tzinfo=None)).total_seconds()
    if skipped <= 0:
        return at
    before, after = at - skipped, at
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, clock.tzinfo).utcoffset() == shown.utcoffset():
            after = middle
        else:
            before = middle
    return after
