"""Stock: what changed a location's stock other than sales and receipts."""

from typing import Literal

from andon.schemas.common import (
    Event,
    Location,
    Quantity,
    Sku,
    Text,
)


class StockMovement(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A cycle count (absolute), or an adjustment, spoilage or transfer (relative).

    A `count` says what was there at `occurred_at`; `spoilage` says how much was lost, as a positive number;
    an `adjustment` or a `transfer` is signed: in is positive, out is negative.
    """

    location: Location
    sku: Sku
    kind: Literal["count", "adjustment", "spoilage", "transfer"]
    quantity: Quantity
    reason: Text | None = None

    def __post_init__(self) -> None:
        if self.kind in ("count", "spoilage") and self.quantity < 0:
            msg = f"quantity: a {self.kind} cannot be negative, got {self.quantity}"
            raise ValueError(msg)
