"""Who did what when: the last answers, and what was done with orders, as their topics have them, in the order of their time."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec

from andon.planning.alerting.alerts import parse_alert_id
from andon.schemas.acks import Ack
from andon.schemas.orders import OrderEvent

FAMILY: Final = "acks"
ORDER_EVENTS: Final = "orders.events"
#: So many are kept, and so many of each partition are read at the start.
MOST: Final = 5000
#: The columns of the export, in the order of the screen.
COLUMNS: Final = (
    "at",
    "by",
    "action",
    "alert_id",
    "item",
    "quantity",
    "snooze_until",
    "shipment_id",
    "order_id",
    "comment",
    "event_id",
)


class Trail:
    """The last of what was done; what was sent twice is once there."""

    def __init__(self) -> None:
        self._done: deque[tuple[datetime, dict[str, Any]]] = deque()
        self._known: set[str] = set()
        self._answers = msgspec.json.Decoder(Ack)
        self._orders = msgspec.json.Decoder(OrderEvent)

    def take(self, record: Any) -> None:
        """Take in a record of the answers' topic; what cannot be read is among the dead letters."""
        try:
            ack = self._answers.decode(record.value or b"")
        except msgspec.MsgspecError:
            return
        self._add(ack.event_id, ack.occurred_at, _row(ack))

    def take_order(self, record: Any) -> None:
        """Take in a record of what is done with orders; what cannot be read is among the dead letters."""
        try:
            event = self._orders.decode(record.value or b"")
        except (msgspec.MsgspecError, ValueError):
            return
        self._add(event.event_id, event.occurred_at, _row_of_order(event))

    def _add(self, event_id: str, at: datetime, row: dict[str, Any]) -> None:
        if event_id in self._known:
            return
        self._known.add(event_id)
        self._done.append((at, row))
        if len(self._done) > MOST:
            self._known.discard(self._done.popleft()[1]["event_id"])

    def newest_first(
        self, *, item: str = "", who: str = "", search: str = ""
    ) -> list[dict[str, Any]]:
        """Return what was done as the screen and its export have it.

        Args:
            item: only what was answered to alerts of this `location/sku`, if any.
            who: only what somebody did, if anybody.
            search: words that must all stand in one, whatever their case.
        """
        words = search.lower().split()
        found = []
        for _, row in sorted(self._done, key=lambda one: one[0], reverse=True):
            if (item and row["item"] != item) or (who and row["by"] != who):
                continue
            if words:
                text = " ".join(str(value) for value in row.values() if value is not None).lower()
                if not all(word in text for word in words):
                    continue
            found.append(row)
        return found

    @property
    def people(self) -> Iterable[str]:
        """Who did something."""
        return sorted({row["by"] for _, row in self._done if row["by"]})


def _row(ack: Ack) -> dict[str, Any]:
    until = ack.snooze_until
    return {
        "at": ack.occurred_at.isoformat(),
        "by": ack.by,
        "action": ack.action,
        "alert_id": ack.alert_id,
        "item": _key_of(ack.alert_id),
        "quantity": ack.quantity,
        "snooze_until": None if until is None else until.isoformat(),
        "shipment_id": ack.shipment_id,
        "order_id": ack.order_id,
        "comment": ack.comment,
        "event_id": ack.event_id,
    }


def _row_of_order(event: OrderEvent) -> dict[str, Any]:
    said = [line.quantity for line in event.lines if line.quantity is not None]
    return {
        "at": event.occurred_at.isoformat(),
        "by": event.by or event.channel,
        "action": event.status,
        "alert_id": None,
        "item": "",
        "quantity": sum(said) if said else None,
        "snooze_until": None,
        "shipment_id": None,
        "order_id": event.order_id,
        "comment": event.comment,
        "event_id": event.event_id,
    }


def _key_of(alert_id: str) -> str:
    """Return what an alert is of; nothing if its id is none of ours."""
    try:
        return parse_alert_id(alert_id)[1]
    except ValueError:
        return ""
