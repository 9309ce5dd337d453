"""Surplus: what a location could give another, for those that are about to run out."""

from andon.schemas.common import Instant, Location, Money, NonNegativeQuantity, Record, Sku


class Surplus(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What an item at a location has beyond its needs (its reorder point and half a cycle); 0 if nothing any more.

    It falls by `daily_demand` from `updated_at` on, as it is not said anew with every sale. `cost_of_giving` is what a unit
    given away costs the giver, which must order so much sooner.
    """

    location: Location
    sku: Sku
    updated_at: Instant
    quantity: NonNegativeQuantity
    daily_demand: float = 0.0
    cost_of_giving: Money = 0.0
    currency: str = "EUR"
