"""What may happen before the next receipt is here, mixed over the days on which it may come.

A receipt strays from its expected time as a normal does, but before it by no more than a quarter of the time that is left:
goods of which nothing is known for weeks may come any day, and nobody plans on that. What makes one of several late makes all
of them late: with the same standard normal z, a receipt expected after e days with a spread of s comes after e + s z days, or
e + min(s, e / 4) z where z is below 0, and relief is the first of them. So the wait only grows, in distribution, as any of
them gets later, and with it the risk and the shortage; and the shortage grows as all of them get less sure. One of several
that alone gets less sure may also come before the others.
"""

import math
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from typing import Final

import msgspec
from scipy.special import roots_legendre

from andon.planning.demand import special_functions as special
from andon.planning.demand.demand import DAY, Demand, over, over_each
from andon.planning.demand.distributions import Distribution
from andon.planning.demand.silences import with_silences

#: No wait is shorter than this many days: an hour or so.
SOONEST_DAYS: Final = 0.05
#: The mean and the variance of max(z, 0) for a standard normal z.
_LATE_MEAN: Final = 1 / math.sqrt(2 * math.pi)
_LATE_VARIANCE: Final = 0.5 - 1 / (2 * math.pi)
#: Where a stock outlasts by so many standard deviations even a delay that one in 700 receipts has, no risk is worth a look.
_LATEST: Final = 3.0
_SAFE: Final = 4.0
#: The odds of running out rise from next to none to next to one within so many standard deviations of when that is expected.
_RISE: Final = 3.5
_LEAST_MASS: Final = 1e-3
#: What is promised to a customer for later: from when on (seconds since 1970), and how many units.
Promise = tuple[float, int]


_SMALL_MASS: Final = 0.1
#: Nothing comes earlier, a standard deviation, than by this share of the days left.
_EARLY: Final = 0.25
#: So many receipts are looked at for where one takes the place of another as the first.
_MOST_TURNS: Final = 4
_Rule = tuple[tuple[float, float], ...]


def _rule(points: int) -> _Rule:
    """Return the points and weights of a Gauss-Legendre rule on [0, 1]."""
    places, weights = roots_legendre(points)
    return tuple((float(x + 1) / 2, float(w) / 2) for x, w in zip(places, weights, strict=True))


_ONE: Final = _rule(1)
_SOME: Final = _rule(3)
_MANY: Final = _rule(6)


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """Goods to come: expected time (seconds since 1970), how far they stray from it in days, and how many units."""

    expected: float
    spread_days: float
    quantity: int


class Wait(msgspec.Struct, frozen=True, gc=False):
    """How long the next receipt may take: `days` and `spread_days` of those of which any may be the first, in their order."""

    receipts: tuple[tuple[float, float], ...]

    @property
    def days(self) -> float:
        """The days until the next receipt is expected."""
        return self.receipts[0][0]

    @property
    def is_sure(self) -> bool:
        """Whether it is known to the day."""
        return len(self.receipts) == 1 and self.receipts[0][1] <= 0

    @property
    def turns(self) -> list[float]:
        """The probabilities at which another of the receipts becomes the first."""
        found = []
        for (one, strays), (other, less) in combinations(self.receipts[:_MOST_TURNS], 2):
            early, sooner = min(strays, _EARLY * one), min(less, _EARLY * other)
            for slope, deviates in ((strays - less, 1.0), (early - sooner, -1.0)):
                deviate = (other - one) / slope if slope else 0.0
                if deviate * deviates > 0 and math.isclose(
                    self.after(deviate), one + deviate * (strays if deviate > 0 else early)
                ):
                    found.append(special.ndtr(deviate))
        return found

    def after(self, deviate: float) -> float:
        """Return the days it takes if everything is so many standard deviations late; early, where that is below 0."""
        if deviate >= 0:
            return min(days + spread * deviate for days, spread in self.receipts)
        soonest = min(days + min(spread, _EARLY * days) * deviate for days, spread in self.receipts)
        return max(soonest, SOONEST_DAYS)

    def within(self, days: float) -> float:
        """Return the probability that it takes no longer than so many days."""
        found = 0.0
        for expected, spread in self.receipts:
            strays = spread if expected <= days else min(spread, _EARLY * expected)
            if strays > 0:
                found = max(found, special.ndtr((days - expected) / strays))
            elif expected <= days:
                return 1.0
        return found

    def demand(self, demand: Demand, now: float) -> Distribution:
        """Return the demand until the first of the receipts is here, by its mean and variance over all waits."""
        days, spread = self.receipts[0]
        days += _LATE_MEAN * spread
        until = over(demand, now, days)
        if spread <= 0:
            return until
        daily = until.mean / days
        return Distribution(
            until.mean, until.variance + _LATE_VARIANCE * (daily * spread) * (daily * spread)
        )


