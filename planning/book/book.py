"""The book of one item at one location: everything the decisions need, in one record that is written at once."""

from typing import Final

import msgspec

from andon.planning.alerting.alerts import OpenAlert, OutboxMessage
from andon.planning.demand.demand import Demand
from andon.planning.network.state import Network
from andon.planning.policy.policy import Targets
from andon.planning.production.state import Production
from andon.planning.supply.disruption import Disruption
from andon.planning.supply.lead_time import LeadTime
from andon.schemas.items import Item
from andon.schemas.orders import LineDeviation
from andon.schemas.succession import Legacy

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
    """One open line of an inbound shipment; times are seconds since 1970, `received` counts all parcels so far.

    `base` and `base_spread` are the arrival and its spread before `cause` moved them (None if its news did not say), and
    `held_by` the wide disruption that did. `undated` is that nobody gave a date: see `arrivals.with_dates`. `still_open` is what its
    shipment says is still to come, `receipts` what came and went at which time, those through `settled` merged (None where its
    news did not say), `order_id` the order it is a part of, `taken_over` how much of it comes under dispatch advices instead, and
    `begun` when its number was used again for it.
    """

    shipment_id: str
    version: int
    quantity: int
    received: int
    status: str
    expected: float
    spread_days: float = 0.0
    promised: float | None = None
    ordered: float | None = None
    supplier: str | None = None
    lane: str | None = None
    carrier: str | None = None
    mode: str | None = None
    alert_id: str | None = None
    cause: str | None = None
    reason: str | None = None
    parent_id: str | None = None
    base: float | None = None
    base_spread: float = 0.0
    held_by: Disruption | None = None
    #: The location that it comes from, if it is no shipment's but a transfer.
    transfer_from: str | None = None
    undated: bool = False
    still_open: int | None = None
    receipts: tuple[tuple[float, int], ...] | None = None
    settled: float = 0.0
    order_id: str | None = None
    taken_over: int = 0
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


class AreaCount(msgspec.Struct, array_like=True, frozen=True):
    """What a count found in one area, and when (seconds since 1970)."""

    at: float
    quantity: int


class Replaced(msgspec.Struct, array_like=True):
    """Which code takes the place of a book's, from which day on (since 1970); "" if none does any more.

    `told_at` is when that was decided (seconds since 1970), `count` how often what is left was told, `said` a digest of what was
    told last, and `said_day` the last closed day of which what was taught was told.
    """

    sku: str = ""
    starts_on: int = 0
    told_at: float = 0.0
    count: int = 0
    said: bytes = b""
    said_day: int = -2


class Inheritance(msgspec.Struct, array_like=True):
    """What a book's item takes over of another code: which, how many of its units one of that is, and from which day on.

    `legacy` is what was told of it last (`heard_at` and `version` say when), `adopted` whose demand was taken over, and `sold` what
    the old code sold by day, as far as it is in the demand. `awaited` is since when its first word is waited for (seconds since
    1970; -1: nobody has looked yet, 0: it is not).
    """

    sku: str
    factor: float = 1.0
    starts_on: int = 0
    legacy: Legacy | None = None
    heard_at: float = 0.0
    version: int = 0
    adopted: str = ""
    sold: dict[int, int] = {}
    awaited: float = 0.0


class Book(msgspec.Struct, array_like=True):
    """Stock, demand, supply and alerts of one item at one location.

    `wake_position` is compared with the inventory position, `wake_on_hand` with the stock on hand and `wake_sold` with
    the open day's sales: only when one of the three is crossed is the book reconsidered. `digests` packs those of
    the last events' ids and `movements` their times and changes of stock (see `memory`), `forgotten` is the latest time of
    those that fell out of them, `fallen` how many did and `kept` the first of these that is still kept beside the book, `turns`
    when some fell out last, `days` the sums by day (since 1970) of those not kept, `summed` the latest time of these, and
    `blurred` the day up to which their days are one. `counted` is what the last count found (-1: not known), `areas` what it
    is made of, and `unplaced` the time of a count that came too late to be placed. `sequences` is the last number of each
    source of events. `done_lines` are the lines of which nothing is to come, `closed_lines` version and received quantity of those
    that were done before these were kept, `advised` what dispatch advices say, by order and advice, `count_error` by how
    much the last count corrected the book, and `count_explains` the time of the count before it: only what happened in
    between can explain the error. `filled_early` counts units of backorders that were filled, the last at
    `filled_early_at`, before the backorder itself was seen, `cancelled_early` those that were cancelled before, and
    `backordered_on` counts those wanted by open day (days since 1970). `backordered` and `wasted` count units since the last
    day was closed; `surplus` is what was last said to be to spare. `item_version` is when the newest master data were changed
    that the book has seen (seconds since 1970), whether the item is planned by them or not.
    `later` has the customer orders that are not due yet, by day (since 1970), and those through the day `reached` are among the
    backorders (see `promises`); `off_shelf` is that the item's master data call it inactive.
    """

    on_hand: int = 0
    on_order: int = 0
    backorders: int = 0
    reserved: int = 0
    wake_position: int = NEVER
    wake_on_hand: int = NEVER
    wake_sold: int = NEVER_SOLD
    sold: int = 0
    returned: int = 0
    received: int = 0
    spoiled: int = 0
    late_events: int = 0
    count_error: int = 0
    counted_at: float = 0.0
    forgotten: float = 0.0
    clock: float = 0.0
    applied: list[int] = msgspec.field(default_factory=lambda: [-1] * len(SOURCES))
    digests: bytearray = msgspec.field(default_factory=bytearray)
    movements: bytearray = msgspec.field(default_factory=bytearray)
    demand: Demand = msgspec.field(default_factory=Demand)
    item: Item | None = None
    lines: dict[str, Line] = {}
    closed_lines: dict[str, tuple[int, int]] = {}
    reservations: dict[str, Reservation] = {}
    alerts: dict[str, OpenAlert] = {}
    episodes: dict[str, int] = {}
    origins: dict[str, int] = {}
    targets: Targets | None = None
    outbox: list[OutboxMessage] = []
    count_explains: float = 0.0
    filled_early: int = 0
    filled_early_at: float = 0.0
    backordered: int = 0
    wasted: int = 0
    surplus: int = 0
    item_version: float = 0.0
    #: How much of the last transfers has arrived, by what their lines are kept under.
    arrived: dict[str, int] = {}
    #: Units of transfers that arrived, the last at that time (seconds since 1970), before anything was said to be on its way.
    arrived_early: int = 0
    arrived_early_at: float = 0.0
    later: dict[int, int] = {}
    reached: int = 0
    off_shelf: bool = False
    fallen: int = 0
    kept: int = 0
    turns: list[int] = []
    days: dict[int, int] = {}
    summed: float = 0.0
    blurred: int = 0
    counted: int = -1
    areas: dict[str, AreaCount] = {}
    unplaced: float = 0.0
    sequences: dict[str, int] = {}
    done_lines: dict[str, Done] = {}
    advised: dict[str, dict[str, Advice]] = {}
    cancelled_early: int = 0
    cancelled_early_at: float = 0.0
    backordered_on: dict[int, int] = {}
    #: Which code replaces this one, what this one inherits of another (see `succession`), and what of that is free now, in units.
    replaced: Replaced | None = None
    inheritance: Inheritance | None = None
    inherited: int = 0
    #: What is there and may not be sold: in all, and by lot; a lot below nothing was released before its hold was heard.
    held: int = 0
    holds: dict[str, int] = {}
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
