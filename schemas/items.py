"""Items: the planning master data of one item at one location."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from andon.schemas.calendars import ClosedDates, Weekdays
from andon.schemas.common import (
    Country,
    Currency,
    Days,
    Instant,
    Location,
    Money,
    Name,
    NonNegativeQuantity,
    PositiveQuantity,
    Record,
    Share,
    Sku,
    Text,
    Weight,
)
from andon.schemas.succession import Replaces

_EPOCH = date(1970, 1, 1).toordinal()
_LONGEST_PROMOTION_DAYS = 366

ServiceClass = Literal["lean", "balanced", "critical"]
#: How far an item has come on the way to being ordered by its alerts.
Stage = Literal["shadow", "pilot", "live"]
#: What becomes of demand that cannot be served.
UnmetDemand = Literal["lost", "backordered"]
#: Whether an item is bought again, or what is left of it is sold and no more.
Lifecycle = Literal["normal", "run_down"]


class PriceBreak(
    Record, frozen=True, kw_only=True, omit_defaults=True, rename={"quantity": "from"}
):
    """What a unit costs in an order of at least so many: the price of all units, not of those beyond."""

    #: The least quantity for which it holds (`from` in JSON).
    quantity: PositiveQuantity
    #: In the source's currency.
    unit_cost: Money


class Source(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One way to get the item: a supplier, by a lane, carrier and mode, at a price, in a time, in quantities that it takes.

    What it does not say of quantities is the item's `pack_size` and `minimum_order`. Where it is another location, such as a
    warehouse, it names that in place of a supplier; the days and the cut-off by which a warehouse takes orders are told like a
    supplier's, under its own name.
    """

    supplier: Name | None = None
    #: The location that sends the item, in place of a supplier.
    from_location: Location | None = None
    #: The production line here that makes the item, in place of both.
    made_on: Location | None = None
    lead_time_days: Annotated[float, msgspec.Meta(ge=0, le=3650)]
    lead_time_sd_days: Days | None = None
    #: Amounts are in its `currency`, the item's unless told.
    unit_cost: Money | None = None
    order_cost: Money | None = None
    currency: Currency | None = None
    #: What one of its currency is worth in the item's.
    exchange_rate: Annotated[float, msgspec.Meta(gt=0, le=1e9)] | None = None
    lane: Name | None = None
    carrier: Name | None = None
    mode: Name | None = None
    expedite: bool = False
    #: What the supplier calls the item.
    item_code: Name | None = None
    #: An order is a multiple of each of these that is given: packs, layers, pallets.
    pack_size: PositiveQuantity | None = None
    layer_size: PositiveQuantity | None = None
    pallet_size: PositiveQuantity | None = None
    #: The least and the most that one order takes.
    minimum_order: PositiveQuantity | None = None
    maximum_order: PositiveQuantity | None = None
    #: What a unit costs in larger orders.
    price_breaks: Annotated[tuple[PriceBreak, ...], msgspec.Meta(max_length=32)] = ()
    #: The first and the last day of the offer, on the supplier's calendar.
    valid_from: date | None = None
    valid_until: date | None = None
    #: Where this source differs from its supplier: on which weekdays it takes orders, and dates on which it is closed besides.
    order_weekdays: Weekdays | None = None
    closed: ClosedDates = ()
    #: The usual source is the one with the lowest number among those that are no expedite; the first of equals.
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0

    def __post_init__(self) -> None:
        if self.supplier is None and self.from_location is None and self.made_on is None:
            msg = (
                "supplier: a source names its supplier, or the location that it is (from_location), "
                "or the line that makes it (made_on)"
            )
            raise ValueError(msg)
        if self.supplier is not None and self.from_location is not None:
            msg = "from_location: a source is a supplier or a location, not both; leave one out"
            raise ValueError(msg)
        if self.made_on is not None and (self.supplier or self.from_location) is not None:
            msg = "made_on: what is made here has no supplier and no location; leave them out"
            raise ValueError(msg)

    @property
    def origin(self) -> str:
        """The supplier or location that sends the item, or the line that makes it, as people know it."""
        return self.supplier or self.from_location or self.made_on or ""


