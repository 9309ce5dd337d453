"""The week that items of one category, or of one location, have in common: what a new item of theirs begins with."""

from typing import Final

import msgspec

from andon.planning.alerts import Said
from andon.planning.demand import Demand
from andon.planning.season import WEEKDAYS
from andon.schemas.items import Item

#: An item teaches its pool once it has been on sale for so many days, and borrows from it in its first ones.
_TEACHES_DAYS: Final = 56
#: How much of a pool is renewed by an item that sells ten a day or more; one that sells less counts for less.
_RENEWED: Final = 0.02
_COUNTS_FULLY: Final = 10.0
#: With less evidence than of so many item-weeks nothing is lent.
_LENDS_WEEKS: Final = 8.0
#: A borrowed week counts as so many of the item's own, and is taken by items that are no older than this.
_BORROWED_WEEKS: Final = 8.0
BORROWING_DAYS: Final = 7


class Pool(msgspec.Struct, array_like=True):
    """What each weekday is of a usual day, on average over item-weeks, recent ones counting more; `weeks` is how many count.

    It has nothing to say: its outbox, which every record of state has, stays empty.
    """

    totals: list[float] = []
    weeks: float = 0.0
    outbox: list[Said] = []

    @property
    def week(self) -> list[float] | None:
        """The factors of the weekdays (Thursday first), at unit mean; None while there is too little evidence."""
        if self.weeks < _LENDS_WEEKS:
            return None
        scale = WEEKDAYS / sum(self.totals)
        return [total * scale for total in self.totals]


def pool_of(item: Item) -> str:
    """Return the name of an item's pool: its category, or where it has none its location."""
    return f"location:{item.location}" if item.category is None else f"category:{item.category}"


def teach(pool: Pool, demand: Demand) -> bool:
    """Let an item's week into its pool; False if the item is too new, or sells on too few weekdays, to say anything."""
    if demand.days < _TEACHES_DAYS or not all(demand.exposure) or not any(demand.sales):
        return False
    ratios = [sold / usual for sold, usual in zip(demand.sales, demand.exposure, strict=True)]
    weight = min(demand.a / demand.b / _COUNTS_FULLY, 1.0)
    kept, scale = 1.0 - _RENEWED * weight, weight * WEEKDAYS / sum(ratios)
    totals = pool.totals or [0.0] * WEEKDAYS
    pool.totals = [
        total * kept + ratio * scale for total, ratio in zip(totals, ratios, strict=True)
    ]
    pool.weeks = pool.weeks * kept + weight
    return True


def lend(pool: Pool, demand: Demand) -> bool:
    """Let a new item begin with its pool's week; False if it has one of its own, or nothing is known to lend."""
    week = pool.week
    return week is not None and borrow_week(demand, week)


def borrow_week(demand: Demand, week: list[float]) -> bool:
    """Begin with a week that was learned from other items, and return whether it was taken.

    It counts as so many weeks of the item itself, and is forgotten as they are. It is taken once, as soon as the level is known
    at all: from a planner's expectation, or after the first day.

    Args:
        demand: the item's.
        week: the factors of the weekdays, at unit mean.
    """
    if demand.borrowed or demand.days > BORROWING_DAYS or demand.b < 1.0:
        return False
    usual = _BORROWED_WEEKS * demand.a / demand.b
    sales, exposure = demand.sales or [0.0] * WEEKDAYS, demand.exposure or [0.0] * WEEKDAYS
    demand.sales = [own + usual * factor for own, factor in zip(sales, week, strict=True)]
    demand.exposure = [own + usual for own in exposure]
    demand.borrowed = True
    return True
