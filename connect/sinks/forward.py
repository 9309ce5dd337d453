"""The loop of a sink: read, deliver, commit; and remind of what is open."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from andon.connect.sinks.delivery import Refused
from andon.connect.sinks.notification import firing, resolved, webhook_message
from andon.connect.sinks.open import AlertChange, OpenAlerts
from andon.schemas.alerts import Alert
from andon.streams.alert_feed import decoded

logger = logging.getLogger("andon.sink")

_POLL_MS = 500
_MOST_AT_ONCE = 200
#: After a start, what is open is sent again so soon: it may have lapsed while nobody sent it.
_FIRST_REMINDER = timedelta(seconds=5)

Deliver = Callable[[Any], bool]


class Receiver(Protocol):
    """What a sink delivers to."""

    def changes(self, changes: list[AlertChange], now: datetime) -> bool:
        """Deliver changes; False if it was told to give up."""
        ...

    def remind(self, alerts: list[Alert], now: datetime) -> bool:
        """Say again what is open; False if it was told to give up."""
        ...


class Alertmanager:
    """Posts to /api/v2/alerts, where an alert that is not sent again is over after `lives`."""

    def __init__(self, post: Deliver, lives: timedelta) -> None:
        self._post = post
        self._lives = lives

    def changes(self, changes: list[AlertChange], now: datetime) -> bool:
        """Deliver changes, in the order in which they came."""
        notifications = []
        for alert, before in changes:
            if before is not None and before != alert.severity:
                notifications.append(resolved(alert, now, before))
            over = alert.status == "resolved"
            notifications.append(resolved(alert, now) if over else firing(alert, now, self._lives))
        return self._send(notifications)

    def remind(self, alerts: list[Alert], now: datetime) -> bool:
        """Send again what is open, before Alertmanager takes it for resolved."""
        return self._send([firing(alert, now, self._lives) for alert in alerts])

    def _send(self, notifications: list[Any]) -> bool:
        for place in range(0, len(notifications), _MOST_AT_ONCE):
            if not _deliver(self._post, notifications[place : place + _MOST_AT_ONCE], list):
                return False
        return True


class Webhook:
    """Posts each change once accepted, and reminds of nothing."""

    def __init__(self, post: Deliver) -> None:
        self._post = post

    def changes(self, changes: list[AlertChange], now: datetime) -> bool:
        """Deliver changes, in the order in which they came."""
        pairs = [
            (
                resolved(alert, now)
                if alert.status == "resolved"
                else firing(alert, now, timedelta()),
                alert,
            )
            for alert, _ in changes
        ]
        return all(
            _deliver(self._post, pairs[place : place + _MOST_AT_ONCE], webhook_message)
            for place in range(0, len(pairs), _MOST_AT_ONCE)
        )

    def remind(self, alerts: list[Alert], now: datetime) -> bool:
        """Do nothing: whoever was told knows."""
        del alerts, now
        return True


def _deliver(post: Deliver, items: list[Any], wrap: Callable[[list[Any]], Any]) -> bool:
    """Deliver items together; if they are refused, one by one, so that one bad item holds up no other."""
    try:
        return post(wrap(items))
    except Refused as refused:
        if len(items) == 1:
            logger.error("passed over, because it was refused (%s): %s", refused, items[0])  # noqa: TRY400 - no traceback
            return True
        return all(_deliver(post, [item], wrap) for item in items)


class Forwarder:
    """Forwards what a consumer of the alert topics reads, from where its group has committed."""

    def __init__(
        self,
        client: KafkaConsumer,
        receiver: Receiver,
        wanted: Callable[[Alert], bool],
        clock: Callable[[], datetime],
        remind_every: timedelta,
    ) -> None:
        self._client = client
        self._receiver = receiver
        self._wanted = wanted
        self._clock = clock
        self._remind_every = remind_every
        self._reminded = clock() - remind_every + min(_FIRST_REMINDER, remind_every)
        self._committed: dict[tuple[str, int], tuple[int, int]] = {}
        self.open = OpenAlerts()

    def begin(self) -> None:
        """Go on where the group has committed; a new group begins with the oldest alert there is."""
        for partition in self._client.assignment():
            found = self._client.committed(partition, metadata=True)
            if found is None or found.offset < 0:
                self._client.seek_to_beginning(partition)
                continue
            self._client.seek(partition, found.offset)
            delivered = int(found.metadata) if found.metadata.isdigit() else found.offset
            self.open.begin((partition.topic, partition.partition), delivered)

    def step(self) -> bool:
        """Read what has come, deliver it, commit, and remind; False if it was told to give up."""
        fetched = self._client.poll(timeout_ms=_POLL_MS)
        changes = [change for records in fetched.values() for change in self._changes(records)]
        if changes and not self._receiver.changes(changes, self._clock()):
            return False
        for partition, records in fetched.items():
            place = (partition.topic, partition.partition)
            self.open.passed(place, records[-1].offset + 1)
        self._commit()
        now = self._clock()
        if now - self._reminded >= self._remind_every:
            self._reminded = now
            return self._receiver.remind(self.open.alerts, now)
        return True

    def _changes(self, records: list[Any]) -> list[AlertChange]:
        found = []
        for record in records:
            for alert in decoded([record]):
                if self._wanted(alert):
                    place = (record.topic, record.partition)
                    change = self.open.take(alert, place, record.offset)
                    if change is not None:
                        found.append(change)
        return found

    def _commit(self) -> None:
        commits = self.open.commits()
        changed = {
            place: one for place, one in commits.items() if self._committed.get(place) != one
        }
        if changed:
            self._client.commit(
                {
                    TopicPartition(*place): OffsetAndMetadata(offset, str(delivered), -1)
                    for place, (offset, delivered) in changed.items()
                }
            )
            self._committed.update(changed)
