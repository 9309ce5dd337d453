"""Items: the planning master data of one item at one location."""

from typing import Annotated, Literal

import msgspec

from andon.schemas.common import (
    Country,
    Days,
    Instant,
    Location,
    Money,
    Name,
    PositiveQuantity,
    Record,
    Share,
    Sku,
    Text,
)

ServiceClass = Literal["lean", "balanced", "critical"]
#: How far an item has come on the way to being ordered by its alerts.
Stage = Literal["shadow", "pilot", "live"]


class Source(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One way to get the item: a supplier, by a lane, carrier and mode, at a price, in a time."""

    supplier: Name
    lead_time_days: Annotated[float, msgspec.Meta(gt=0, le=3650)]
    lead_time_sd_days: Days | None = None
    unit_cost: Money | None = None
    order_cost: Money | None = None
    lane: Name | None = None
    carrier: Name | None = None
    mode: Name | None = None
    expedite: bool = False


class Item(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How an item at a location is bought, kept and sold; the first source that is no expedite is the usual one.

    `service_class` is the dial between just-in-time and just-in-case; `service_level` overrides it.
    `shortage_cost` is what one unit not sold costs (default: the margin, or half the unit cost);
    `stage` says who acts on its replenishment alerts: nobody yet (shadow), a buyer who looks at each (pilot), or whatever
    consumes them (live). `waiting_cost` is what a unit that a customer waits for costs a day, where sales wait instead of being lost.
    `country` (ISO 3166, such as `DE`) is where it sells: its holidays. `holding_cost_rate` is the yearly cost of holding stock as a share of its value.
    """

    location: Location
    sku: Sku
    updated_at: Instant
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1, max_length=32)]
    description: Text = ""
    category: Name | None = None
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}\\Z")] = "EUR"
    unit_cost: Money = 1.0
    unit_price: Money | None = None
    shortage_cost: Money | None = None
    waiting_cost: Money | None = None
    order_cost: Money = 0.0
    holding_cost_rate: Share = 0.25
    service_class: ServiceClass = "balanced"
    service_level: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None
    pack_size: PositiveQuantity = 1
    minimum_order: PositiveQuantity = 1
    review_period_days: Annotated[float, msgspec.Meta(ge=0, le=365)] = 1.0
    shelf_life_days: Annotated[float, msgspec.Meta(gt=0, le=36500)] | None = None
    expected_daily_demand: Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None = None
    active: bool = True
    stage: Stage = "live"
    country: Country | None = None

    @property
    def at(self) -> float:
        """When the data were last changed, in seconds since 1970."""
        return self.updated_at.timestamp()
