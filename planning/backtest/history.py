"""Histories of items, laid side by side so that a day of all of them is one row."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from andon.planning.demand.promotions import Planned
from andon.planning.forecasting.year_ahead import YearAhead
from andon.planning.supply.lead_time import LeadTime
from andon.schemas.common import item_key
from andon.schemas.items import Item

Units = NDArray[np.int64]
Flags = NDArray[np.bool_]
Reals = NDArray[np.float64]

#: So many days of its own an item needs before anything is decided for it, and so many of the simulation to be judged.
LEAST_KNOWN_DAYS: Final = 28
LEAST_JUDGED_DAYS: Final = 14


@dataclass(frozen=True)
class History:
    """What an item sold at a location, day by day from `first_day` (days since 1970) on, and how it is bought.

    `in_stock` says on which days it could be sold at all (None: on all); `lead_time` is what its deliveries take, and `year`
    what its kind has sold by week. On `promoted` days (since 1970, in their order) it was promoted, as was planned before.
    """

    item: Item
    first_day: int
    sold: Units
    lead_time: LeadTime
    in_stock: Flags | None = None
    year: YearAhead | None = None
    promoted: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """`location/sku`."""
        return item_key(self.item.location, self.item.sku)

    def lent_year(self) -> YearAhead | None:
        """Return what the item's kind has sold by week, if enough of them are known."""
        return self.year

    @property
    def promotions(self) -> list[Planned]:
        """The promotions that are planned for the item, and those of its record, as spans of days."""
        spans = [one.span for one in self.item.promotions]
        begin = 0
        for place, day in enumerate(self.promoted):
            if place == 0 or self.promoted[place - 1] != day - 1:
                begin = day
            if day + 1 not in self.promoted[place + 1 : place + 2]:
                spans.append((begin, day, 1.0))
        return spans

    @property
    def last_day(self) -> int:
        """The last day of the record (days since 1970)."""
        return self.first_day + len(self.sold) - 1


def until(history: History, last_day: int) -> History:
    """Return a history as it was known at the end of a day (days since 1970)."""
    days = max(last_day - history.first_day + 1, 0)
    in_stock = None if history.in_stock is None else history.in_stock[:days]
    return replace(history, sold=history.sold[:days], in_stock=in_stock)


@dataclass(frozen=True)
class Conditions:
    """How the simulated world works.

    The policies learn for `warm_up_days` from the first day of the record (an item that starts later, for its first 28
    days), then decide; what they do counts from `settle_days` later on. `lost_sales` says whether what is short is lost
    or waits. `review_days` overrides the items' own review period; `seed` names the world's chance.
    """

    warm_up_days: int
    settle_days: int = 28
    review_days: int | None = None
    lost_sales: bool = True
    seed: int = 1


class Batch:
    """Some items' histories on one calendar: rows are days, columns are items.

    `begin` is the row of the first day that is decided for an item, `judged` the row from which on it counts, and
    `lead_days` what an order takes that is placed before a day begins: the same for every policy.
    """

    def __init__(
        self, histories: Sequence[History], conditions: Conditions, first_day: int, last_day: int
    ) -> None:
        self.histories = tuple(histories)
        self.conditions = conditions
        self.first_day = first_day
        self.days = last_day - first_day + 1
        shape = (self.days, len(self.histories))
        self.demand: Units = np.zeros(shape, dtype=np.int64)
        self.known: Flags = np.zeros(shape, dtype=np.bool_)
        self.lead_days: Units = np.zeros(shape, dtype=np.int64)
        self.begin: Units = np.zeros(shape[1], dtype=np.int64)
        for column, history in enumerate(self.histories):
            start = history.first_day - first_day
            rows = slice(start, start + len(history.sold))
            known = history.in_stock if history.in_stock is not None else np.ones(len(history.sold))
            self.known[start:, column] = True
            self.known[rows, column] = known
            # What could not be sold is not known to have been wanted.
            self.demand[rows, column] = history.sold * self.known[rows, column]
            self.begin[column] = max(conditions.warm_up_days, start + LEAST_KNOWN_DAYS)
            self.lead_days[:, column] = _lead_days(history, conditions.seed, self.days)
        self.judged: Units = self.begin + conditions.settle_days
        reviews = [
            conditions.review_days
            if conditions.review_days is not None
            else max(round(history.item.review_period_days), 1)
            for history in self.histories
        ]
        self.review: Units = np.array(reviews, dtype=np.int64)

    @property
    def items(self) -> list[Item]:
        """The items, in the order of the columns."""
        return [history.item for history in self.histories]

    @property
    def counts(self) -> Flags:
        """The days that count, by row and column."""
        rows = np.arange(self.days)[:, None]
        counted: Flags = rows >= self.judged[None, :]
        return counted


def long_enough(history: History, conditions: Conditions, first_day: int, last_day: int) -> bool:
    """Return whether an item's record leaves enough days to judge by."""
    start = max(conditions.warm_up_days, history.first_day - first_day + LEAST_KNOWN_DAYS)
    return start + conditions.settle_days + LEAST_JUDGED_DAYS <= last_day - first_day + 1


def _lead_days(history: History, seed: int, days: int) -> Units:
    """Return what an order placed on each day takes, in whole days; an item's chance depends on nothing but its name."""
    lead_time = history.lead_time
    chance = np.random.default_rng([seed, zlib.crc32(history.key.encode())])
    normal = chance.standard_normal(days)
    taken = np.rint(np.exp(lead_time.mu + lead_time.sigma * normal))
    return np.clip(taken, 0, 3650).astype(np.int64)
