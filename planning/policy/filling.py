"""A supplier's minimum is filled: with the items nearest to their reorder points, in quantities that each of them can take.

What was chosen already is not touched. An item is first brought to its order-up-to level, the one that will be asked for next
before the others; only if all of them together do not come to the minimum, each takes as much as it may. The last one takes no
more than is missing. Where even all there is does not come to the minimum, nothing is added: an order that is not taken
needs no more goods in it.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from andon.planning.policy.lot_size import LotSize

#: Amounts of money this close are the same.
_CLOSE: Final = 1e-6
_DAYS_A_YEAR: Final = 365.25


class Measures(NamedTuple):
    """What an order comes to, or must come to at least: money, units, and kilograms."""

    value: float = 0.0
    units: float = 0.0
    weight: float = 0.0

    def plus(self, other: "Measures") -> "Measures":
        """Return the sum of two."""
        return Measures(
            self.value + other.value, self.units + other.units, self.weight + other.weight
        )

    def less(self, other: "Measures") -> "Measures":
        """Return what is missing to this where the other is there; in no measure less than nothing."""
        left = (mine - theirs for mine, theirs in zip(self, other, strict=True))
        return Measures(*(one if one > _CLOSE else 0.0 for one in left))


NOTHING: Final = Measures()


class Offer(NamedTuple):
    """How a supplier sells an item: in which quantities, what a unit weighs and costs.

    `prices` has what all units cost in an order of at least so many, from 0 on and rising in quantity; none if nobody says.
    """

    lot: LotSize
    prices: tuple[tuple[int, float], ...] = ()
    weight: float | None = None

    def price(self, quantity: int) -> float | None:
        """Return what a unit costs in an order of so many; None if nobody says."""
        found = None
        for least, price in self.prices:
            if least <= quantity:
                found = price
        return found

    def measures(self, quantity: int) -> Measures:
        """Return what so many come to; nothing in a measure of which nobody says what a unit comes to."""
        return Measures(
            quantity * (self.price(quantity) or 0.0), quantity, quantity * (self.weight or 0.0)
        )

    def first_that_closes(self, missing: Measures, least: int, most: int) -> int | None:
        """Return the smallest quantity of those it may have, from `least` to `most`, that comes to what is missing; None without."""
        multiple = self.lot.multiple
        for begin, end, price in self._segments(least, most):
            needed = [begin]
            for asked, each in zip(missing, (price, 1.0, self.weight or 0.0), strict=True):
                if asked > 0:
                    needed.append(math.ceil((asked - _CLOSE) / each) if each > 0 else end + 1)
            quantity = -(-max(needed) // multiple) * multiple
            if quantity <= end:
                return quantity
        return None

    def richest(self, least: int, most: int) -> int:
        """Return the quantity up to `most`, a lot, that comes to the most money: more for a lower price may come to less."""
        multiple = self.lot.multiple
        ends = [end // multiple * multiple for _, end, _ in self._segments(least, most)]
        fit = [one for one in ends if one >= least] or [most]
        return max(fit, key=lambda one: (self.measures(one).value, one))

    def _segments(self, least: int, most: int) -> Iterator[tuple[int, int, float]]:
        """Yield stretches of quantities, their ends included, with the price that holds in each."""
        starts = sorted({least, *(at for at, _ in self.prices if least < at <= most)})
        for place, begin in enumerate(starts):
            end = starts[place + 1] - 1 if place + 1 < len(starts) else most
            if begin <= end:
                yield begin, end, self.price(begin) or 0.0


class Candidate(NamedTuple):
    """An item of a supplier that nobody asks to order yet.

    Attributes:
        key: location/sku.
        offer: how it is sold.
        days: until its reorder point is reached.
        daily: units that sell a day.
        need: units to its order-up-to level.
        most: no more can be ordered now: its maximum, what sells before it expires, what would be too much stock.
    """

    key: str
    offer: Offer
    days: float
    daily: float
    need: int
    most: int


def fill(
    least: Measures, chosen: Measures, candidates: Iterable[Candidate], room: float = math.inf
) -> dict[str, int]:
    """Return how much of which items brings an order to what it must come to at least; nothing if it does, or if nothing can.

    Args:
        least: what the order must come to; 0 in a measure in which nothing is asked.
        chosen: what is in it.
        candidates: what could be added.
        room: so many units more the supplier takes.
    """
    missing = least.less(chosen)
    if missing == NOTHING:
        return {}
    order = sorted(candidates, key=lambda one: (one.days, one.key))
    taken: dict[str, int] = {}
    for is_rest in (False, True):
        for one in order:
            before = taken.get(one.key, 0)
            without = _replaced(chosen, one.offer, before, 0)
            asked = least.less(without)
            quantity = _takes(one, before, asked, missing, room, is_rest=is_rest)
            if quantity is None:
                continue
            room -= quantity - before
            chosen = _replaced(chosen, one.offer, before, quantity)
            taken[one.key] = quantity
            missing = least.less(chosen)
            if missing == NOTHING:
                return taken
    return {}


def _takes(
    one: Candidate,
    before: int,
    asked: Measures,
    missing: Measures,
    room: float,
    *,
    is_rest: bool,
) -> int | None:
    """Return how much of a candidate is ordered then; None if no more than before."""
    lot = one.offer.lot
    top = one.most if is_rest else min(lot.fit(one.need), one.most)
    top = lot.fit_below(min(top, before + room))
    begin = max(lot.least, before + lot.multiple if before else 0)
    if top < begin:
        return None
    closing = one.offer.first_that_closes(asked, begin, top)
    if closing is not None:
        return closing
    best = one.offer.richest(begin, top) if missing.value > 0 else top
    return best if _helps(one.offer, before, best, missing) else None


def _helps(offer: Offer, before: int, quantity: int, missing: Measures) -> bool:
    """Return whether more of an item comes nearer to what is missing."""
    more = offer.measures(quantity).less(offer.measures(before))
    return any(asked > 0 and brings > 0 for asked, brings in zip(missing, more, strict=True))


def _replaced(total: Measures, offer: Offer, before: int, after: int) -> Measures:
    old, new = offer.measures(before), offer.measures(after)
    return Measures(*(sum_ - a + b for sum_, a, b in zip(total, old, new, strict=True)))


class Break(NamedTuple):
    """The next price break of a line: from which quantity on, what a unit costs then, and what ordering that much saves."""

    quantity: int
    price: float
    saves: float


def next_break(
    offer: Offer, quantity: int, daily: float, holding_rate: float, most: float = math.inf
) -> Break | None:
    """Return the next larger quantity that has a lower price, if there is one and the item can take it.

    All units are cheaper by it (an all-units discount); those beyond what is wanted are kept until what is wanted has sold, and
    that is taken off: Q (c - c') - r c' (Q - q) q / D, with D what sells in a year.

    Args:
        offer: how it is sold.
        quantity: what is wanted (q).
        daily: units that sell a day.
        holding_rate: the yearly cost of holding stock as a share of its value (r).
        most: no more can be ordered.
    """
    now = offer.price(quantity)
    if now is None:
        return None
    for least, price in offer.prices:
        if least <= quantity or price >= now:
            continue
        larger = offer.lot.fit(least)
        if larger < least or larger > most:
            return None
        kept_years = quantity / daily / _DAYS_A_YEAR if daily > 0 else 0.0
        keeping = holding_rate * price * (larger - quantity) * kept_years
        return Break(larger, price, larger * (now - price) - keeping)
    return None


def cost_of_keeping(one: Candidate, quantity: int, rate: float) -> float:
    """Return what it costs to keep what is ordered before it is needed: until the reorder point, and what is beyond a need until it sells.

    Args:
        one: what is ordered.
        quantity: how much of it.
        rate: the yearly cost of holding stock as a share of its value.
    """
    beyond = max(quantity - one.need, 0)
    later = beyond * beyond / (2 * one.daily) if one.daily > 0 else beyond * _DAYS_A_YEAR
    unit_days = quantity * max(one.days, 0.0) + later
    return rate * (one.offer.price(quantity) or 0.0) * unit_days / _DAYS_A_YEAR
