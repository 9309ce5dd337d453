"""The alerts that are open as a sink knows them, and how far it may commit so that a restart knows them again."""

from typing import Final, NamedTuple

from andon.schemas.alerts import Alert
from andon.streams.alert_feed import word_of

_MOST_ENDED: Final = 50_000
#: Topic and partition.
Place = tuple[str, int]


class AlertChange(NamedTuple):
    """One change in an alert's life, with the severity that was said of it before, if any."""

    alert: Alert
    before: str | None


class OpenAlerts:
    """Folds the records of the alert topics into what is open now.

    What is committed for a partition is never beyond the last word on an alert that is still open: a restart reads those
    words again. What was delivered before goes along as the commit's metadata, so that it is not delivered twice.
    """

    def __init__(self) -> None:
        self._open: dict[str, tuple[Alert, Place, int]] = {}
        #: The last word on alerts that ended lately: what a zombie says of one later opens it no more.
        self._ended: dict[str, tuple[int, int]] = {}
        self._position: dict[Place, int] = {}
        self._delivered: dict[Place, int] = {}

    def begin(self, place: Place, delivered: int) -> None:
        """Take records of a partition below this offset as delivered."""
        self._delivered[place] = delivered

    def take(self, alert: Alert, place: Place, offset: int) -> AlertChange | None:
        """Take in a record; return the change that must be delivered, or None if it is a repeat or was delivered."""
        known = self._open.get(alert.alert_id)
        word = word_of(alert)
        last = word_of(known[0]) if known is not None else self._ended.get(alert.alert_id)
        if last is not None and word <= last:
            return None
        if alert.status == "resolved":
            self._open.pop(alert.alert_id, None)
            self._ended[alert.alert_id] = word
            if len(self._ended) > _MOST_ENDED:
                del self._ended[next(iter(self._ended))]
        else:
            self._open[alert.alert_id] = (alert, place, offset)
        if offset < self._delivered.get(place, 0):
            return None
        return AlertChange(alert, None if known is None else known[0].severity)

    def passed(self, place: Place, offset: int) -> None:
        """Note that everything below an offset was read, and delivered where it had to be."""
        self._position[place] = offset
        self._delivered[place] = max(offset, self._delivered.get(place, 0))

    @property
    def alerts(self) -> list[Alert]:
        """What is open, oldest first."""
        found = (alert for alert, _, _ in self._open.values())
        return sorted(found, key=lambda alert: (alert.opened_at, alert.alert_id))

    def commits(self) -> dict[Place, tuple[int, int]]:
        """Return, for each partition, the offset to begin at after a restart, and the one up to which all is delivered."""
        first = dict(self._position)
        for _, place, offset in self._open.values():
            first[place] = min(offset, first.get(place, offset))
        return {place: (offset, self._delivered.get(place, 0)) for place, offset in first.items()}
