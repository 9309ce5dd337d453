"""An alert in the words of Alertmanager: labels that name it, annotations that explain it, and from when to when it fires.

Labels are identity: nothing that changes while an alert is open is among them, no quantity and no date, save the severity,
because Alertmanager routes by labels and tells nobody of a change that leaves them as they are. When the severity of an
alert changes, the one with the old severity is resolved and the one with the new one fires.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from andon.planning.alerting.alerts import parse_alert_id
from andon.schemas.alerts import Alert

_FNV_OFFSET: Final = 0xCBF29CE484222325
_FNV_PRIME: Final = 0x100000001B3
_SEPARATOR: Final = b"\xff"
#: How Alertmanager's webhooks say that an alert goes on.
_NO_END: Final = "0001-01-01T00:00:00Z"
#: Fields that explain it, where they are given.
_EXPLAIN: Final = (
    "alert_id",
    "parent_id",
    "shipment_id",
    "cause",
    "supplier",
    "currency",
    "order_quantity",
    "bridge_quantity",
    "order_by",
    "expected_arrival",
    "stockout_p50",
    "probability",
    "value_at_risk",
    "resolution",
)


class Notification(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What is sent of one alert; without `ends_at` it goes on."""

    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None = None


def labels_of(alert: Alert, severity: str | None = None) -> dict[str, str]:
    """Return the labels that name an alert: its kind, what it is about, and how severe it is."""
    labels = {
        "alertname": alert.kind,
        "source": "andon",
        "severity": severity or alert.severity,
    }
    if alert.location is not None and alert.sku is not None:
        labels |= {"location": alert.location, "sku": alert.sku}
    else:
        # A shipment, a supplier, a disruption: what the alert's own name says it is about.
        labels["about"] = parse_alert_id(alert.alert_id)[1]
    return labels


def annotations_of(alert: Alert) -> dict[str, str]:
    """Return what explains an alert, as text."""
    annotations = {"summary": alert.sentence}
    for name in _EXPLAIN:
        value = getattr(alert, name)
        if value is not None:
            annotations[name] = value.isoformat() if isinstance(value, datetime) else str(value)
    if alert.alternatives:
        annotations["best_way_out"] = alert.alternatives[0].why
    return annotations


def firing(alert: Alert, now: datetime, lives: timedelta) -> Notification:
    """Return an alert that fires, and that is over by itself after `lives` unless it is sent again."""
    return Notification(
        labels_of(alert), annotations_of(alert), min(alert.opened_at, now), now + lives
    )


def resolved(alert: Alert, now: datetime, severity: str | None = None) -> Notification:
    """Return an alert that is over: by its own word, or because it goes on with another severity."""
    begin = min(alert.opened_at, now)
    end = min(max(alert.changed_at, begin), now)
    return Notification(labels_of(alert, severity), annotations_of(alert), begin, end)


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return Alertmanager's own name of a set of labels: FNV-1a over names and values, sorted by name."""
    value = _FNV_OFFSET
    for name in sorted(labels):
        for byte in name.encode() + _SEPARATOR + labels[name].encode() + _SEPARATOR:
            value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def webhook_message(notifications: list[tuple[Notification, Alert]]) -> dict[str, Any]:
    """Return changes in the form of Alertmanager's own webhooks (version 4), each with the whole alert beside it."""
    over = all(alert.status == "resolved" for _, alert in notifications)
    return {
        "version": "4",
        "receiver": "andon",
        "status": "resolved" if over else "firing",
        "groupKey": "andon",
        "truncatedAlerts": 0,
        "groupLabels": {},
        "commonLabels": {"source": "andon"},
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": [
            {
                "status": "resolved" if alert.status == "resolved" else "firing",
                "labels": notification.labels,
                "annotations": notification.annotations,
                "startsAt": notification.starts_at,
                "endsAt": notification.ends_at if alert.status == "resolved" else _NO_END,
                "generatorURL": "",
                "fingerprint": fingerprint(notification.labels),
                "alert": alert,
            }
            for notification, alert in notifications
        ],
    }
