"""Bills of material: what one unit of a made item is made of, where it is made."""

from datetime import date
from typing import Annotated, Final, Literal

import msgspec

from andon.schemas.common import MOST_UNITS, Instant, Location, Record, Sku

#: A bill has so many components at most, and each of them so many alternates.
_MOST_COMPONENTS: Final = 500
_MOST_ALTERNATES: Final = 16
_LEAST_YIELD: Final = 1e-6

#: How many units of a component one unit takes: not whole where it is cut, poured or weighed.
Each = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
#: A share more that is used than goes in.
Scrap = Annotated[float, msgspec.Meta(ge=0, le=10)]
#: When a component is taken from the stock: with each unit that is made, with all of an order when it is started, or by a movement of its own.
Backflush = Literal["made", "started", "never"]


class Alternate(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A part that may be used in place of a component."""

    sku: Sku
    #: How many units of it one unit takes; by default as many as of the component.
    quantity: Each | None = None
    #: Lower numbers are proposed first.
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0


class Component(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One part of a made item.

    A `phantom` is never in stock: in its place go the components of its own bill.
    """

    sku: Sku
    quantity: Each = 1.0
    scrap: Scrap = 0.0
    #: How many days after the begin of production it is needed; below nothing, before it.
    offset_days: Annotated[float, msgspec.Meta(ge=-365, le=365)] = 0.0
    phantom: bool = False
    #: The first and the last day, of the location's calendar, on which production begins with it.
    valid_from: date | None = None
    valid_until: date | None = None
    alternates: Annotated[tuple[Alternate, ...], msgspec.Meta(max_length=_MOST_ALTERNATES)] = ()
    backflush: Backflush = "made"


class Bom(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What one unit of an item is made of at a location; the parts lie at the same location.

    `yield_share` is the share of what is begun that is good in the end.
    """

    location: Location
    sku: Sku
    updated_at: Instant
    components: Annotated[
        tuple[Component, ...], msgspec.Meta(min_length=1, max_length=_MOST_COMPONENTS)
    ]
    yield_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0

    def __post_init__(self) -> None:
        if self.yield_share < _LEAST_YIELD:
            msg = f"yield_share: expected at least {_LEAST_YIELD:f}, one good unit in a million"
            raise ValueError(msg)
        names = [self.sku, *(one.sku for one in self.components)]
        if self.sku in names[1:]:
            msg = f"components: {self.sku} cannot be a part of itself, take it out"
            raise ValueError(msg)
        for one in self.components:
            if any(other.sku in (self.sku, one.sku) for other in one.alternates):
                msg = f"alternates: {one.sku} needs a part other than itself and {self.sku}"
                raise ValueError(msg)
            for each in (one.quantity, *(other.quantity or 0.0 for other in one.alternates)):
                if each * (1.0 + one.scrap) / self.yield_share > MOST_UNITS:
                    msg = f"components: one good unit would take more than {MOST_UNITS:,} of {one.sku}, name it in a larger unit"
                    raise ValueError(msg)

    @property
    def at(self) -> float:
        """When the bill was last changed, in seconds since 1970."""
        return self.updated_at.timestamp()
