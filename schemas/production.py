"""Production: what becomes of the orders of a production line, and what its parts' books tell it."""

from typing import Annotated, Literal

import msgspec

from andon.schemas.alerts import Alternative
from andon.schemas.common import (
    Event,
    Identifier,
    Instant,
    Location,
    NonNegativeQuantity,
    Quantity,
    Record,
    Reference,
    Sku,
    Text,
)

ProductionStatus = Literal["released", "started", "made", "stopped", "finished", "cancelled"]


class Substitute(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A part that an order uses in place of a component."""

    sku: Sku
    in_place_of: Sku


class ProductionEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened to a production order on its line.

    `released`: it is to be made, `quantity` units of it. `made`: so many more were finished (and so many `scrapped` besides).
    `stopped`: it stands still, until something of it is started or made. `finished`: no more of it comes. What a later release does
    not name is as it was. A report of less than nothing takes back what was reported wrongly, at the time of that.
    """

    order_id: Identifier
    #: Where, on which line, and what.
    location: Location
    line: Location
    sku: Sku
    status: ProductionStatus
    quantity: Quantity | None = None
    scrapped: Quantity = 0
    #: Of a release: when it is to begin, and to be done.
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    #: Of a release: how long one unit takes; by default `quantity` units from `starts_at` to `ends_at`.
    minutes_each: Annotated[float, msgspec.Meta(gt=0, le=525_600)] | None = None
    #: Of a release: the alert that asked for it.
    alert_id: Reference | None = None
    #: Of a release: parts that are used in place of components.
    instead: Annotated[tuple[Substitute, ...], msgspec.Meta(max_length=64)] = ()
    reason: Text = ""

    def __post_init__(self) -> None:
        if self.status in ("released", "made") and self.quantity is None:
            msg = f"quantity: {self.status} needs to say how many"
            raise ValueError(msg)
        if self.quantity is not None and self.quantity < 1 and self.status != "made":
            msg = "quantity: expected 1 or more; only made may take back what was reported, with less than 0"
            raise ValueError(msg)
        if self.status == "made" and not (self.quantity or self.scrapped):
            msg = "quantity: of made, either it or scrapped is other than 0"
            raise ValueError(msg)
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            msg = "ends_at: lies before starts_at"
            raise ValueError(msg)


class RunUpdate(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: how a production order stands on its line, told to the book of what is made (in seconds since 1970, and seconds).

    `begins` is when the next of its units is begun, `each` how long one takes, `left` how many are still to be made. `began` is when
    the first was (0: none), `cancelled` that it was called off here. `told_made` and `told_scrapped` are what was said before, given once
    the order was over: a book may have forgotten it.
    """

    line: Location
    begins: float
    each: float
    left: NonNegativeQuantity
    made: NonNegativeQuantity
    scrapped: NonNegativeQuantity = 0
    started: bool = False
    #: What is used in place of components, by these.
    instead: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it
    began: float = 0.0
    cancelled: bool = False
    told_made: NonNegativeQuantity = 0
    told_scrapped: NonNegativeQuantity = 0


class RunNeed(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What an order still takes of a part: `takes` for each of `units`, from `begins` on, one every `each` seconds.

    That is `offset` seconds after the unit is begun; below nothing, before it.
    """

    order_id: Identifier
    line: Location
    begins: float
    each: float
    units: float
    takes: float
    #: The order names it in place of a component.
    instead: bool = False
    offset: float = 0.0


class StandIn(Record, frozen=True, kw_only=True, omit_defaults=True):
    """That a part may be used in place of a component of an item, and how many units of it one unit then takes."""

    of: Sku
    in_place_of: Sku
    takes: float
    priority: int = 0


class Requirement(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: all that an item needs of one of its parts (absolute, so repeatable), told to the part's book.

    `used` is how much of it was used since `since`, the last of it at `used_at` (seconds since 1970), `planned` what orders will take
    that are not released yet, by day (since 1970), and `runs` what those take that are. `level` is the part's low-level code.
    `stands_in` is what it may stand in for on which `lines`: that takes nothing of it yet.
    """

    of: Sku
    used: float = 0.0
    used_at: float = 0.0
    since: float = 0.0
    planned: tuple[tuple[int, float], ...] = ()
    runs: tuple[RunNeed, ...] = ()
    level: int = 0
    stands_in: tuple[StandIn, ...] = ()
    lines: tuple[str, ...] = ()
    #: It is not made of this part any more.
    ends: bool = False
    #: What one unit of it that is not built costs, in its currency.
    worth: float = 0.0
    currency: str = "EUR"


class Left(Record, frozen=True, kw_only=True, omit_defaults=True):
    """That an order is to be made on another line since: when it was released there (seconds since 1970), and which line that is."""

    order_id: Identifier
    released: float
    line: Location


class Coverage(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: how long a part lasts on a production line, as its book tells the line (absolute, so repeatable).

    `stops_at` is when a unit of `order_id` can first not be begun for want of it (None: it lasts for all orders), `short` how many
    units of the part lack until more of it comes, at `relief_at`, and `spare` what of it no order needs. `makes` is what the line makes
    of it, and `stands_in` what it may stand in for. `waits` is for how many seconds the unit that stops it was begun by then. `gone`
    is which orders of the item itself have left the line for another.
    """

    location: Location
    line: Location
    part: Sku
    version: int
    updated_at: Instant
    description: Text = ""
    makes: tuple[Sku, ...] = ()
    stops_at: Instant | None = None
    order_id: Identifier | None = None
    on_hand: int = 0
    short: int = 0
    relief_at: Instant | None = None
    currency: str = "EUR"
    ways: tuple[Alternative, ...] = ()
    spare: int = 0
    stands_in: tuple[StandIn, ...] = ()
    #: The alert of the part's own book, if it has one.
    parent_id: Reference | None = None
    #: Nothing on the line needs it any more.
    ends: bool = False
    #: What is not built for want of it costs so much until more of it comes, and so much an hour (0: that is not known).
    at_stake: float = 0.0
    hourly: float = 0.0
    waits: float = 0.0
    gone: tuple[Left, ...] = ()

    @property
    def at(self) -> float:
        """When it came to this, in seconds since 1970."""
        return self.updated_at.timestamp()
