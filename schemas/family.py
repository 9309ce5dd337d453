"""What a family of events is, and the keys of those that make them of several fields."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from andon.schemas.alerts import Alert
from andon.schemas.common import Record, item_key
from andon.schemas.needs import Need
from andon.schemas.production import Coverage, ProductionEvent

#: The major version of every family; it is part of the topic's name, and a breaking change needs a new one.
VERSION: Final = 1

#: From the side of Andon: `in` is read, `out` is written, `internal` is both and no one else's business.
Direction = Literal["in", "out", "internal"]


@dataclass(frozen=True)
class Family:
    """One family of events, which has one topic.

    `record` is None where the value is whatever bytes were found; `key_of` returns a record's canonical key.
    """

    name: str
    record: type[Record] | None
    keyed_by: str
    direction: Direction
    summary: str
    compact: bool = False
    key_of: Callable[[Any], str] | None = None

    def topic(self, prefix: str) -> str:
        """Return the name of the family's topic, `<prefix>.<family>.v<major>`."""
        return f"{prefix}.{self.name}.v{VERSION}"


def key_of_item(record: Any) -> str:
    """Return `location/sku`."""
    return item_key(record.location, record.sku)


def key_of_card(record: Any) -> str:
    """Return `type/name` of a scorecard."""
    return f"{record.type}/{record.name}"


def key_of_alert(alert: Alert) -> str:
    """Return the key of what an alert is about."""
    if alert.kind == "line_stop":
        return f"{alert.location}/{alert.line}"
    if alert.location is not None and alert.sku is not None:
        return item_key(alert.location, alert.sku)
    return alert.shipment_id or alert.supplier or alert.alert_id


def key_of_need(need: Need) -> str:
    """Return `warehouse/sku/location`."""
    return f"{item_key(need.warehouse, need.sku)}/{need.location}"


def key_of_line(told: ProductionEvent | Coverage) -> str:
    """Return `location/line` of a production line."""
    return f"{told.location}/{told.line}"
