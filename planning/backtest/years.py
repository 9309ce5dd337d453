"""The years of the items of a study: what those of a kind sold by week, for what it says of the weeks ahead.

As live (`forecasting/yearly_season.py`), a week's change is what items sold in it over what the same items sold on the same
weekdays of the week before, so that items that come and go are no season. What is asked of a year on a day is answered from the
weeks before that day.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from andon.planning.backtest.history import History, Reals
from andon.planning.forecasting.pool import names_of
from andon.planning.forecasting.weeks import WEEK
from andon.planning.forecasting.year_ahead import YearAhead

#: As live: so many items a week make a pool, an item's first days tell of no season, and none drowns the others.
_LEAST_ITEMS: Final = 8
_NEW_WEEKS: Final = 8
_COUNTS_FULLY: Final = 10.0


def with_years(histories: Sequence[History]) -> list[History]:
    """Return histories with the year of the finest of each item's pools that enough items tell of."""
    pools: dict[str, list[int]] = defaultdict(list)
    for place, history in enumerate(histories):
        for name in names_of(history.item.location, history.item.category):
            pools[name].append(place)
    years = {
        name: _year([histories[place] for place in places])
        for name, places in pools.items()
        if len(places) >= _LEAST_ITEMS
    }
    return [
        replace(
            history,
            year=next(
                (
                    years[name]
                    for name in names_of(history.item.location, history.item.category)
                    if name in years
                ),
                None,
            ),
        )
        for history in histories
    ]


def _year(histories: Sequence[History]) -> YearAhead:
    """Return the chained weeks of some items; a week of which nothing is known is as the one before it."""
    first = min(one.first_day for one in histories) // WEEK
    count = max(one.last_day for one in histories) // WEEK - first + 1
    sold, before = np.zeros(count), np.zeros(count)
    for history in histories:
        now, earlier = _weeks(history, first, count)
        sold += now
        before += earlier
    known = (sold > 0) & (before > 0)
    changes = np.where(known, sold / np.where(known, before, 1.0), 1.0)
    return YearAhead(first, np.cumprod(changes).tolist())


def _weeks(history: History, first: int, count: int) -> tuple[Reals, Reals]:
    """Return what an item sold by week, and on the same weekdays a week before, by its weight; 0 where that says nothing."""
    units = np.zeros(count * WEEK)
    known = np.zeros(count * WEEK, dtype=np.bool_)
    start = history.first_day - first * WEEK
    rows = slice(start, start + len(history.sold))
    known[rows] = True if history.in_stock is None else history.in_stock
    # What a promotion did comes again with the next one, not with the year.
    known[np.array(history.promoted, dtype=np.int64) - first * WEEK] = False
    units[rows] = np.where(known[rows], history.sold, 0)
    by_week, is_known = units.reshape(count, WEEK), known.reshape(count, WEEK)
    both = is_known[1:] & is_known[:-1]
    now = np.append(0.0, (by_week[1:] * both).sum(axis=1))
    before = np.append(0.0, (by_week[:-1] * both).sum(axis=1))
    # What it had sold a day until then weighs it.
    days = np.maximum(np.cumsum(is_known.sum(axis=1)), 1)
    level = np.cumsum(by_week.sum(axis=1)) / days
    weight = np.minimum(_COUNTS_FULLY / np.maximum(level, 1e-9), 1.0)
    weight[(now <= 0) | (before <= 0)] = 0.0
    weight[: -(-start // WEEK) + _NEW_WEEKS + 1] = 0.0
    return now * weight, before * weight
