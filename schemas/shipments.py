"""Shipments: the life of an inbound order, and what its items' books are told of it."""

from typing import Annotated, Literal

import msgspec

from andon.schemas.common import (
    Event,
    Identifier,
    Instant,
    Location,
    Name,
    NonNegativeQuantity,
    Record,
    Reference,
    Share,
    Sku,
    check_years,
    item_key,
)
from andon.schemas.delays import Scope

ShipmentStatus = Literal[
    "ordered",
    "confirmed",
    "dispatched",
    "in_transit",
    "partly_received",
    "received",
    "cancelled",
]


class ShipmentLine(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One item of a shipment; `received` counts everything received so far, not the last parcel."""

    location: Location
    sku: Sku
    quantity: NonNegativeQuantity | None = None
    received: NonNegativeQuantity | None = None


class ShipmentEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an inbound order; the first event brings the lines, later ones may leave out what is unchanged.

    `received` without a quantity received a line means that all of the line's open quantity arrived.
    """

    shipment_id: Identifier
    status: ShipmentStatus
    supplier: Name | None = None
    carrier: Name | None = None
    lane: Name | None = None
    mode: Name | None = None
    ordered_at: Instant | None = None
    promised_at: Instant | None = None
    expected_at: Instant | None = None
    alert_id: Reference | None = None
    lines: Annotated[tuple[ShipmentLine, ...], msgspec.Meta(max_length=1_000)] = ()

    def __post_init__(self) -> None:
        check_years(
            ordered_at=self.ordered_at, promised_at=self.promised_at, expected_at=self.expected_at
        )
        keys = {item_key(line.location, line.sku) for line in self.lines}
        if len(keys) != len(self.lines):
            msg = "lines: an item comes twice; give one line for each item and location"
            raise ValueError(msg)


class HeldBy(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: the wide disruption that holds a line up, for a partition that may not have been told of it yet.

    Its name and reason are the line's `cause` and `reason`; `since` is when it was first reported, `reported_at` when last.
    """

    scope: Scope
    reported_at: Instant
    since: Instant
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    delay_hours: float | None = None
    severity: Share = 1.0
    over: bool = False


class LineUpdate(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: the present state of one shipment line, as the item's book must know it (absolute, so repeatable).

    `version` grows with every change of the shipment, so that a repeat is recognised; `expected_at` is the arrival now
    believed in and `spread_days` its standard deviation; `cause` names the delay or disruption that moved it, and
    `parent_id` the alert of that disruption if it is a wide one, which `held_by` then describes. Where something moved the
    arrival, `base_at` and `base_spread_days` say what it was before. `transfer_from` is the location that a transfer comes from:
    it is then no shipment, and its arrival is told by itself. `undated` is that nobody gave a date.
    """

    shipment_id: Identifier
    version: int
    location: Location
    sku: Sku
    occurred_at: Instant
    status: ShipmentStatus
    quantity: NonNegativeQuantity
    received: NonNegativeQuantity
    expected_at: Instant
    promised_at: Instant | None = None
    ordered_at: Instant | None = None
    spread_days: float = 0.0
    supplier: Name | None = None
    carrier: Name | None = None
    lane: Name | None = None
    mode: Name | None = None
    alert_id: Reference | None = None
    cause: Reference | None = None
    reason: str | None = None
    parent_id: Reference | None = None
    base_at: Instant | None = None
    base_spread_days: float = 0.0
    held_by: HeldBy | None = None
    transfer_from: Location | None = None
    undated: bool = False

    @property
    def at(self) -> float:
        """When it came to this, in seconds since 1970."""
        return self.occurred_at.timestamp()


class Delivery(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: a completed delivery, told to one scorecard (`type`, `name`) of all that it counts for.

    Where nobody said when it was ordered (`order_date_known` is false), `ordered_at` is when it was first heard of.
    """

    type: Literal["supplier", "carrier", "lane", "mode", "source", "network"]
    name: Reference
    shipment_id: Identifier
    ordered_at: Instant
    promised_at: Instant | None = None
    received_at: Instant
    reported_delay_days: float | None = None
    order_date_known: bool = True

    @property
    def at(self) -> float:
        """When it was complete, in seconds since 1970."""
        return self.received_at.timestamp()
