"""Stock: what changed a location's stock other than sales and receipts."""

from typing import Annotated, Literal

import msgspec

from andon.schemas.common import (
    Event,
    Identifier,
    Instant,
    Location,
    Name,
    Quantity,
    Reference,
    Sequence,
    Sku,
    Text,
    check_years,
)


class StockMovement(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A cycle count (absolute), an adjustment, spoilage or transfer (relative), or what may not be sold for the time being.

    A `count` says what was there at `occurred_at`; `spoilage` says how much was lost, as a positive number;
    a `hold` keeps goods that are there from being sold until a `release`, and says how many, as a positive number, too;
    an `adjustment` or a `transfer` is signed: in is positive, out is negative. A transfer out says where it goes
    (`to_location`) and perhaps when it will be there (`expected_at`); both of its events may name it (`transfer_id`). What is
    `exceptional` will not be wanted again: it changes the stock, and nothing is learned from it. What
    `corrects` another, by its event id, stands in its place.
    Where a location is counted by areas, `area` says which one a count is of. `sequence` rises with each movement that its
    `source` sends: repeats are then recognised for ever.
    """

    location: Location
    sku: Sku
    kind: Literal["count", "adjustment", "spoilage", "transfer", "hold", "release"]
    quantity: Quantity
    reason: Text | None = None
    to_location: Location | None = None
    from_location: Location | None = None
    transfer_id: Identifier | None = None
    expected_at: Instant | None = None
    exceptional: bool = False
    area: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    source: Name | None = None
    sequence: Sequence | None = None
    corrects: Identifier | None = None
    #: Of a transfer out: the alert that asked for it.
    alert_id: Reference | None = None
    #: Of a `hold` or `release`: which lot; what is held of one lot only a release of that lot frees.
    lot: Identifier | None = None

    def __post_init__(self) -> None:
        if self.corrects is not None and self.kind in ("hold", "release"):
            msg = f"corrects: a {self.kind} cannot correct another, send what undoes it"
            raise ValueError(msg)
        if self.kind not in ("adjustment", "transfer") and self.quantity < 0:
            msg = f"quantity: a {self.kind} cannot be negative, got {self.quantity}"
            raise ValueError(msg)
        check_years(expected_at=self.expected_at)
