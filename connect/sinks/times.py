"""When a digest is due: at times of day in a time zone, or every so often."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo


class Times(Protocol):
    """When something is due."""

    def is_due(self, now: datetime, last: datetime | None, begun: datetime) -> bool:
        """Return whether it is due, given when it was done last, and since when there is somebody to do it."""
        ...


class TimesOfDay(NamedTuple):
    """At times of every day. What was missed while nobody was there is due once."""

    times: tuple[time, ...]
    zone: ZoneInfo

    def is_due(self, now: datetime, last: datetime | None, begun: datetime) -> bool:
        """Return whether a time of day has come since it was done last, or since the beginning."""
        newest = self.before(now)
        return newest >= begun if last is None else newest > last

    def before(self, now: datetime) -> datetime:
        """Return the last of the times that is not after now.

        A time that a clock leaps over in spring is as long after midnight as it would be; of one that comes twice in autumn the
        first counts.
        """
        today = now.astimezone(self.zone).date()
        days = (today - timedelta(days=back) for back in range(4))
        return max(at for day in days for at in self._of(day) if at <= now)

    def _of(self, day: date) -> list[datetime]:
        local = (datetime.combine(day, one, self.zone) for one in self.times)
        return [at.astimezone(UTC) for at in local]


class Every(NamedTuple):
    """At the beginning, and so long after each time."""

    pause: timedelta

    def is_due(self, now: datetime, last: datetime | None, begun: datetime) -> bool:
        """Return whether the pause since it was done last is over."""
        del begun
        return last is None or now - last >= self.pause
