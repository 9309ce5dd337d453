"""What a book knows of the network it is part of: whom it feeds and what they need, and what the locations that feed it told."""

from typing import Final

import msgspec

#: So many locations may be fed with one item from one place: what they need is part of its record.
MOST_FED: Final = 1000
#: No chain of locations has more levels.
MOST_LEVELS: Final = 16


class Fed(msgspec.Struct, array_like=True):
    """A location that is fed from here, as it last told its need (see `schemas.needs.Need`), and what was told to it.

    `sent` is how much was sent to it so far, in units; what of that it has not heard of yet is not in its `position`. `told` is
    a digest of what was last said to it, `given` what of a short supply (-1: it may have what it wants) and `why`, and `ready_at` from when
    there is more (seconds since 1970; 0: nothing is short).
    """

    version: int = -1
    at: float = 0.0
    position: int = 0
    target: int = 0
    mean: float = 0.0
    variance: float = 0.0
    horizon_days: float = 1.0
    lead_time_days: float = 0.0
    shortage_cost: float = 0.0
    lot: int = 1
    tier: int = 0
    heard: int = 0
    level: int = 0
    refused: bool = False
    ends: bool = False
    sent: int = 0
    told: bytes = b""
    told_version: int = -1
    given: int = -1
    up_to: int = 0
    ready_at: float = 0.0
    horizon_told: float = 0.0
    why: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is fed from here at all."""
        return self.version >= 0 and not (self.refused or self.ends)

    @property
    def reached(self) -> int:
        """Its position with what was sent to it and is not known there yet, in units."""
        return self.position + max(self.sent - self.heard, 0)

    @property
    def daily(self) -> float:
        """What it needs a day, in units."""
        return self.mean / self.horizon_days

    @property
    def daily_variance(self) -> float:
        """The variance of that, in units squared."""
        return self.variance / self.horizon_days


class Source(msgspec.Struct, array_like=True):
    """A location that an item comes from, as it last told what it has (see `schemas.needs.Feed`); times in seconds since 1970.

    `heard` is how much it has sent so far, in units, as far as is known here, and `said` a summary of the need that it was last
    told, with the `said_version`.
    """

    version: int = -1
    horizon_days: float = 0.0
    above: tuple[tuple[str, float], ...] = ()
    given: int = -1
    up_to: int = 0
    ready_at: float = 0.0
    cause: str | None = None
    reason: str | None = None
    parent_id: str | None = None
    why: str = ""
    heard: int = 0
    said: tuple[float, ...] = ()
    said_version: int = -1

    @property
    def is_short(self) -> bool:
        """Whether it has too little for all that it feeds."""
        return self.given >= 0


class Network(msgspec.Struct, array_like=True):
    """Whom a book feeds and where its item comes from, by location. `wave` counts how often those shared what was short.

    `wake` is the echelon position at which the need of one of them must be looked at.
    """

    fed: dict[str, Fed] = {}
    sources: dict[str, Source] = {}
    wave: int = 0
    #: When what is short was last shared, and until when it must do (seconds since 1970; 0: nothing is short), what there was, and had been sent, then.
    shared_at: float = 0.0
    shared_until: float = 0.0
    shared_units: int = 0
    shared_sent: int = 0
    #: What the dearest unit that nobody got would have been worth then.
    worth: float = 0.0
    wake: int = 0
    #: Whether goods were sent to others than these, too.
    sells: bool = False

    @property
    def feeds(self) -> list[Fed]:
        """The locations that are fed from here."""
        return [one for one in self.fed.values() if one.counts]


def level_of(network: Network | None) -> int:
    """Return an item's low-level code at a location: 0 where it feeds no other, else one more than the highest of those it feeds."""
    feeds = [] if network is None else network.feeds
    return min(1 + max(one.level for one in feeds), MOST_LEVELS) if feeds else 0


def daily(network: Network | None) -> float:
    """Return what the locations that are fed need a day, in units."""
    return 0.0 if network is None else sum(one.daily for one in network.feeds)


def below(network: Network | None) -> int:
    """Return the positions of all locations that are fed, in units: the part of the echelon position that lies below."""
    return 0 if network is None else sum(one.reached for one in network.feeds)
