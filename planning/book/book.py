"""The book of one item at one location: everything the decisions need, in one record that is written at once."""

from typing import Final

import msgspec

from andon.planning.alerting.alerts import OpenAlert, OutboxMessage
from andon.planning.book.dated_lots import Lots
from andon.planning.book.inheritance import Inheritance, Replaced
from andon.planning.demand.demand import Demand
from andon.planning.network.state import Network
from andon.planning.policy.policy import Targets
from andon.planning.production.state import Production
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.lead_time import LeadTime
from andon.schemas.items import Item, Source
from andon.schemas.orders import LineDeviation

#: Where a book's events come from; a book's `applied` list has one offset for each, in this order.
SOURCES: Final = ("pos", "stock", "lines", "items", "acks", "needs", "boms")
POS, STOCK, LINES, ITEMS, ACKS, NEEDS, BOMS = range(len(SOURCES))

#: A level that no stock falls to: the book need not be reconsidered for it.
NEVER: Final = -(2**62)
#: One that every stock is at or below: the book must be reconsidered.
ALWAYS: Final = 2**62
#: A count of sales that no day reaches.
NEVER_SOLD: Final = 2**62


class Line(msgspec.Struct, array_like=True):
    """One open line of an inbound shipment; times in seconds since 1970, quantities in units."""

    #: The shipment's number.
    shipment_id: str
    #: The shipment's version that told it last.
    version: int
    #: What was ordered.
    quantity: int
    #: What came so far, in all parcels.
    received: int
    #: The shipment's status.
    status: str
    #: When it is expected.
    expected: float
    #: The standard deviation of that, in days.
    spread_days: float = 0.0
    #: When the supplier promised it; None if it did not.
    promised: float | None = None
    #: When it was ordered; None if nobody said.
    ordered: float | None = None
    #: Who sends it.
    supplier: str | None = None
    #: The way it takes.
    lane: str | None = None
    #: Who carries it.
    carrier: str | None = None
    #: By what: road, sea, air and so on.
    mode: str | None = None
    #: The alert that it was ordered for.
    alert_id: str | None = None
    #: The disruption that moves its date.
    cause: str | None = None
    #: Why, in words.
    reason: str | None = None
    #: The alert of the wide disruption that holds it up.
    parent_id: str | None = None
    #: The arrival before `cause` moved it; None if its news did not say.
    base: float | None = None
    #: The spread of that, in days.
    base_spread: float = 0.0
    #: The wide disruption that moved it.
    held_by: Disruption | None = None
    #: The location that it comes from, if it is no shipment's but a transfer.
    transfer_from: str | None = None
    #: Whether nobody gave a date: see `arrivals.with_dates`.
    undated: bool = False
    #: What its shipment says is still to come; None where its news did not say.
    still_open: int | None = None
    #: What came and went, and when, those through `settled` merged; None where its news did not say.
    receipts: tuple[tuple[float, int], ...] | None = None
    #: Through when receipts are merged.
    settled: float = 0.0
    #: The order that it is a part of.
    order_id: str | None = None
    #: How much of it comes under dispatch advices instead.
    taken_over: int = 0
    #: When its number was used again for it; 0 for the first under it.
    begun: float = 0.0
    #: The code that it brings, if it is on order of one that this item replaces.
    of_sku: str | None = None
    #: In what its supplier's word differs from its purchase order, and how many units of that were ordered elsewhere since.
    deviation: LineDeviation | None = None
    made_up: int = 0
    #: The production line here that makes it.
    made_on: str | None = None

    @property
    def open_quantity(self) -> int:
        """What is still to come; an over-receipt leaves nothing open, nor what dispatch advices have taken over."""
        if self.still_open is None:
            return max(self.quantity - self.received, 0)
        return max(self.still_open - self.taken_over, 0)


class Done(msgspec.Struct, array_like=True):
    """A line of which nothing is still to come, as its shipment last told it at `at`; times in seconds since 1970, others as in `Line`."""

    version: int
    receipts: tuple[tuple[float, int], ...]
    settled: float = 0.0
    begun: float = 0.0
    at: float = 0.0


class Advice(msgspec.Struct, array_like=True):
    """What a dispatch advice says of an order's item: what is still to come under it, and what came when (see `Line`).

    `again` is that it was known under the same order before, and was forgotten.
    """

    still_open: int
    receipts: tuple[tuple[float, int], ...]
    settled: float = 0.0
    again: bool = False