class Promotion(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Days on which the item is promoted, the first and the last included, and by how much demand is expected to multiply.

    They are days of the item's location. What promotions really do to the item is learned; `expected_uplift` is what is believed until then.
    """

    starts_on: date
    ends_on: date
    expected_uplift: Annotated[float, msgspec.Meta(ge=0.1, le=100)] = 1.0

    def __post_init__(self) -> None:
        if not 0 <= (self.ends_on - self.starts_on).days <= _LONGEST_PROMOTION_DAYS:
            msg = (
                f"ends_on: expected within {_LONGEST_PROMOTION_DAYS} days from {self.starts_on} on, "
                f"got {self.ends_on}"
            )
            raise ValueError(msg)

    @property
    def span(self) -> tuple[int, int, float]:
        """Its first and last day (days since 1970), and what is expected of it."""
        return (
            self.starts_on.toordinal() - _EPOCH,
            self.ends_on.toordinal() - _EPOCH,
            self.expected_uplift,
        )


class Item(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How an item at a location is bought, kept and sold; the first source that is no expedite is the usual one."""

    #: Where it is sold or used.
    location: Location
    #: What it is.
    sku: Sku
    #: When these data were changed: the newest counts.
    updated_at: Instant
    #: The ways to get it.
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1, max_length=32)]
    #: What people call it.
    description: Text = ""
    #: The kind of goods that it is of: its like lend it their seasons.
    category: Name | None = None
    #: The currency of all its money (ISO 4217).
    currency: Currency = "EUR"
    #: What a unit costs.
    unit_cost: Money = 1.0
    #: What it sells for.
    unit_price: Money | None = None
    #: What one unit not sold costs (default: the margin, or half the unit cost).
    shortage_cost: Money | None = None
    #: What a unit that a customer waits for costs a day, where sales wait instead of being lost.
    waiting_cost: Money | None = None
    #: What one order costs, whatever is in it.
    order_cost: Money = 0.0
    #: The yearly cost of holding stock, as a share of its value.
    holding_cost_rate: Share = 0.25
    #: The dial between just-in-time and just-in-case.
    service_class: ServiceClass = "balanced"
    #: The share of cycles without a stock-out; overrides the class.
    service_level: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None
    #: An order is a multiple of it.
    pack_size: PositiveQuantity = 1
    #: The least that one order takes.
    minimum_order: PositiveQuantity = 1
    #: How many days lie between two chances to order.
    review_period_days: Annotated[float, msgspec.Meta(ge=0, le=365)] = 1.0
    #: How many days it can be sold for.
    shelf_life_days: Annotated[float, msgspec.Meta(gt=0, le=36500)] | None = None
    #: What a planner expects it to sell, before it has sold.
    expected_daily_demand: Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None = None
    #: Whether it is on the shelf.
    active: bool = True
    #: Who acts on its replenishment alerts: nobody yet (shadow), a buyer who looks at each (pilot), or whatever consumes them (live).
    stage: Stage = "live"
    #: Where it sells (ISO 3166, such as `DE`): its holidays.
    country: Country | None = None
    #: Those known beforehand.
    promotions: Annotated[tuple[Promotion, ...], msgspec.Meta(max_length=366)] = ()
    #: Whether it is bought again, or sold out and not ordered any more (`run_down`).
    lifecycle: Lifecycle = "normal"
    #: The code that it takes the place of; a code alone stands for one unit each, at once.
    replaces: Sku | Replaces | None = None
    #: What becomes of what is short: it is lost, or waits; None where nobody says.
    unmet_demand: UnmetDemand | None = None
    #: Where the location that it comes from has too little for all: lower numbers are served first.
    allocation_tier: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    #: What a location keeps back for itself when it shares out too little, in units.
    allocation_reserve: NonNegativeQuantity = 0
    #: What a unit weighs, in kilograms.
    unit_weight: Weight | None = None

    def __post_init__(self) -> None:
        if self.unmet_demand == "lost" and self.waiting_cost is not None:
            msg = "waiting_cost: what is lost does not wait; leave it out, or say unmet_demand backordered"
            raise ValueError(msg)
        if any(source.from_location == self.location for source in self.sources):
            msg = f"sources: {self.location} cannot be its own source, name another location"
            raise ValueError(msg)
        for source in self.sources:
            if source.currency not in (None, self.currency) and source.exchange_rate is None:
                msg = (
                    f"exchange_rate: {source.origin} is paid in {source.currency} and the item reckons in "
                    f"{self.currency}, say what one {source.currency} is worth"
                )
                raise ValueError(msg)
        if self.predecessor is not None and self.predecessor.sku == self.sku:
            msg = "replaces: an item cannot take its own place, name the old code"
            raise ValueError(msg)

    @property
    def predecessor(self) -> Replaces | None:
        """Which code it takes the place of, and how; None if it is nobody's successor."""
        if isinstance(self.replaces, str):
            return Replaces(sku=self.replaces)
        return self.replaces

    @property
    def at(self) -> float:
        """When the data were last changed, in seconds since 1970."""
        return self.updated_at.timestamp()
