"""Acknowledgements: what procurement did with an alert."""

from typing import Literal

from andon.schemas.common import (
    Event,
    Identifier,
    Instant,
    Name,
    PositiveQuantity,
    Reference,
    Text,
)

#: What can be answered to an alert.
Action = Literal["acknowledged", "snoozed", "ordered", "rejected"]


class Ack(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An alert was acknowledged, snoozed until a time, ordered from, or rejected."""

    alert_id: Reference
    action: Action
    snooze_until: Instant | None = None
    quantity: PositiveQuantity | None = None
    shipment_id: Identifier | None = None
    by: Name | None = None
    comment: Text | None = None
    #: The purchase order that it was ordered by, whose line follows; an alert is ordered by one of them, unless `again` is said.
    order_id: Identifier | None = None
    again: bool = False

    def __post_init__(self) -> None:
        if self.action == "snoozed" and self.snooze_until is None:
            msg = "snooze_until: a snooze needs its end"
            raise ValueError(msg)
