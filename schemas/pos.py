"""Point of sale: what left a location, or came back, one item an event."""

from typing import Literal

from andon.schemas.common import (
    Event,
    Identifier,
    Money,
    PlainLocation,
    PositiveQuantity,
    Sku,
    Text,
)


class Sale(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A sale, a return, or a customer order that waits for stock.

    `backorder` is demand accepted without stock to give; `backorder_filled` is its later delivery and no new demand.
    """

    location: PlainLocation
    sku: Sku
    quantity: PositiveQuantity
    kind: Literal["sale", "return", "backorder", "backorder_filled"] = "sale"
    unit_price: Money | None = None
    promotion: Text | None = None
    transaction_id: Identifier | None = None

    def __post_init__(self) -> None:
        if "/" in self.location:
            msg = f"location: expected no slash, got {self.location!r}"
            raise ValueError(msg)
