"""Purchase orders: what somebody did with one, what has become of it, and whose an alert is that two of them answer."""

from typing import Annotated, Literal

import msgspec

from andon.schemas.common import (
    Currency,
    Event,
    Identifier,
    Instant,
    Location,
    Money,
    Name,
    NonNegativeQuantity,
    PositiveQuantity,
    Record,
    Reference,
    Sku,
    Text,
    check_years,
)

#: What can be done with an order.
OrderAction = Literal["drafted", "approved", "sent", "confirmed", "cancelled"]
#: What can have become of it.
OrderState = Literal["drafted", "approved", "sent", "confirmed", "received", "cancelled"]
#: So many items one order may have.
MOST_ORDER_LINES = 500
Cost = Annotated[float, msgspec.Meta(ge=0, le=1e12)]


class OrderLine(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One item of an order: as it is wanted, or, in a confirmation, as the supplier will bring it."""

    location: Location
    sku: Sku
    #: In a confirmation 0 if nothing of it comes, and left out if it comes as ordered.
    quantity: NonNegativeQuantity | None = None
    #: In the order's currency.
    unit_cost: Money | None = None
    #: The alert that it answers.
    alert_id: Reference | None = None
    #: In a confirmation: when this line comes, if not with the others.
    promised_at: Instant | None = None
    #: How the answer to the alert is to be named, so that whoever gave it knows it again.
    answer_id: Identifier | None = None

    def __post_init__(self) -> None:
        check_years(promised_at=self.promised_at)


class OrderEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A purchase order was drafted, approved, sent, confirmed by its supplier, or cancelled.

    Whoever approves first has approved it: a later approval changes nothing, and a cancelled order stays so. An approval without
    lines approves what was drafted; a confirmation without lines confirms all as ordered.
    """

    order_id: Identifier
    status: OrderAction
    supplier: Name | None = None
    currency: Currency | None = None
    #: When the goods are wanted.
    wanted_at: Instant | None = None
    #: In a confirmation: when they come.
    promised_at: Instant | None = None
    lines: Annotated[tuple[OrderLine, ...], msgspec.Meta(max_length=MOST_ORDER_LINES)] = ()
    by: Name | None = None
    comment: Text | None = None
    #: Of an approval: whether to order although an alert of it is answered by another order.
    again: bool = False
    #: Of a sending: by which connector, under which name, and which revision of the order.
    channel: Name | None = None
    document: Reference | None = None
    revision: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1

    def __post_init__(self) -> None:
        check_years(wanted_at=self.wanted_at, promised_at=self.promised_at)
        items = [(line.location, line.sku) for line in self.lines]
        if len(set(items)) != len(items):
            msg = "lines: an item comes twice in one order"
            raise ValueError(msg)
        if self.status in ("drafted", "approved"):
            if any(not line.quantity for line in self.lines):
                msg = "lines: each needs a quantity of 1 or more"
                raise ValueError(msg)
            if self.status == "drafted" and not self.lines:
                msg = "lines: a draft needs one at least"
                raise ValueError(msg)
        if self.status == "sent" and self.channel is None:
            msg = "channel: a sending needs the name of who sent it"
            raise ValueError(msg)


class OrderedLine(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One item of a purchase order: what was wanted, what the supplier says, and what came."""

    location: Location
    sku: Sku
    quantity: PositiveQuantity
    unit_cost: Cost | None = None
    alert_id: Reference | None = None
    #: What is to come in all by the last word, if the supplier has spoken.
    confirmed_quantity: NonNegativeQuantity | None = None
    confirmed_cost: Cost | None = None
    promised_at: Instant | None = None
    received: NonNegativeQuantity = 0
    #: Why this line is not bought, such as that its alert was answered by another order; which, and who gave it, if that is known.
    left_out: Text | None = None
    taken_by: Identifier | None = None
    taken_by_name: Name | None = None
    #: What differs from what was ordered: units that will not come, days after what was wanted, and money more for each unit.
    short: NonNegativeQuantity = 0
    days_late: float = 0.0
    dearer: float = 0.0


class Sending(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An order, or its cancellation, went out to the supplier."""

    channel: Name
    document: Reference | None = None
    revision: int = 1
    at: Instant


class PurchaseOrder(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A purchase order as it stands; of two the one with the greater `version` is the newer.

    `ready` says that it may go out: nobody was first with any of its alerts, or that line was taken off. `revision` is what the
    supplier must know last: 1 the order, 2 that it is off.
    """

    order_id: Identifier
    state: OrderState
    version: int
    changed_at: Instant
    ready: bool = False
    revision: int = 1
    supplier: Name | None = None
    currency: Currency | None = None
    wanted_at: Instant | None = None
    lines: tuple[OrderedLine, ...] = ()
    drafted_at: Instant | None = None
    drafted_by: Name | None = None
    approved_at: Instant | None = None
    approved_by: Name | None = None
    sent: tuple[Sending, ...] = ()
    confirmed_at: Instant | None = None
    cancelled_at: Instant | None = None
    cancelled_by: Name | None = None
    comment: Text | None = None
    #: It was cancelled after it had been placed: its supplier may have seen it.
    called_off: bool = False

    @property
    def bought(self) -> tuple[OrderedLine, ...]:
        """The lines that nobody else was first with."""
        return tuple(line for line in self.lines if line.left_out is None)

    @property
    def deviates(self) -> bool:
        """Whether the supplier brings less, later or for more than was ordered."""
        return any(line.short or line.days_late or line.dearer for line in self.lines)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it, or to come."""
        return self.state not in ("received", "cancelled")


class Claim(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: what the book of an alert says to an order that answers it: that it is the first, or who was.

    `first_order` is the order that was first, None if this one is; `first_by` who gave it; `refused` why the book has no room.
    """

    order_id: Identifier
    alert_id: Reference
    occurred_at: Instant
    first_order: Identifier | None = None
    first_by: Name | None = None
    refused: Text | None = None

    @property
    def at(self) -> float:
        """When it was said, in seconds since 1970."""
        return self.occurred_at.timestamp()


class LineDeviation(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: in what a supplier's word on a line differs from what was ordered, told to the item's book with the line."""

    #: When that was said.
    since: Instant
    #: What was ordered, and how much of it will not come.
    ordered: NonNegativeQuantity
    short: NonNegativeQuantity = 0
    days_late: float = 0.0
    #: Money for each unit: as ordered, and as confirmed, if that is more.
    unit_cost: Cost | None = None
    confirmed_cost: Cost | None = None
    currency: Currency | None = None
