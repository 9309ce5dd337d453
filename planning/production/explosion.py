"""What a made item needs of its parts: its bill with phantoms replaced by what they are made of, and orders planned ahead.

Requirements are absolute: what an item tells a part replaces whatever it told before, so that a repeat changes nothing and the
sum over all that use the part is what it must provide. Lot for lot and without stock, all of them together are (I - A)^-1 d for the
matrix A of what one takes of the other and the demand d from outside (Leontief, 1936).
"""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

from andon.schemas.boms import Alternate, Bom, Component
from andon.schemas.common import MOST_UNITS, item_key

#: No phantom lies deeper in others: what does was told in a circle that is yet to be refused.
_DEEPEST: Final = 64
#: An item has so many parts at most, those of its phantoms among them: where they would be more, a phantom stays a part.
_MOST_PARTS: Final = 2000
#: A part is needed on so many days after the begin at most: where they would be more, all of it is needed on the first of them.
_MOST_OFFSETS: Final = 16
#: No unit takes more of a part, through however many levels, and nobody is told of more: no event speaks of so many units.
_MOST_TAKEN: Final = float(MOST_UNITS)
MOST_TOLD: Final = 1e15
#: What is less than this share of a unit off a whole number is it: sums of fractions are not exact.
_SLACK: Final = 1e-6

#: Returns the bill of an item by its key, if it has one.
BillOf = Callable[[str], Bom | None]
#: Returns the keys of an item's components that are refused.
RefusedOf = Callable[[str], Collection[str]]


class Usage(NamedTuple):
    """What one unit that is begun takes of a part, when that is needed (days after the begin), and how it is booked."""

    sku: str
    takes: float
    offset_days: float = 0.0
    backflush: str = "made"
    alternates: tuple[Alternate, ...] = ()
    #: What it would take of an alternate, is that many times what it takes as one of its quantities.
    factor: float = 1.0

    def of(self, alternate: Alternate) -> float:
        """Return what one unit takes of an alternate."""
        if alternate.quantity is None:
            return self.takes
        return min(alternate.quantity * self.factor, _MOST_TAKEN)


def usages(
    bill: Bom,
    bill_of: BillOf = lambda _: None,
    refused: RefusedOf = lambda _: (),
    day: int | None = None,
) -> tuple[Usage, ...]:
    """Return what one unit of an item takes of its parts, phantoms replaced by what they are made of.

    Args:
        bill: the item's.
        bill_of: of others: a phantom of which no bill is known is a part like any other.
        refused: the components that are refused, by the key of what has them.
        day: on which production begins (since 1970); None for whatever is or will be valid.
    """
    found: dict[tuple[object, ...], Usage] = {}
    level = {(item_key(bill.location, bill.sku), 0.0): (bill, 1.0)}
    for depth in range(_DEEPEST + 1):
        deeper: dict[tuple[str, float], tuple[Bom, float]] = {}
        waiting = 0
        for (key, offset), (one, factor) in level.items():
            out = refused(key)
            for part in one.components:
                name = item_key(one.location, part.sku)
                if name in out or not is_valid(part, day):
                    continue
                share, needed = factor * (1.0 + part.scrap), offset + part.offset_days
                takes = min(share * part.quantity, _MOST_TAKEN)
                inner = bill_of(name) if part.phantom and depth < _DEEPEST else None
                if inner is not None and (name, needed) not in deeper:
                    waiting += len(inner.components)
                    if len(found) + waiting > _MOST_PARTS:
                        inner = None
                if inner is not None:
                    before = deeper.get((name, needed), (inner, 0.0))[1]
                    more = before + takes / inner.yield_share
                    deeper[name, needed] = inner, min(more, _MOST_TAKEN)
                    continue
                same = part.sku, needed, part.backflush, part.alternates
                known = found.get(same)
                if known is not None:
                    share += known.factor
                    takes = min(takes + known.takes, _MOST_TAKEN)
                found[same] = Usage(part.sku, takes, needed, part.backflush, part.alternates, share)
        if not deeper:
            break
        level = _with_few_offsets(deeper)
    return tuple(found.values())


def _with_few_offsets(
    level: dict[tuple[str, float], tuple[Bom, float]],
) -> dict[tuple[str, float], tuple[Bom, float]]:
    """Return the phantoms of a level, each at few times: as many as all ways to it would be too many."""
    offsets: dict[str, list[float]] = {}
    for key, offset in level:
        offsets.setdefault(key, []).append(offset)
    found: dict[tuple[str, float], tuple[Bom, float]] = {}
    for (key, offset), (bill, factor) in level.items():
        first = min(offsets[key]) if len(offsets[key]) > _MOST_OFFSETS else offset
        before = found.get((key, first), (bill, 0.0))[1]
        found[key, first] = bill, min(before + factor, _MOST_TAKEN)
    return found


def is_valid(one: Component, day: int | None) -> bool:
    """Return whether a component goes into what is begun on a day (since 1970)."""
    if day is None:
        return True
    begins = None if one.valid_from is None else one.valid_from.toordinal() - _EPOCH
    ends = None if one.valid_until is None else one.valid_until.toordinal() - _EPOCH
    return (begins is None or begins <= day) and (ends is None or day <= ends)


_EPOCH: Final = 719163


def planned_orders(
    gross: Mapping[int, float],
    receipts: Mapping[int, float],
    stock: float,
    today: int,
    lead_days: float,
    *,
    keeps: float = 0.0,
    fills: float = 0.0,
    lot: Callable[[float], float] = lambda quantity: quantity,
) -> dict[int, float]:
    """Return what is to be begun on which day, so that what is needed is there: the net requirement, in lots, a lead time before.

    What had to be begun before today is begun today (Orlicky, 1975).

    Args:
        gross: what is needed, in units by day (since 1970).
        receipts: what comes without a new order, likewise.
        stock: what is there, in units; below nothing where more is owed.
        today: the day from which on something can be begun.
        lead_days: how long it takes.
        keeps: what should always be left, in units.
        fills: up to how much an order then brings what is left, if that is more.
        lot: what is ordered where so much is missing.
    """
    orders: dict[int, float] = {}
    left = stock
    for day in sorted({today, *gross, *receipts}):
        left += receipts.get(day, 0.0) - gross.get(day, 0.0)
        missing = keeps - left
        if day < today or missing <= _SLACK:
            continue
        quantity = lot(max(missing, fills - left))
        begins = max(math.floor(day - lead_days + _SLACK), today)
        orders[begins] = orders.get(begins, 0.0) + quantity
        left += quantity
    return orders


def needed(
    orders: Mapping[int, float], parts: Callable[[int], Collection[Usage]], yield_share: float = 1.0
) -> dict[str, dict[int, float]]:
    """Return what orders take of each part, by day (since 1970).

    Args:
        orders: how many good units are wanted of what is begun on a day.
        parts: what one unit takes that is begun on a day.
        yield_share: the share of what is begun that is good.
    """
    found: dict[str, dict[int, float]] = {}
    for day, quantity in orders.items():
        for one in parts(day):
            due = math.floor(day + one.offset_days + _SLACK)
            by_day = found.setdefault(one.sku, {})
            more = quantity / yield_share * one.takes
            by_day[due] = min(by_day.get(due, 0.0) + more, MOST_TOLD)
    return found


def whole(quantity: float) -> int:
    """Return a quantity in whole units, rounded up; what is next to a whole number is it."""
    return math.ceil(quantity - _SLACK)
