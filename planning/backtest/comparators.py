"""The rivals: what purchasing does without Andon, each set up as somebody who knows it well would.

All of them see what Andon sees, sales and stock at the end of each day; days that ended without stock and sold nothing
teach them nothing either. All order in the same packs and minimum orders, and none for less than the same cycle.
"""

from typing import Final, Literal

import numpy as np

from andon.planning.backtest.history import Batch, Reals, Units
from andon.planning.backtest.world import World
from andon.planning.policy import policy

Rival = Literal["static min/max", "moving average", "periodic order-up-to", "weeks of cover"]
#: How many days a moving average looks back: four weeks in the textbook's reorder point, eight where orders are periodic.
WINDOW_DAYS: Final = {"moving average": 28, "periodic order-up-to": 56, "weeks of cover": 28}
_DAYS_A_YEAR: Final = 365.25
#: Who sold nothing for weeks still keeps one on the shelf: an item that is never there never sells again.
_LEAST: Final = 1.0


class Terms:
    """What an order of each item must look like, and what an economic one is; one entry an item."""

    def __init__(self, batch: Batch) -> None:
        items = batch.items
        self.pack: Units = np.array([item.pack_size for item in items], dtype=np.int64)
        self.least: Units = np.array([item.minimum_order for item in items], dtype=np.int64)
        self.life: Reals = np.array([item.shelf_life_days or np.inf for item in items])
        holding = [policy.holding_cost(item, _DAYS_A_YEAR) for item in items]
        ordering = [policy.order_cost(item) for item in items]
        self._economic: Reals = np.array(
            [
                2 * cost * _DAYS_A_YEAR / yearly if yearly > 0 else 0.0
                for cost, yearly in zip(ordering, holding, strict=True)
            ]
        )
        self.review: Reals = batch.review.astype(np.float64)
        self.lead_days: Reals = np.array([one.lead_time.mean_days for one in batch.histories])
        self.lead_sd_days: Reals = np.array([one.lead_time.sd_days for one in batch.histories])

    def cycle(self, daily: Reals) -> Reals:
        """Return the units of an order: the economic quantity (Harris, 1913), or a review period's demand if more."""
        economic = np.sqrt(self._economic * daily)
        longest = np.minimum(policy.LONGEST_CYCLE_DAYS, self.life) * daily
        units: Reals = np.maximum(np.minimum(economic, longest), self.review * daily)
        return units

    def order(self, wanted: Reals) -> Units:
        """Return orders of at least the minimum in whole packs, for units that are wanted; nothing for nothing."""
        units = np.ceil(wanted - 1e-9).astype(np.int64)
        packed = -(-np.maximum(units, self.least) // self.pack) * self.pack
        ordered: Units = np.where(units > 0, packed, 0)
        return ordered


class Static:
    """Reorder at a minimum up to a maximum, both set once from the warm-up: what an ERP's reordering rules do.

    The minimum is the mean over lead time and review plus `z` of its standard deviations.
    """

    def __init__(self, batch: Batch, z: Reals) -> None:
        self._terms = terms = Terms(batch)
        mean, sd = warm_up(batch)
        needed = mean * (terms.lead_days + terms.review) + z * _deviation(terms, mean, sd)
        self.minimum = np.maximum(needed, _LEAST)
        self.maximum = self.minimum + terms.cycle(mean)

    def initial(self) -> Units:
        """Return the maxima."""
        return _whole(self.maximum)

    def close(self, row: int, world: World) -> Units:
        """Return orders up to the maximum where the position has fallen to the minimum."""
        return _reorder(self._terms, world, row, self.minimum, self.maximum)


class Moving:
    """The policies that follow a moving average of the last days' sales.

    Args:
        batch: the items.
        rival: which: `moving average` is the textbook's reorder point with z-sigma-root-L safety stock; `periodic
            order-up-to` orders up to that level at every review; `weeks of cover` holds so many weeks more than the lead
            time needs, whatever demand does.
        z: standard deviations of safety stock, or weeks of cover.
    """

    def __init__(self, batch: Batch, rival: Rival, z: Reals) -> None:
        self._batch, self._rival, self._z = batch, rival, z
        self._terms = Terms(batch)
        self._window = WINDOW_DAYS[rival]
        self._mean, self._sd = _at_begin(batch, self._window)

    def _levels(self) -> tuple[Reals, Reals]:
        terms, mean = self._terms, self._mean
        needed = mean * (terms.lead_days + terms.review)
        if self._rival == "weeks of cover":
            level = needed + self._z * 7 * mean
        else:
            level = needed + self._z * _deviation(terms, mean, self._sd)
        level = np.maximum(level, _LEAST)
        if self._rival == "moving average":
            return level, level + terms.cycle(mean)
        # A level that is ordered up to at every review needs no more than the economic order on top of it.
        cycle = terms.cycle(mean)
        return level - 1e-6, level + np.where(cycle > terms.review * mean, cycle, 0.0)

    def initial(self) -> Units:
        """Return what is ordered up to on the first day."""
        return _whole(self._levels()[1])

    def close(self, row: int, world: World) -> Units:
        """Take in the day and return the orders."""
        first = max(row - self._window + 1, 0)
        batch = self._batch
        rows = np.arange(first, row + 1)[:, None]
        simulated = rows >= batch.begin[None, :]
        if batch.conditions.lost_sales:
            seen = np.where(simulated, world.sold[first : row + 1], batch.demand[first : row + 1])
        else:
            seen = batch.demand[first : row + 1]
        empty = simulated & (world.stock[first : row + 1] <= 0) & (seen == 0)
        learned = batch.known[first : row + 1] & ~empty
        mean, sd = moments(seen, learned)
        enough = learned.sum(axis=0) >= min(7, self._window)
        self._mean = np.where(enough, mean, self._mean)
        self._sd = np.where(enough, sd, self._sd)
        return _reorder(self._terms, world, row, *self._levels())


def moments(seen: Units, learned: object) -> tuple[Reals, Reals]:
    """Return mean and standard deviation of each column over the days that teach something."""
    weight = np.asarray(learned, dtype=np.float64)
    count = weight.sum(axis=0)
    mean = (seen * weight).sum(axis=0) / np.maximum(count, 1)
    squares = (((seen - mean) ** 2) * weight).sum(axis=0)
    return mean, np.sqrt(squares / np.maximum(count - 1, 1))


def warm_up(batch: Batch) -> tuple[Reals, Reals]:
    """Return mean and standard deviation of each item's days before its simulation begins."""
    return _at_begin(batch, batch.days)


def _at_begin(batch: Batch, window: int) -> tuple[Reals, Reals]:
    rows = np.arange(batch.days)[:, None]
    begin = batch.begin[None, :]
    learned = batch.known & (rows < begin) & (rows >= begin - window)
    return moments(batch.demand, learned)


def _deviation(terms: Terms, mean: Reals, sd: Reals) -> Reals:
    """Return the standard deviation over lead time and review, with that of the lead time itself."""
    days = terms.lead_days + terms.review
    total: Reals = np.sqrt(days * sd**2 + (mean * terms.lead_sd_days) ** 2)
    return total


def _reorder(terms: Terms, world: World, row: int, minimum: Reals, maximum: Reals) -> Units:
    position = world.position
    low = world.reviewed(row) & (position <= minimum)
    return terms.order(np.where(low, maximum - position, 0.0))


def _whole(levels: Reals) -> Units:
    return np.maximum(np.ceil(levels - 1e-9), 0).astype(np.int64)
