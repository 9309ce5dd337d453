"""Point of sale: what left a location, or came back, one item an event."""

from typing import Literal

from andon.schemas.common import (
    Event,
    Identifier,
    Instant,
    Money,
    Name,
    NonNegativeQuantity,
    PlainLocation,
    Sequence,
    Sku,
    Text,
)


class Sale(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A sale, a return, or a customer order that waits for stock.

    `backorder` is demand accepted without stock to give; `backorder_filled` is its later delivery and no new demand, and
    `backorder_cancelled` is as much of it as the customer no longer wants. What is `exceptional` will not come again: it changes
    the stock, and nothing is learned from it. `sold_at` is when what comes back was sold.
    `due_at` is when the customer wants what was ordered, if that is later. A sale or return that `corrects` another, by its
    event id, stands in its place; its quantity may be 0.
    `sequence` rises with each event that its `source` (a till) sends: repeats are then recognised for ever.
    """

    location: PlainLocation
    sku: Sku
    quantity: NonNegativeQuantity
    kind: Literal["sale", "return", "backorder", "backorder_filled", "backorder_cancelled"] = "sale"
    unit_price: Money | None = None
    promotion: Text | None = None
    transaction_id: Identifier | None = None
    exceptional: bool = False
    sold_at: Instant | None = None
    due_at: Instant | None = None
    source: Name | None = None
    sequence: Sequence | None = None
    corrects: Identifier | None = None

    def __post_init__(self) -> None:
        if "/" in self.location:
            msg = f"location: expected no slash, got {self.location!r}"
            raise ValueError(msg)
        if self.corrects is not None:
            if self.kind not in ("sale", "return"):
                msg = f"corrects: a {self.kind} corrects nothing; cancel what is not wanted"
                raise ValueError(msg)
        elif not self.quantity:
            msg = "quantity: only what `corrects` another sale may be 0"
            raise ValueError(msg)
