"""Stock: what changed a location's stock other than sales and receipts."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from andon.schemas.common import (
    Event,
    Identifier,
    Instant,
    Location,
    Name,
    NonNegativeQuantity,
    Quantity,
    Record,
    Reference,
    Sequence,
    Sku,
    Text,
    check_years,
)


class CountedLot(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a count found of a lot, and the last day on which it may be sold, where the location is."""

    lot: Identifier
    quantity: NonNegativeQuantity
    expires_on: date


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
    #: Of which lot it is, where it is no count; what is held of one lot only a release of that lot frees.
    lot: Identifier | None = None
    #: Of that lot: the last day on which it may be sold, where the location is.
    expires_on: date | None = None
    #: Of a `count` of everything: what of it is of lots that expire; the others are of none.
    lots: Annotated[tuple[CountedLot, ...], msgspec.Meta(max_length=64)] = ()

    def __post_init__(self) -> None:
        if self.corrects is not None and self.kind in ("hold", "release"):
            msg = f"corrects: a {self.kind} cannot correct another, send what undoes it"
            raise ValueError(msg)
        if self.kind not in ("adjustment", "transfer") and self.quantity < 0:
            msg = f"quantity: a {self.kind} cannot be negative, got {self.quantity}"
            raise ValueError(msg)
        if self.expires_on is not None and self.lot is None:
            msg = "expires_on: a day of expiry is of a lot, name it"
            raise ValueError(msg)
        if self.lot is not None and self.kind == "count":
            msg = "lot: a count has lots, each with what was there of it"
            raise ValueError(msg)
        if self.lots and (self.kind != "count" or self.area is not None):
            msg = "lots: only a count of everything says what is there of each lot"
            raise ValueError(msg)
        if sum(one.quantity for one in self.lots) > self.quantity and self.lots:
            msg = f"lots: they come to more than the {self.quantity} that were counted"
            raise ValueError(msg)
        if len({one.lot for one in self.lots}) < len(self.lots):
            msg = "lots: a lot comes twice in one count"
            raise ValueError(msg)
        if self.corrects is not None and (self.lot is not None or self.lots):
            msg = "corrects: what is of lots cannot be corrected, count them"
            raise ValueError(msg)
        check_years(expected_at=self.expected_at)
