"""Alerts and all other outbox messages, as records with CloudEvents headers; and what they mean for the board."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from andon.planning.alerting.alerts import BOARD, OpenAlert, OutboxMessage, board_message
from andon.planning.alerting.board import board_entry, gone
from andon.schemas.alerts import Alert
from andon.schemas.board import BoardEntry
from andon.schemas.common import encode
from andon.schemas.headers import EPOCH, cloudevents_headers
from andon.streams.metrics import Metrics
from andon.streams.producer import Outgoing, partition_of
from andon.streams.settings import Settings
from andon.streams.topics import FAMILIES, topic_name

#: Of these an empty message says that there is nothing under its key any more.
_REMOVED: Final = (BOARD, "orders", "structures")
_ALERTS = ("replenishment", "replenishment.shadow", "disruptions")


class _Head(msgspec.Struct):
    """What of an alert is counted."""

    kind: str
    severity: str
    status: str
    outcome: str | None = None


_HEAD: Final = msgspec.json.Decoder(_Head)


_WHOLE: Final = msgspec.json.Decoder(Alert)
_ENTRY: Final = msgspec.json.Decoder(BoardEntry)


def fence(record: Any, epoch: int) -> None:
    """Mark what a record of state has to say with the epoch of who makes it durable, once; an alert's change is named by it, too.

    Each change of an alert is followed by what the board says of it from now on.
    """
    outbox: list[OutboxMessage] = record.outbox
    unmarked = [message for message in outbox if not message.epoch]
    if not unmarked:
        return
    alerts: Mapping[str, OpenAlert] = getattr(record, "alerts", {})
    changed: dict[str, OutboxMessage] = {}
    for message in unmarked:
        message.epoch = epoch
        if message.family in _ALERTS:
            alert = _WHOLE.decode(message.body)
            message.event_id = f"{message.event_id}:{epoch}"
            message.body = _fenced(alert, epoch)
            known = alerts.get(alert.kind)
            if known is not None and (known.alert_id, known.revision) == (
                alert.alert_id,
                alert.revision,
            ):
                known.said = message.body
            changed[alert.alert_id] = board_message(alert.alert_id, message.event_id, message.at)
    for added in changed.values():
        added.epoch = epoch
        outbox.append(added)
    for message in (*unmarked, *changed.values()):
        if message.family == BOARD:
            _write_on_board(message, alerts, epoch)


def _write_on_board(message: OutboxMessage, alerts: Mapping[str, OpenAlert], epoch: int) -> None:
    """Let a message say what is to be on the board, unless it says it already: nothing, if the alert is open no longer."""
    alert = next((one for one in alerts.values() if one.alert_id == message.key), None)
    if message.body:
        entry = _ENTRY.decode(message.body)
        if not entry.alert.epoch:
            said = msgspec.json.decode(_fenced(entry.alert, epoch), type=Alert)
            message.body = encode(msgspec.structs.replace(entry, alert=said))
    elif alert is not None:
        said = _WHOLE.decode(alert.said) if alert.said else gone(alert)
        words = alert.said if said.epoch else _fenced(said, epoch)
        if alert.said:
            alert.said = words
        message.body = board_entry(words, alert.answer)
    else:
        message.type = "andon.board.removed"


def _fenced(alert: Alert, epoch: int) -> bytes:
    name = f"{alert.event_id}:{epoch}"
    return encode(msgspec.structs.replace(alert, event_id=name, epoch=epoch))


def composer(settings: Settings, metrics: Metrics) -> Callable[[Any], Outgoing]:
    """Return what turns a message of an outbox into a record to publish, counting alerts on the way."""
    topics = {family: topic_name(settings, family) for family in FAMILIES}
    source = f"/andon/{settings.app_id}"

    def compose(message: OutboxMessage) -> Outgoing:
        if message.family in _ALERTS:
            head = _HEAD.decode(message.body)
            metrics.alerts.labels(head.kind, head.severity, head.status).inc()
            if head.outcome is not None:
                metrics.alert_outcomes.labels(head.kind, head.outcome).inc()
        headers = cloudevents_headers(
            message.event_id, message.type, source, message.at, message.key
        )
        headers.append((EPOCH, str(message.epoch).encode()))
        body = message.body or (None if message.family in _REMOVED else message.body)
        key = message.key.encode()
        # A need lies where the book of the warehouse does, under a key of its own.
        lies = message.key.rpartition("/")[0].encode() if message.family == "needs" else None
        partition = None if lies is None else partition_of(lies, settings.partitions)
        return Outgoing(topics[message.family], key, body, headers, partition)

    return compose
