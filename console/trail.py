"""Who did what when: the last answers as their topic has them, in the order of their time."""

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from andon.planning.alerting.alerts import parse_alert_id
from andon.schemas.acks import Ack

FAMILY: Final = "acks"
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
    "comment",
    "event_id",
)


class Trail:
    """The last answers; one that was sent twice is one."""

    def __init__(self) -> None:
        self._answers: deque[Ack] = deque()
        self._known: set[str] = set()
        self._decoder = msgspec.json.Decoder(Ack)

    def take(self, record: Any) -> None:
        """Take in a record of the answers' topic; what cannot be read is among the dead letters."""
        try:
            ack = self._decoder.decode(record.value or b"")
        except msgspec.MsgspecError:
            return
        if ack.event_id in self._known:
            return
        self._known.add(ack.event_id)
        self._answers.append(ack)
        if len(self._answers) > MOST:
            self._known.discard(self._answers.popleft().event_id)

    def newest_first(
        self, *, item: str = "", who: str = "", search: str = ""
    ) -> list[dict[str, Any]]:
        """Return the answers as the screen and its export have them.

        Args:
            item: only those to alerts of this `location/sku`, if any.
            who: only those of somebody, if anybody.
            search: words that must all stand in one, whatever their case.
        """
        words = search.lower().split()
        found = []
        for ack in sorted(self._answers, key=lambda one: one.at, reverse=True):
            key = _key_of(ack.alert_id)
            if (item and key != item) or (who and ack.by != who):
                continue
            row = _row(ack, key)
            if words:
                text = " ".join(str(value) for value in row.values() if value is not None).lower()
                if not all(word in text for word in words):
                    continue
            found.append(row)
        return found

    @property
    def people(self) -> Iterable[str]:
        """Who answered."""
        return sorted({ack.by for ack in self._answers if ack.by})


def _row(ack: Ack, key: str) -> dict[str, Any]:
    until = ack.snooze_until
    return {
        "at": ack.occurred_at.isoformat(),
        "by": ack.by,
        "action": ack.action,
        "alert_id": ack.alert_id,
        "item": key,
        "quantity": ack.quantity,
        "snooze_until": None if until is None else until.isoformat(),
        "shipment_id": ack.shipment_id,
        "comment": ack.comment,
        "event_id": ack.event_id,
    }


def _key_of(alert_id: str) -> str:
    """Return what an alert is of; nothing if its id is none of ours."""
    try:
        return parse_alert_id(alert_id)[1]
    except ValueError:
        return ""
