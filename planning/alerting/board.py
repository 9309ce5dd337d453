"""The board's words: what stands there of an alert, and what can be said of one whose words were not kept."""

from typing import Final, cast

from andon.planning.alerting.alerts import OpenAlert, parse_alert_id
from andon.schemas.alerts import Alert, AlertKind, Severity
from andon.schemas.common import utc

_OF_SHIPMENTS: Final = ("late_shipment", "silent_delay")
_OF_NETWORK: Final = ("disruption", "supplier_slipping")


def board_entry(said: bytes, answer: bytes) -> bytes:
    """Return the board's entry of an alert as it was last said and answered, all encoded; without an answer if that is empty."""
    return b'{"alert":' + said + (b',"answer":' + answer if answer else b"") + b"}"


def gone(alert: OpenAlert) -> Alert:
    """Return what can be said of an alert that was opened before the board was there, and has said nothing since."""
    kind, key, _ = parse_alert_id(alert.alert_id)
    what = kind.replace("_", " ").capitalize()
    location, slash, sku = key.partition("/")
    is_items = bool(slash) and kind not in _OF_SHIPMENTS and kind not in _OF_NETWORK
    where = f"{sku} at {location}" if is_items else key
    return Alert(
        alert_id=alert.alert_id,
        event_id=f"{alert.alert_id}:{alert.revision}",
        kind=cast(AlertKind, alert.kind),
        status="updated",
        severity=cast(Severity, alert.severity),
        revision=alert.revision,
        sentence=f"{what}: {where}. It was said before the board was kept, and is said anew when something changes.",
        opened_at=utc(alert.opened_at),
        changed_at=utc(alert.changed_at),
        location=location if is_items else None,
        sku=sku if is_items else None,
        shipment_id=key if kind in _OF_SHIPMENTS else None,
        cause=alert.cause or None,
        order_quantity=int(alert.size) or None if kind == "replenish" else None,
        stage=alert.stage,
    )
