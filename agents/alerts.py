"""Alerts and everything else that state has to say, as records with CloudEvents headers."""

from collections.abc import Callable
from typing import Any

from andon.planning.alerts import Said
from andon.schemas.headers import cloudevents_headers
from andon.streams.metrics import Metrics
from andon.streams.producer import Outgoing
from andon.streams.settings import Settings
from andon.streams.topics import FAMILIES, topic_name

_ALERTS = ("replenishment", "disruptions")


def composer(settings: Settings, metrics: Metrics) -> Callable[[Any], Outgoing]:
    """Return what turns a message of an outbox into a record to publish, counting alerts on the way."""
    topics = {family: topic_name(settings, family) for family in FAMILIES}
    source = f"/andon/{settings.app_id}"

    def compose(message: Said) -> Outgoing:
        if message.family in _ALERTS:
            kind = message.event_id.partition(":")[0]
            metrics.alerts.labels(kind, message.type.rpartition(".")[2]).inc()
        headers = cloudevents_headers(
            message.event_id, message.type, source, message.at, message.key
        )
        return Outgoing(topics[message.family], message.key.encode(), message.body, headers)

    return compose
