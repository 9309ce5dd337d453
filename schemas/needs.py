"""Needs: what a location needs of the one that feeds it, what that has for it, and how what is short was shared."""

from andon.schemas.common import Instant, Location, Money, Record, Reference, Sku


class Need(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: what a location needs of the warehouse that it comes from (absolute, so repeatable).

    `version` grows with every change. `position` is what is there and on its way, less what is promised, with that of the
    locations which it feeds itself, and `target` what it should be. `mean` and `variance` are of the demand over `horizon_days`,
    in units and units squared; `heard` is how much of what the warehouse sent it has heard of, in units.
    """

    warehouse: Location
    sku: Sku
    #: Whose need it is.
    location: Location
    version: int
    updated_at: Instant
    position: int = 0
    target: int = 0
    mean: float = 0.0
    variance: float = 0.0
    horizon_days: float = 1.0
    #: How long a transfer takes.
    lead_time_days: float = 0.0
    #: What a unit costs that is short there.
    shortage_cost: Money = 0.0
    #: A transfer is a multiple of so many units.
    lot: int = 1
    #: Lower numbers are served first where goods are short.
    tier: int = 0
    heard: int = 0
    #: How many levels of locations it feeds: the low-level code.
    level: int = 0
    #: The source was refused, since goods would go round in a circle: nothing is needed.
    refused: bool = False
    #: Nothing is needed any more.
    ends: bool = False

    @property
    def at(self) -> float:
        """When it came to this, in seconds since 1970."""
        return self.updated_at.timestamp()


class Step(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One location on the way that goods come, and when its source was decided (seconds since 1970)."""

    location: Location
    since: float = 0.0


class Feed(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Internal: what a warehouse has for a location that it feeds, told to the book there.

    `horizon_days` is over how long its own goods must last with what is on its way to the location, and `above` the way that the
    goods come, the warehouse first. Where it is short, `given` is what the location may have of what there is, `up_to` the
    position that this brings it to, and `ready_at` when there will be more; `cause`, `reason` and `parent_id` say why that is late.
    """

    warehouse: Location
    horizon_days: float = 1.0
    above: tuple[Step, ...] = ()
    given: int | None = None
    up_to: int = 0
    ready_at: Instant | None = None
    cause: Reference | None = None
    reason: str | None = None
    parent_id: Reference | None = None
    #: How the goods were shared, in words.
    why: str = ""


class Portion(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What one location got when goods were shared, and all that it followed from; costs are in the currency of the record.

    `mean` and `variance` are of its demand until there is more; `worth_last` is what the last unit given is worth there, and
    `worth_next` what one more would be.
    """

    location: Location
    wanted: int
    given: int = 0
    position: int = 0
    mean: float = 0.0
    variance: float = 0.0
    shortage_cost: float = 0.0
    lot: int = 1
    tier: int = 0
    #: What a unit left over is worth when there is more, where that is too little, too.
    later: float = 0.0
    worth_last: float = 0.0
    worth_next: float = 0.0
    why: str = ""


class Allocation(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How a warehouse shares an item that is short: one record a wave, with everything that it followed from.

    `available` are the units to be shared, after `reserve` was kept back; `until` is when there will be more.
    """

    allocation_id: Reference
    location: Location
    sku: Sku
    wave: int
    decided_at: Instant
    available: int
    reserve: int = 0
    until: Instant | None = None
    currency: str = "EUR"
    portions: tuple[Portion, ...] = ()
    sentence: str = ""
