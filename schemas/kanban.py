"""Kanban: loops of containers between who uses an item and who fills it, and what becomes of their cards."""

from typing import Annotated, Literal

import msgspec

from andon.schemas.calendars import Weekdays
from andon.schemas.common import (
    Days,
    Event,
    Identifier,
    Instant,
    Location,
    Name,
    NonNegativeQuantity,
    PositiveQuantity,
    Record,
    Sku,
)

#: No loop has more cards.
MOST_CARDS = 1000


class Loop(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A loop of containers of one item at the place where it is used; the par level of a ward is one, too.

    Each container has a card. One that was emptied is a pull: its card hangs until it is filled. A signal loop is filled
    `batch` containers at a time, when so many cards hang.
    """

    location: Location
    sku: Sku
    updated_at: Instant
    #: How many units a container holds.
    container: PositiveQuantity
    #: How many cards there are.
    cards: Annotated[int, msgspec.Meta(ge=1, le=MOST_CARDS)]
    #: Who fills it: a supplier, a location, a line.
    filled_by: Name | None = None
    #: How long it takes, in working days, until deliveries tell.
    lead_time_days: Days = 1.0
    #: What is believed to be used a working day, in units, until cards tell.
    daily_demand: Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None = None
    #: The share of what is used over the lead time that is kept besides, and units.
    safety_factor: Annotated[float, msgspec.Meta(ge=0, le=10)] = 0.0
    safety_stock: NonNegativeQuantity = 0
    #: So many containers are filled at once.
    batch: Annotated[int, msgspec.Meta(ge=1, le=MOST_CARDS)] = 1
    #: On which weekdays it is used and filled, by the location's clock; all, if nothing is said.
    working_weekdays: Weekdays | None = None

    def __post_init__(self) -> None:
        if self.batch > self.cards:
            msg = f"batch: {self.batch} cards can never hang where there are {self.cards}"
            raise ValueError(msg)

    @property
    def at(self) -> float:
        """When it was last changed, in seconds since 1970."""
        return self.updated_at.timestamp()


CardStatus = Literal["pulled", "filled", "lost"]


class CardEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a container: it was emptied (`pulled`), it is back full (`filled`), or its card is gone (`lost`)."""

    location: Location
    sku: Sku
    card: Identifier
    status: CardStatus
