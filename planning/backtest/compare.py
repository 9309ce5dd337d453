"""Policies compared: on what they cost, and on the stock they need for the same service."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from andon.planning.backtest.history import Reals
from andon.planning.backtest.measure import DAYS_A_YEAR, Outcome

#: Where fewer of the resamplings have a figure, its range is that of the lucky ones, and is not told.
_LEAST_KNOWN: Final = 0.95


@dataclass(frozen=True)
class Interval:
    """A figure with the interval that holds it in 95 of 100 resamplings of the items; None: not known."""

    value: float
    low: float | None
    high: float | None


def resamples(items: int, count: int, seed: int) -> Reals:
    """Return how often each item is drawn, one row a resampling; the first row is the items as they are."""
    chance = np.random.default_rng(seed)
    drawn = chance.multinomial(items, np.full(items, 1 / items), size=count).astype(np.float64)
    return np.vstack([np.ones(items), drawn])


def stock_at(curve: Sequence[Outcome], fill_rate: float, weights: Reals, *, money: bool) -> Reals:
    """Return the average stock at which a policy serves this share of demand, for each row of weights.

    Between the points of its curve it is interpolated linearly; beyond them it is not known (NaN).

    Args:
        curve: outcomes of the policy at several settings of its dial.
        fill_rate: the share, within (0, 1).
        weights: as from `resamples`.
        money: the stock's value instead of its units.
    """
    demand = weights @ np.array([one.demand for one in curve]).T
    sold = weights @ np.array([one.sold for one in curve]).T
    held = [(one.stock_value if money else one.stock) / one.days for one in curve]
    stock = weights @ np.array(held).T
    fills = sold / np.maximum(demand, 1e-9)
    found = np.full(len(weights), np.nan)
    for row, (fill, level) in enumerate(zip(fills, stock, strict=True)):
        order = np.argsort(fill)
        if fill[order[0]] <= fill_rate <= fill[order[-1]]:
            found[row] = np.interp(fill_rate, fill[order], level[order])
    return found


def less_stock(
    ours: Sequence[Outcome],
    theirs: Sequence[Outcome],
    fill_rate: float,
    weights: Reals,
    *,
    money: bool = False,
) -> Interval | None:
    """Return by what share our stock is below theirs at the same fill rate; None where one of them never reaches it."""
    own = stock_at(ours, fill_rate, weights, money=money)
    other = stock_at(theirs, fill_rate, weights, money=money)
    return interval(1.0 - own / other)


def dearer(theirs: Outcome, ours: Outcome, weights: Reals) -> Interval | None:
    """Return by what amount a year their cost is above ours."""
    extra = (theirs.cost - ours.cost) / ours.days * DAYS_A_YEAR
    return interval(weights @ extra)


def interval(values: Reals) -> Interval | None:
    """Return the first of the values and the range of the middle 95 % of the rest; None if the first is not known.

    The range is not known where more than one in twenty of the rest are not (Efron and Tibshirani, An Introduction to
    the Bootstrap, 1993, 13.3, for the percentiles).
    """
    if not len(values) or not np.isfinite(values[0]):
        return None
    drawn = values[1:]
    known = drawn[np.isfinite(drawn)]
    if not len(drawn) or len(known) < _LEAST_KNOWN * len(drawn):
        return Interval(float(values[0]), None, None)
    low, high = np.percentile(known, [2.5, 97.5])
    return Interval(float(values[0]), float(low), float(high))
