"""How a warehouse shares what is too little for all: a pack at a time to whom it is worth most.

The next pack of a location is worth what a unit short costs there, times the units of it that are expected to be sold before
there is more: cost * (E[D - y]+ - E[D - y - pack]+) for a position y. What is left over then is worth what a unit is then: nothing
where there is enough, and the worth of the last unit that was shared where there is not. The worth of one pack after another falls, as E[D - y]+
is convex, so that taking the dearest each time is best of all divisions (Fox, 1966); a dynamic program finds the same. Nothing is
first come, first served.
"""

import heapq
from collections.abc import Sequence
from typing import NamedTuple

from andon.planning.demand.distributions import Distribution


class Claim(NamedTuple):
    """What one location would have: `wanted` units in packs of `lot`, on top of its position.

    `mean` and `variance` are of its demand until there is more, in units and units squared, `shortage_cost` what a unit short
    costs there. Of several the lowest `tier` is served before all others. `later` is what a unit left over is worth: where what comes
    next is too little, too, it saves one of that.
    """

    location: str
    wanted: int
    position: int
    mean: float
    variance: float
    shortage_cost: float
    lot: int = 1
    tier: int = 0
    later: float = 0.0

    def worth(self, given: int) -> float:
        """Return what the next pack is worth on top of what was given, a unit of it, in money."""
        demand = Distribution(self.mean, self.variance)
        stock = self.position + given
        saved = _short(demand, stock) - _short(demand, stock + self.lot)
        share = max(saved, 0.0) / self.lot
        if self.later >= self.shortage_cost:
            return share * self.shortage_cost
        return self.later + share * (self.shortage_cost - self.later)


class Share(NamedTuple):
    """What a location is given, what the last unit of that is worth there and what the next would be; 0 where there is none."""

    given: int
    worth_last: float
    worth_next: float


def _short(demand: Distribution, stock: int) -> float:
    """Return the units that are expected to be short of a demand, with stock below nothing short itself."""
    if stock <= 0:
        return demand.mean - stock
    return demand.shortage(stock)


def allocate(available: int, claims: Sequence[Claim]) -> list[Share]:
    """Return how to share some units among claims, in their order.

    No claim gets more than it wants, in whole packs. Of equals the one with the lower position, then the name that comes first,
    gets the next pack, so that the same claims are always shared alike.

    Args:
        available: units; nothing is shared of less than none.
        claims: who would have some.

    Raises:
        ValueError: a lot is less than one unit, or a cost less than nothing.

    Ten units for two shops that want eight each, one of which loses twice as much with each unit it lacks:

    >>> claim = Claim("store-1", wanted=8, position=0, mean=6.0, variance=6.0, shortage_cost=1.0)
    >>> dear = claim._replace(location="store-2", shortage_cost=2.0)
    >>> [share.given for share in allocate(10, [claim, dear])]
    [4, 6]
    """
    for claim in claims:
        if claim.lot < 1 or claim.shortage_cost < 0:
            msg = f"claims: expected lots of at least 1 and costs of at least 0, got {claim}"
            raise ValueError(msg)
    given = [0] * len(claims)
    last = [0.0] * len(claims)
    left = max(available, 0)
    for tier in sorted({claim.tier for claim in claims}):
        heap = [
            _offer(claim, place, 0)
            for place, claim in enumerate(claims)
            if claim.tier == tier and claim.lot <= claim.wanted
        ]
        heapq.heapify(heap)
        while heap and left > 0:
            worth, _, _, place = heapq.heappop(heap)
            claim = claims[place]
            if claim.lot > left:
                continue
            given[place] += claim.lot
            last[place] = -worth
            left -= claim.lot
            if given[place] + claim.lot <= claim.wanted:
                heapq.heappush(heap, _offer(claim, place, given[place]))
    return [
        Share(units, worth, claim.worth(units))
        for units, worth, claim in zip(given, last, claims, strict=True)
    ]


def _offer(claim: Claim, place: int, given: int) -> tuple[float, int, str, int]:
    return -claim.worth(given), claim.position + given, claim.location, place


def explained(claims: Sequence[Claim], shares: Sequence[Share]) -> list[str]:
    """Return for each claim, in words, why it gets what it gets: what a unit more would be worth there, and where it is worth more."""
    dearest = sorted(
        (
            (share.worth_last, claim.location, claim.tier)
            for claim, share in zip(claims, shares, strict=True)
            if share.given
        ),
        key=lambda one: (-one[0], one[1]),
    )
    return [_why(claim, share, dearest) for claim, share in zip(claims, shares, strict=True)]


def _why(claim: Claim, share: Share, dearest: list[tuple[float, str, int]]) -> str:
    told = f"{claim.location} gets {share.given:,} of {claim.wanted:,}"
    if share.given >= claim.wanted // claim.lot * claim.lot:
        return told if share.given == claim.wanted else f"{told}, in packs of {claim.lot}"
    first = [location for _, location, tier in dearest if tier < claim.tier]
    if first:
        return f"{told}: {first[0]} is served before it"
    rivals = [
        (worth, location)
        for worth, location, tier in dearest
        if location != claim.location and tier == claim.tier
    ]
    if not rivals:
        return f"{told}: that is all there is"
    # The last unit of the one who got the most for it: what this one did not get was worth more there.
    worth, location = rivals[0]
    return f"{told}: a unit more is worth {share.worth_next:.2f} there, the last of {location} {worth:.2f}"
