"""Alerts and all other outbox messages, as records with CloudEvents headers."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from andon.planning.alerting.alerts import OutboxMessage
from andon.schemas.alerts import Alert
from andon.schemas.common import encode
from andon.schemas.headers import cloudevents_headers
from andon.streams.metrics import Metrics
from andon.streams.producer import Outgoing
from andon.streams.settings import Settings
from andon.streams.topics import FAMILIES, topic_name

#: The epoch of the writer, on every record that is published.
EPOCH: Final = "andon-epoch"
_ALERTS = ("replenishment", "replenishment.shadow", "disruptions")


class _Head(msgspec.Struct):
    """What of an alert is counted."""

    kind: str
    severity: str
    status: str


_HEAD: Final = msgspec.json.Decoder(_Head)


_WHOLE: Final = msgspec.json.Decoder(Alert)


def fence(message: OutboxMessage, epoch: int) -> None:
    """Mark a message with the epoch of who makes it durable, once: an alert's change is named by it, too."""
    if message.epoch:
        return
    message.epoch = epoch
    if message.family in _ALERTS:
        message.event_id = f"{message.event_id}:{epoch}"
        alert = _WHOLE.decode(message.body)
        message.body = encode(
            msgspec.structs.replace(alert, event_id=message.event_id, epoch=epoch)
        )


def composer(settings: Settings, metrics: Metrics) -> Callable[[Any], Outgoing]:
    """Return what turns a message of an outbox into a record to publish, counting alerts on the way."""
    topics = {family: topic_name(settings, family) for family in FAMILIES}
    source = f"/andon/{settings.app_id}"

    def compose(message: OutboxMessage) -> Outgoing:
        if message.family in _ALERTS:
            head = _HEAD.decode(message.body)
            metrics.alerts.labels(head.kind, head.severity, head.status).inc()
        headers = cloudevents_headers(
            message.event_id, message.type, source, message.at, message.key
        )
        headers.append((EPOCH, str(message.epoch).encode()))
        return Outgoing(topics[message.family], message.key.encode(), message.body, headers)

    return compose
