"""Point of sale: what left a location, or came back, one item an event."""

from typing import Literal

from andon.schemas.common import (
    Event,
    Identifier,
    Instant,
    Money,
    Name,
    PlainLocation,
    PositiveQuantity,
    Sequence,
    Sku,
    Text,
)


class Sale(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A sale, a return, or a customer order that waits for stock.

    `backorder` is demand accepted without stock to give; `backorder_filled` is its later delivery and no new demand. What is
    `exceptional` will not come again: it changes the stock, and nothing is learned from it. `sold_at` is when what comes back was sold.
    `due_at` is when the customer wants what was ordered, if that is later.
    `sequence` rises with each event that its `source` (a till) sends: repeats are then recognised for ever.
    """

    location: PlainLocation
    sku: Sku
    quantity: PositiveQuantity
    kind: Literal["sale", "return", "backorder", "backorder_filled"] = "sale"
    unit_price: Money | None = None
    promotion: Text | None = None
    transaction_id: Identifier | None = None
    exceptional: bool = False
    sold_at: Instant | None = None
    due_at: Instant | None = None
    source: Name | None = None
    sequence: Sequence | None = None

    def __post_init__(self) -> None:
        if "/" in self.location:
            msg = f"location: expected no slash, got {self.location!r}"
            raise ValueError(msg)