def wait_for(receipts: Sequence[Receipt], now: float, order_days: float) -> Wait:
    """Return how long relief may take: the next of the receipts, or, if there is none, an order placed now.

    A receipt that is expected after another which is surer, and comes no more early, can never be the first.
    """
    if not receipts:
        return Wait(((max(order_days, SOONEST_DAYS), 0.0),))
    front: list[tuple[float, float]] = []
    surest, least, soonest = math.inf, -1.0, math.inf
    for receipt in sorted(receipts, key=_expected):
        days, spread = (
            max((receipt.expected - now) / DAY, SOONEST_DAYS),
            max(receipt.spread_days, 0.0),
        )
        early = min(spread, _EARLY * days)
        is_ahead = early > least and days - _LATEST * early < soonest
        if spread < surest or is_ahead:
            front.append((days, spread))
            surest = min(surest, spread)
            least = max(least, early)
            soonest = min(soonest, days - _LATEST * early)
        if not surest and days * (1 - _LATEST * _EARLY) >= soonest:
            break
    return Wait(tuple(front))


def _expected(receipt: Receipt) -> tuple[float, float]:
    return receipt.expected, receipt.spread_days


def before_relief(
    stock: int,
    wait: Wait,
    demand: Demand,
    now: float,
    dry_days: float,
    promises: Sequence[Promise] = (),
) -> tuple[float, float]:
    """Return the probability that demand exceeds the stock before relief is here, and the units expected to be short.

    Both are mixed over the wait, by a Gauss-Legendre rule in its probability. Nothing on hand with any demand is a stock-out.

    Args:
        stock: what is free to sell now, in units.
        wait: until relief.
        demand: of the item.
        now: seconds since 1970.
        dry_days: after how many days the stock is gone in expectation.
        promises: what leaves the stock later.
    """
    sold = over_each(demand, now)
    sells = with_silences(demand, sold)

    def at(days: float) -> tuple[float, float]:
        left = stock
        if promises and stock > 0:
            left -= sum(units for due, units in promises if due <= now + days * DAY)
        until = sells(days)
        if left > 0:
            return until.short_of(left)
        # What is missing already is not short once more.
        missing = -left if stock > 0 else 0
        return (1.0 if until.mean > 0 or missing else 0.0), until.mean + missing

    if wait.is_sure:
        return at(wait.days)
    if stock > 0 and not promises and stock > sold(wait.after(_LATEST)).about(_SAFE):
        return 0.0, 0.0
    risk = short = 0.0
    for begin, end, rule in _stretches(stock, wait, sold, dry_days):
        mass = end - begin
        for place, weight in rule:
            odds, missing = at(wait.after(special.ndtri(begin + place * mass)))
            risk += mass * weight * odds
            short += mass * weight * missing
    return min(risk, 1.0), short


def _stretches(
    stock: int, wait: Wait, sold: Callable[[float], Distribution], dry_days: float
) -> list[tuple[float, float, _Rule]]:
    """Return the wait's probability in stretches, each with its rule: more points where the odds of running out rise."""
    if stock <= 0:
        return [(0.0, 0.5, _SOME), (0.5, 1.0, _SOME)]
    rising = sold(max(dry_days, SOONEST_DAYS))
    width = _RISE * rising.sd * dry_days / max(rising.mean, 1e-9)
    low = wait.within(dry_days - width)
    high = max(wait.within(dry_days + width), low)
    # Early and late are two laws: no rule reaches over both.
    edges = sorted((0.0, low, min(max(0.5, low), high), high, 1.0))
    found = []
    for begin, end in pairwise(edges):
        rule = _SOME
        if end <= low:
            rule = _ONE
        elif begin >= low and end <= high and end - begin > _SMALL_MASS:
            rule = _MANY
        parts = ((begin, 0.5), (0.5, end)) if begin < 0.5 < end else ((begin, end),)
        found += [(*part, rule) for part in parts]
    if len(wait.receipts) > 1:
        for turn in wait.turns:
            found = [
                (*part, rule)
                for begin, end, rule in found
                for part in (
                    ((begin, turn), (turn, end)) if begin < turn < end else ((begin, end),)
                )
            ]
    return [one for one in found if one[1] - one[0] > _LEAST_MASS]
