"""Planners' ways of ordering that a backtest does not show: Croston's method and its kin, and ordering what sold."""

from typing import Any, Final, Literal

import numpy as np

from andon.planning.backtest.comparators import Terms
from andon.planning.backtest.history import Batch, Reals, Units
from andon.planning.backtest.world import World

Method = Literal["Croston", "SBA", "TSB"]
METHODS: Final[tuple[Method, ...]] = ("Croston", "SBA", "TSB")
#: As the literature has it (Syntetos and Boylan, 2005; Teunter, Syntetos and Babai, 2011).
_ALPHA: Final = 0.1
_OCCURRENCE: Final = 0.05
#: What is left of the mean square of a day's errors after a day.
_SPREAD_KEPT: Final = 0.98
_WINDOW_DAYS: Final = 56


def _levels(terms: Terms, daily: Reals, sd: Reals, z: float) -> tuple[Reals, Reals]:
    """Return minimum and maximum: the mean over lead time and review, z standard deviations, and an order on top."""
    days = terms.lead_days + terms.review
    deviation = np.sqrt(days * sd**2 + (daily * terms.lead_sd_days) ** 2)
    level = np.maximum(daily * days + z * deviation, 1.0)
    cycle = terms.cycle(daily)
    return level - 1e-6, level + np.where(cycle > terms.review * daily, cycle, 0.0)


def _seen(batch: Batch, world: World, row: int) -> tuple[Units, Any]:
    """Return what was seen to sell on a day, and of which items it says something: not of an empty shelf."""
    if not batch.conditions.lost_sales:
        return batch.demand[row], batch.known[row]
    sold = np.where(world.active, world.sold[row], batch.demand[row])
    empty = world.active & (world.stock[row] <= 0) & (sold == 0)
    return sold, batch.known[row] & ~empty


class Intermittent:
    """Orders up to what Croston (1972), Syntetos and Boylan (2005) or Teunter, Syntetos and Babai (2011) expect, and z deviations.

    Size and gap (or chance) of sales are smoothed; the deviation is that of a day's errors.
    """

    def __init__(self, batch: Batch, method: Method, z: float) -> None:
        self._batch, self._method, self._z = batch, method, z
        self._terms = Terms(batch)
        count = len(batch.histories)
        self._size = np.zeros(count)
        self._gap = np.ones(count)
        self._since = np.ones(count)
        self._often = np.full(count, 0.5)
        self._squares = np.zeros(count)
        self._weight = np.zeros(count)
        for row in range(int(batch.begin.max(initial=0))):
            self._learn(batch.demand[row], batch.known[row] & (row < batch.begin))

    @property
    def _daily(self) -> Reals:
        if self._method == "TSB":
            return self._often * self._size
        bias = 1.0 - _ALPHA / 2 if self._method == "SBA" else 1.0
        return bias * self._size / self._gap

    def _learn(self, sold: Units, learned: Any) -> None:
        errors = (sold - self._daily) ** 2
        self._squares = np.where(learned, _SPREAD_KEPT * self._squares + errors, self._squares)
        self._weight = np.where(learned, _SPREAD_KEPT * self._weight + 1.0, self._weight)
        sells, first = learned & (sold > 0), self._size == 0
        alpha = np.where(first, 1.0, _ALPHA)
        self._size = np.where(sells, self._size + alpha * (sold - self._size), self._size)
        self._gap = np.where(sells, self._gap + alpha * (self._since - self._gap), self._gap)
        self._since = np.where(sells, 1.0, self._since + learned)
        often = self._often + _OCCURRENCE * ((sold > 0) - self._often)
        self._often = np.where(learned, often, self._often)

    def _aims(self) -> tuple[Reals, Reals]:
        sd = np.sqrt(self._squares / np.maximum(self._weight, 1.0))
        return _levels(self._terms, self._daily, sd, self._z)

    def initial(self) -> Units:
        """Return what is ordered up to on the first day."""
        return np.ceil(self._aims()[1] - 1e-9).astype(np.int64)

    def close(self, row: int, world: World) -> Units:
        """Take in the day, and order up to the level."""
        sold, learned = _seen(self._batch, world, row)
        self._learn(sold, learned & world.active)
        minimum, maximum = self._aims()
        low = world.reviewed(row) & (world.position <= minimum)
        return self._terms.order(np.where(low, maximum - world.position, 0.0))


class WhatSold:
    """Orders what sold since it last looked: the stock it begins with, from eight weeks, is all that it ever has."""

    def __init__(self, batch: Batch, z: float) -> None:
        self._batch, self._terms = batch, Terms(batch)
        rows = np.arange(batch.days)[:, None]
        learned = batch.known & (rows < batch.begin) & (rows >= batch.begin - _WINDOW_DAYS)
        count = np.maximum(learned.sum(axis=0), 1)
        mean = (batch.demand * learned).sum(axis=0) / count
        sd = np.sqrt((((batch.demand - mean) ** 2) * learned).sum(axis=0) / count)
        self._level = np.ceil(_levels(self._terms, mean, sd, z)[1] - 1e-9).astype(np.int64)
        self._owed = np.zeros(len(batch.histories), dtype=np.int64)

    def initial(self) -> Units:
        """Return the level."""
        return self._level

    def close(self, row: int, world: World) -> Units:
        """Order what was sold, in packs, when enough of it has come together."""
        taken = world.sold[row] + (
            0 if self._batch.conditions.lost_sales else world.short[row] * world.active
        )
        self._owed += taken
        pack = self._terms.pack
        ordered = np.where(
            world.reviewed(row) & (self._owed >= self._terms.least), self._owed // pack * pack, 0
        )
        self._owed -= ordered
        return ordered
