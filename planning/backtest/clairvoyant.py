"""The limit: who knows every sale and every lead time to come.

For each item the orders that cost least (Wagner and Whitin, 1958), each timed to arrive when it is needed. Nothing is
ever short; whole packs and the minimum order are kept by carrying over what they force upon an order.
"""

from bisect import bisect_right
from itertools import accumulate
from typing import Final

import numpy as np

from andon.planning.backtest.history import Batch, Units
from andon.planning.backtest.world import World
from andon.planning.policy import policy
from andon.schemas.items import Item

#: No lot covers more days than this.
_LONGEST_LOT_DAYS: Final = policy.LONGEST_CYCLE_DAYS


class Clairvoyant:
    """Perfect foresight: the arrivals that serve all demand at the least cost of holding and ordering."""

    def __init__(self, batch: Batch) -> None:
        count = len(batch.histories)
        self._first: Units = np.zeros(count, dtype=np.int64)
        self._orders: Units = np.zeros((batch.days, count), dtype=np.int64)
        for column, item in enumerate(batch.items):
            self._plan(batch, column, item)

    def _plan(self, batch: Batch, column: int, item: Item) -> None:
        begin, review = int(batch.begin[column]), int(batch.review[column])
        leads = batch.lead_days[:, column].tolist()
        looks = [row for row in range(begin, batch.days - 1) if (row + 1 - begin) % review == 0]
        # Where two orders arrive together, the later is meant.
        ways = {row + 1 + leads[row + 1]: row for row in looks}
        arrivals = sorted(ways)
        needed: dict[int, int] = {}
        for row in range(begin, batch.days):
            units = int(batch.demand[row, column])
            if units:
                place = bisect_right(arrivals, row)
                # Until the first order can arrive, what is there at the beginning must do.
                slot = arrivals[place - 1] if place else begin
                needed[slot] = needed.get(slot, 0) + units
        for row, units in lots(sorted(needed.items()), item):
            if row in ways:
                self._orders[ways[row], column] = units
            else:
                self._first[column] = units

    def initial(self) -> Units:
        """Return what must be there because no order could come in time."""
        return self._first

    def close(self, row: int, world: World) -> Units:
        """Return the orders that must be placed now."""
        del world
        placed: Units = self._orders[row]
        return placed


def lots(needed: list[tuple[int, int]], item: Item) -> list[tuple[int, int]]:
    """Return the lots (day, units) that serve known needs (day, units) at the least cost.

    Wagner and Whitin's dynamic programme without constraints; packs and the minimum order then round each lot up, and
    what that leaves is taken off the next.
    """
    ordering, holding = policy.order_cost(item), policy.holding_cost(item, 1.0)
    longest = min(_LONGEST_LOT_DAYS, item.shelf_life_days or _LONGEST_LOT_DAYS)
    days = [day for day, _ in needed]
    units = [0, *accumulate(quantity for _, quantity in needed)]
    best, since = [0.0], []
    for last, day in enumerate(days):
        cheapest, begin, carried = best[last] + ordering, last, 0.0
        for first in range(last - 1, -1, -1):
            # Serving what comes later from this lot keeps it for the days in between.
            carried += (
                holding * (days[first + 1] - days[first]) * (units[last + 1] - units[first + 1])
            )
            kept = day - days[first]
            if kept >= longest or holding * kept * needed[last][1] > ordering:
                break
            if best[first] + ordering + carried < cheapest:
                cheapest, begin = best[first] + ordering + carried, first
        best.append(cheapest)
        since.append(begin)
    chosen, last = [], len(days) - 1
    while last >= 0:
        first = since[last]
        chosen.append((days[first], days[last], units[last + 1] - units[first]))
        last = first - 1
    return _rounded(chosen[::-1], item)


def _rounded(chosen: list[tuple[int, int, int]], item: Item) -> list[tuple[int, int]]:
    """Round up lots (day, last day they serve, units); what is left keeps only for its shelf life."""
    life = item.shelf_life_days or float("inf")
    left, came, rounded = 0, 0, []
    for day, until, units in chosen:
        if until - came + 1 >= life:
            left = 0
        missing = units - left
        if missing > 0:
            packed = -(-max(missing, item.minimum_order) // item.pack_size) * item.pack_size
            rounded.append((day, packed))
            left += packed
            came = day
        left -= units
    return rounded
