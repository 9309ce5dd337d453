"""What the items of a category and location have in common: their week, with which a new one begins, and their year.

A partition keeps a pool for each category at each location, and tells the others of it once a week: they add up what all have
told to pools of the category at the location, of the category, and of the location.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from andon.planning.alerting.alerts import OutboxMessage
from andon.planning.demand.demand import Demand
from andon.planning.demand.weekday_season import WEEKDAYS
from andon.planning.forecasting.yearly_season import Year, summed, year_of
from andon.schemas.common import utc
from andon.schemas.forecasts import PooledYear
from andon.schemas.items import Item
from andon.schemas.pools import PoolShare

#: An item teaches its pool once it has been on sale for so many days, and borrows from it in its first ones.
_TEACHES_DAYS: Final = 56
#: How much of a pool is renewed by an item that sells ten a day or more; one that sells less counts for less.
_RENEWED: Final = 0.02
_COUNTS_FULLY: Final = 10.0
#: With less evidence than of so many item-weeks nothing is lent.
_LENDS_WEEKS: Final = 8.0
#: A pool lends a year once it knows one and a half, and once so many items have told each of the last weeks on average.
LEAST_WEEKS: Final = 78
_LEAST_ITEMS: Final = 8
_YEAR, _LATELY = 52, 8
#: A borrowed week counts as so many of the item's own, and is taken by items that are no older than this.
_BORROWED_WEEKS: Final = 8.0
BORROWING_DAYS: Final = 7


class Pool(msgspec.Struct, array_like=True):
    """What each weekday is of a usual day, on average over item-weeks, recent ones counting more; `weeks` is how many count.

    `year` has the weeks of three years, and `told` is the last week (since 1970) in which it was told to other partitions.
    """

    totals: list[float] = []
    weeks: float = 0.0
    outbox: list[OutboxMessage] = []
    year: Year = msgspec.field(default_factory=Year)
    told: int = -1

    @property
    def week(self) -> list[float] | None:
        """The factors of the weekdays (Thursday first), at unit mean; None while there is too little evidence."""
        if self.weeks < _LENDS_WEEKS:
            return None
        scale = WEEKDAYS / sum(self.totals)
        return [total * scale for total in self.totals]


def pool_of(item: Item) -> str:
    """Return the name of the pool that an item teaches: its location and, if it has one, its category."""
    return f"{item.location}/{item.category or ''}"


def publish_pool(pool: Pool, item: Item, partition: int, week: int, now: float) -> None:
    """Tell other partitions of a pool, in its outbox, once a week: when the first of its items has a new week.

    By then all of them have taught it the week before, up to which it is told.

    Args:
        pool: what to tell of.
        item: one of its items.
        partition: whose pool it is.
        week: the last week that an item has taught it (weeks since 1970).
        now: seconds since 1970.
    """
    if week <= pool.told:
        return
    is_first, pool.told = pool.told < 0, week
    if is_first:
        return
    year = pool.year.until(week)
    share = PoolShare(
        location=item.location,
        category=item.category,
        partition=partition,
        updated_at=utc(now),
        first_week=year.first,
        sold=tuple(round(units, 1) for units in year.sold),
        before=tuple(round(units, 1) for units in year.before),
        items=tuple(year.items),
        weekdays=tuple(round(total, 4) for total in pool.totals),
        item_weeks=round(pool.weeks, 4),
    )
    key = share.key
    pool.outbox.append(
        OutboxMessage.of("pools", key, f"{key}:{week}", "andon.pool.learned", share, now)
    )


def names_of(location: str, category: str | None) -> tuple[str, ...]:
    """Return the names of the pools that an item is of, the finest first."""
    if category is None:
        return (f"location:{location}",)
    return (f"category:{category} at {location}", f"category:{category}", f"location:{location}")


def added(shares: Iterable[PoolShare]) -> Pool:
    """Return what several shares know together."""
    known = list(shares)
    weekdays = [share.weekdays for share in known if share.weekdays]
    return Pool(
        [sum(totals) for totals in zip(*weekdays, strict=True)],
        sum(share.item_weeks for share in known),
        year=summed(
            year_of(share.first_week, share.sold, share.before, share.items) for share in known
        ),
    )


def lent_year(pools: Iterable[tuple[str, Pool]]) -> PooledYear | None:
    """Return the weeks of the finest of an item's pools that has enough of them, None if none has.

    Enough is a year and a half, of which the last was told by eight items a week.

    Args:
        pools: names and pools, the finest first.
    """
    for name, pool in pools:
        year = pool.year
        if len(year) >= LEAST_WEEKS and _is_broad(year, _YEAR):
            index = tuple(round(level, 4) for level in year.index)
            return PooledYear(
                pool=name, first_week=year.first, index=index, weekdays=tuple(pool.week or ())
            )
    return None


def lent_week(pools: Iterable[tuple[str, Pool]]) -> list[float] | None:
    """Return the week of the finest of an item's pools that eight items tell of; else of the first broad one that lends at all.

    Args:
        pools: names and pools, the finest first.
    """
    known = list(pools)
    for _, pool in known:
        if pool.week is not None and _is_broad(pool.year, _LATELY):
            return pool.week
    return next((pool.week for _, pool in known[-2:] if pool.week is not None), None)


def _is_broad(year: Year, weeks: int) -> bool:
    """Return whether enough items have told of the last weeks."""
    items = year.items[-weeks:]
    return sum(items) >= _LEAST_ITEMS * weeks


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


def may_borrow(demand: Demand) -> bool:
    """Return whether an item is new, has not borrowed yet, and has a level: from a planner's expectation, or after the first day."""
    return demand.days <= BORROWING_DAYS and not demand.borrowed and demand.b >= 1.0


def borrow_week(demand: Demand, week: list[float]) -> bool:
    """Begin with a week that was learned from other items, and return whether it was taken.

    It counts as so many weeks of the item itself, and is forgotten as they are. It is taken once, as soon as it may be.

    Args:
        demand: the item's.
        week: the factors of the weekdays, at unit mean.
    """
    if not may_borrow(demand):
        return False
    usual = _BORROWED_WEEKS * demand.a / demand.b
    sales, exposure = demand.sales or [0.0] * WEEKDAYS, demand.exposure or [0.0] * WEEKDAYS
    demand.sales = [own + usual * factor for own, factor in zip(sales, week, strict=True)]
    demand.exposure = [own + usual for own in exposure]
    demand.borrowed = True
    return True