class Reservation(msgspec.Struct, array_like=True):
    """A quantity that procurement said it ordered and whose shipment has not been seen yet.

    `at` is when it was said and `ask_at` when it is asked for (seconds since 1970; 0 if that is not known yet).
    """

    quantity: int
    at: float
    shipment_id: str | None = None
    ask_at: float = 0.0


class Dispatch(msgspec.Struct, array_like=True):
    """What one event sent: its digest, its transfer, where to, how many units, when they left and are due (seconds since 1970).

    `taught` says whether they were learned as demand.
    """

    digest: bytes
    transfer: str
    to_location: str
    units: int
    left: float
    due: float
    taught: bool


class AreaCount(msgspec.Struct, array_like=True, frozen=True):
    """What a count found in one area, and when (seconds since 1970)."""

    at: float
    quantity: int


class Book(msgspec.Struct, array_like=True):
    """What is known of one item at one location; quantities in units, times in seconds and days in days, both since 1970.

    `wake_position` is compared with the inventory position, `wake_on_hand` with the stock on hand and `wake_sold` with
    the open day's sales: only when one of the three is crossed is the book reconsidered.
    """

    #: What the records say is there; below nothing where more was sold.
    on_hand: int = 0
    #: What is still to come on open lines.
    on_order: int = 0
    #: What customers wait for.
    backorders: int = 0
    #: What procurement said it ordered and no shipment shows yet.
    reserved: int = 0
    #: The inventory position at which the book is reconsidered.
    wake_position: int = NEVER
    #: The stock on hand at which it is.
    wake_on_hand: int = NEVER
    #: The open day's sales at which it is.
    wake_sold: int = NEVER_SOLD
    #: What was sold in all.
    sold: int = 0
    #: What customers brought back in all.
    returned: int = 0
    #: What came in all.
    received: int = 0
    #: What was thrown away in all.
    spoiled: int = 0
    #: Sales that came when their day was closed.
    late_events: int = 0
    #: By how much the last count corrected the book.
    count_error: int = 0
    #: When the last count was taken; 0 if none was.
    counted_at: float = 0.0
    #: The latest time of the movements that fell out of those kept here.
    forgotten: float = 0.0
    #: The latest event time seen.
    clock: float = 0.0
    #: The offset last applied of each of `SOURCES`.
    applied: list[int] = msgspec.field(default_factory=lambda: [-1] * len(SOURCES))
    #: Those of the last events' ids, packed (see `memory`).
    digests: bytearray = msgspec.field(default_factory=bytearray)
    #: Times and changes of stock of the last events, packed (see `memory`).
    movements: bytearray = msgspec.field(default_factory=bytearray)
    #: What sells, and what is expected to.
    demand: Demand = msgspec.field(default_factory=Demand)
    #: The master data; None if nobody told.
    item: Item | None = None
    #: Open lines of shipments and transfers, by what they are kept under.
    lines: dict[str, Line] = {}
    #: Version and received quantity of lines that were done before `done_lines` was kept.
    closed_lines: dict[str, tuple[int, int]] = {}
    #: What procurement said it ordered, by alert.
    reservations: dict[str, Reservation] = {}
    #: The open alerts, by kind.
    alerts: dict[str, OpenAlert] = {}
    #: How many alerts of each kind were opened so far.
    episodes: dict[str, int] = {}
    #: The last offset applied of each partition that puts records back here.
    origins: dict[str, int] = {}
    #: The targets of the last decision.
    targets: Targets | None = None
    #: What waits to be published.
    outbox: list[OutboxMessage] = []
    #: The time of the count before the last: only what happened in between can explain the error.
    count_explains: float = 0.0
    #: Units of backorders that were filled before the backorder itself was seen.
    filled_early: int = 0
    #: When the last of these was.
    filled_early_at: float = 0.0
    #: Units ordered by customers since the last day was closed.
    backordered: int = 0
    #: Units thrown away since the last day was closed.
    wasted: int = 0
    #: What was last said to be to spare.
    surplus: int = 0
    #: When the newest master data seen were changed, whether the item is planned by them or not.
    item_version: float = 0.0
    #: How much of the last transfers has arrived, by what their lines are kept under.
    arrived: dict[str, int] = {}
    #: Units of transfers that arrived, the last at that time (seconds since 1970), before anything was said to be on its way.
    arrived_early: int = 0
    arrived_early_at: float = 0.0
    #: Customer orders that are not due yet, by day.
    later: dict[int, int] = {}
    #: The day through which such orders are among the backorders (see `promises`).
    reached: int = 0
    #: Whether the item's master data call it inactive.
    off_shelf: bool = False
    #: How many movements fell out of those kept here.
    fallen: int = 0
    #: The first of these that is still kept beside the book.
    kept: int = 0
    #: When some fell out last.
    turns: list[int] = []
    #: Sums of the movements that are kept nowhere, by day.
    days: dict[int, int] = {}
    #: The latest time of these.
    summed: float = 0.0
    #: The day up to which their days are one.
    blurred: int = 0
    #: What the last count found; -1 if that is not known.
    counted: int = -1
    #: What the last count is made of, by area.
    areas: dict[str, AreaCount] = {}
    #: The time of a count that came too late to be placed.
    unplaced: float = 0.0
    #: The last number of each source of events.
    sequences: dict[str, int] = {}
    #: Lines of which nothing is still to come.
    done_lines: dict[str, Done] = {}
    #: What dispatch advices say, by order and advice.
    advised: dict[str, dict[str, Advice]] = {}
    #: Units of backorders that were cancelled before they were seen.
    cancelled_early: int = 0
    #: When the last of these was.
    cancelled_early_at: float = 0.0
    #: Units wanted by customers, by open day.
    backordered_on: dict[int, int] = {}
    #: Which code replaces this one, what this one inherits of another (see `succession`), and what of that is free now, in units.
    replaced: Replaced | None = None
    inheritance: Inheritance | None = None
    inherited: int = 0
    #: What is there and may not be sold: in all, and by lot; a lot below nothing was released before its hold was heard. With lots that
    #: have a day of expiry, these, too.
    held: int = 0
    holds: dict[str, int] | Lots = {}
    #: The country of the location, if anybody told.
    country: str | None = None
    #: What its own deliveries took, by the name of their source.
    took: dict[str, LeadTime] = {}
    #: Whom it feeds and who feeds it, if other locations do.
    network: Network | None = None
    #: Units that must have been there though nobody recorded them, and when that was last seen (see `unrecorded`; seconds since 1970).
    unrecorded: int = 0
    unrecorded_at: int = 0
    #: What of `later` was demand of the day on which it was ordered, as it was due before goods ordered then would be there.
    sudden: dict[int, int] = {}
    #: Units that fell due since the last day was closed and were known so early that the demand did not learn of them.
    besides: int = 0
    #: What it is made of, and what is needed of it as a part, if anybody told.
    production: Production | None = None
    #: When the last alert of each kind ended, in seconds since 1970.
    ended: dict[str, int] = {}
    #: The last transfers that left, and the last that arrived whole (see `dispatches`).
    dispatched: list[Dispatch] = []
    unloaded: list[Line] = []
    #: The sources of earlier master data that the item has no more (see `arrivals.source_of`).
    former: tuple[Source, ...] = ()

    @property
    def sells_in(self) -> str | None:
        """The country whose holidays count: the item's own, else the location's; None if nobody told."""
        own = None if self.item is None else self.item.country
        return self.country if own is None else own

    @property
    def stock_is_known(self) -> bool:
        """Whether anybody ever said what is there: before a first count or receipt, nothing is ordered."""
        if self.counted_at > 0 or self.received > 0:
            return True
        legacy = None if self.inheritance is None else self.inheritance.legacy
        return legacy is not None and legacy.stands

    @property
    def inventory_position(self) -> int:
        """On hand plus on order (and ordered, but not seen yet) less backorders and what is held, with what is free of a code that it replaces.

        A book below nothing has sold some of what is on order already; what is beyond that counts as `unrecorded`.
        """
        stock = self.on_hand + self.unrecorded + self.inherited - self.on_hold
        return stock + self.on_order + self.reserved - self.backorders

    @property
    def on_hold(self) -> int:
        """What of the stock on hand may not be sold, in units: no more than there is."""
        return min(self.held, self.stock) if self.held else 0

    @property
    def stock(self) -> int:
        """What is there, in units: on hand with what must have been there unrecorded, and never below nothing."""
        return max(self.on_hand + self.unrecorded, 0)

    @property
    def overdrawn(self) -> int:
        """The units of what is to come that have been sold already, as the book is below nothing without them."""
        return max(-(self.on_hand + self.unrecorded + max(self.inherited, 0)), 0)
