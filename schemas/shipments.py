"""Shipments: the life of an inbound order, and what its items' books are told of it."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from andon.schemas.common import (
    Currency,
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
)
from andon.schemas.delays import Scope
from andon.schemas.needs import Feed
from andon.schemas.orders import Cost, LineDeviation
from andon.schemas.production import Requirement, RunUpdate
from andon.schemas.succession import Legacy, Successor

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
    """One item of a shipment; `received` and `returned` count everything so far, not the last parcel.

    `returned` went back to the supplier; `rejected` came and is not fit to be used, whatever becomes of it. `line` names one of several lines of an item, which may have dates of their own.
    """

    location: Location
    sku: Sku
    quantity: NonNegativeQuantity | None = None
    received: NonNegativeQuantity | None = None
    returned: NonNegativeQuantity | None = None
    rejected: NonNegativeQuantity | None = None
    line: Identifier | None = None
    promised_at: Instant | None = None
    expected_at: Instant | None = None
    #: In a confirmation: what the supplier asks for a unit.
    unit_cost: Cost | None = None
    #: Of which lot it is, and the last day on which that may be sold, where the location is.
    lot: Identifier | None = None
    expires_on: date | None = None

    def __post_init__(self) -> None:
        check_years(promised_at=self.promised_at, expected_at=self.expected_at)
        if (self.lot is None) != (self.expires_on is None):
            msg = "expires_on: a lot and its day of expiry are given together, or neither"
            raise ValueError(msg)


class ShipmentEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an inbound order; the first event brings the lines, later ones may leave out what is unchanged.

    `received` without a quantity received a line means that all of the line's open quantity arrived. `order_id` is the order
    that a dispatch advice or receipt under a number of its own belongs to. `new_life` says that the number of an older order
    is used again for this one.
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
    order_id: Identifier | None = None
    new_life: bool = False
    #: Of the costs in a confirmation; those in another currency than the order's are not compared.
    currency: Currency | None = None

    def __post_init__(self) -> None:
        check_years(
            ordered_at=self.ordered_at, promised_at=self.promised_at, expected_at=self.expected_at
        )
        named = [
            (line.location, line.sku, line.line) for line in self.lines if line.line is not None
        ]
        if len(set(named)) != len(named):
            msg = "lines: a line of an item comes twice under one name"
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
    it is then no shipment, and its arrival is told by itself. `undated` is that nobody gave a date. `open_quantity` is what is still
    to come, `receipts` what
    came (and, negative, went back) at which time in seconds since 1970, those through `settled` merged; `told` and
    `told_settled` are what was said of the receipts before, given once the line was done: a book may have forgotten it. `begun` is when the shipment's
    number was used again for another order, in seconds since 1970, and 0 for the first under it.
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
    open_quantity: NonNegativeQuantity | None = None
    receipts: tuple[tuple[float, int], ...] | None = None
    settled: float = 0.0
    told: tuple[tuple[float, int], ...] | None = None
    told_settled: float = 0.0
    #: The order that it was said of, where it is an advice's.
    told_under: Reference | None = None
    line: Reference | None = None
    order_id: Identifier | None = None
    begun: float = 0.0
    #: It is no line, but which code replaces this one, or what there is of a code that this one replaces (`shipment_id`).
    successor: Successor | None = None
    legacy: Legacy | None = None
    #: In what its supplier's word differs from what was ordered, if it is a line of a purchase order and something does.
    deviation: LineDeviation | None = None
    #: Or what a warehouse has for this location (`shipment_id` is the warehouse).
    feed: Feed | None = None
    #: Of a transfer: how much its sender has sent here so far, in units, this included.
    sent_so_far: NonNegativeQuantity | None = None
    #: How it stands on its production line, if it is made here.
    run: RunUpdate | None = None
    #: Or what an item needs of this one, as its part (`shipment_id` is that item).
    required: Requirement | None = None
    #: Of which lot it is, and until when that may be sold.
    lot: Identifier | None = None
    expires_on: date | None = None

    @property
    def at(self) -> float:
        """When it came to this, in seconds since 1970."""
        return self.occurred_at.timestamp()


class AdviceUpdate(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: what came and is to come under a dispatch advice, told to the order that it belongs to (absolute, so repeatable).

    `items` has the number of an item (a hash of its key), what came of it, and what is still to come; one of all items together,
    under the number 0, where they are very many.
    """

    order_id: Identifier
    shipment_id: Identifier
    version: int
    occurred_at: Instant
    items: tuple[tuple[int, int, int], ...] = ()

    @property
    def at(self) -> float:
        """When it came to this, in seconds since 1970."""
        return self.occurred_at.timestamp()


class Delivery(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: a completed delivery, told to one scorecard (`type`, `name`) of all that it counts for.

    Where nobody said when it was ordered (`order_date_known` is false), `ordered_at` is when it was first heard of. `begun` is
    as in `LineUpdate`.
    """

    type: Literal["supplier", "carrier", "lane", "mode", "source", "network"]
    name: Reference
    shipment_id: Identifier
    ordered_at: Instant
    promised_at: Instant | None = None
    received_at: Instant
    reported_delay_days: float | None = None
    order_date_known: bool = True
    begun: float = 0.0
    #: How many units came, and how many of them were not fit to be used.
    units: NonNegativeQuantity = 0
    rejected: NonNegativeQuantity = 0
    #: The lead time that the master data of an item in it plan, in days: it is then told by the item's book, beside the shipment.
    planned_days: float | None = None

    @property
    def at(self) -> float:
        """When it was complete, in seconds since 1970."""
        return self.received_at.timestamp()
