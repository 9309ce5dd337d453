"""What the items of a pool sold by week, chained so that items that come or go do not look like a season.

A week's change is what items sold in it over what the same items sold on the same weekdays of the week before: a matched-model
chain index (ILO and others, Consumer Price Index Manual, 2020). Where the same items sell all the time it is their sum.
"""

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from operator import add
from typing import Any, Final

import msgspec

from andon.planning.forecasting.history import DemandHistory
from andon.planning.forecasting.weeks import WEEK

_COLUMNS, _BYTES = 3, 12
#: So many weeks are remembered: three years.
_LONGEST_WEEKS: Final = 157
#: An item's first days, in which it becomes known, tell of no season.
_NEW_DAYS: Final = 56
#: An item that sells more than so many a day counts as one that sells so many, so that none drowns the others.
_COUNTS_FULLY: Final = 10.0


class Year(msgspec.Struct, array_like=True):
    """Three numbers by week from `first` on, in four bytes each (weeks since 1970, which begin on Thursdays).

    They are the units sold, those of the same items on the same weekdays a week before, both by the items' weights, and how many
    items told them.
    """

    first: int = 0
    packed: bytearray = msgspec.field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.packed) // _BYTES

    @property
    def end(self) -> int:
        """The week after the last one that anything is known of."""
        return self.first + len(self)

    @property
    def sold(self) -> list[float]:
        """The units sold by week."""
        return self._column(0)

    @property
    def before(self) -> list[float]:
        """The units that the same items had sold a week before."""
        return self._column(1)

    @property
    def items(self) -> list[int]:
        """How many items told of each week."""
        return list(map(int, self._column(2)))

    @property
    def index(self) -> list[float]:
        """What each week was of the one before the first; a week of which nothing is known was as the one before it."""
        changes = (
            sold / before if sold > 0 and before > 0 else 1.0
            for sold, before in zip(self.sold, self.before, strict=True)
        )
        return list(accumulate(changes, lambda level, change: level * change))

    def see(self, week: int, sold: float, before: float, items: int = 1) -> None:
        """Add what some items sold in a week, and a week before; what is older than the last three years is forgotten."""
        if not self.packed:
            self.first = week
        if week < self.end - _LONGEST_WEEKS:
            return
        early, late = max(self.first - week, 0), max(week + 1 - self.end, 0)
        self.packed[:0] = bytes(early * _BYTES)
        self.packed += bytes(late * _BYTES)
        extra = max(len(self) - _LONGEST_WEEKS, 0)
        del self.packed[: extra * _BYTES]
        self.first += extra - early
        place = (week - self.first) * _COLUMNS
        with memoryview(self.packed).cast("f") as view:
            view[place] += sold
            view[place + 1] += before
            view[place + 2] += items

    def until(self, week: int) -> "Year":
        """Return what is known of the weeks before one."""
        return Year(self.first, self.packed[: max(week - self.first, 0) * _BYTES])

    def _column(self, which: int) -> list[Any]:
        return memoryview(self.packed).cast("f")[which::_COLUMNS].tolist()


def year_of(
    first: int, sold: Sequence[float], before: Sequence[float], items: Sequence[int]
) -> Year:
    """Return what consecutive weeks from `first` on (weeks since 1970) were like: the last three years of them."""
    rows = list(zip(sold, before, items, strict=True))[-_LONGEST_WEEKS:]
    packed = array("f", chain.from_iterable(rows))
    return Year(first + len(sold) - len(rows), bytearray(packed.tobytes()))


def teach_year(year: Year, past: DemandHistory, taught: int, level: float) -> int:
    """Add the weeks of an item that are over and were not added yet; return the last week that was, or `taught`.

    Days of which nothing is known, and weeks in which nothing sold, say nothing: the item may not have been for sale.

    Args:
        year: its pool's.
        past: what it sold.
        taught: the last of its weeks that was added (weeks since 1970); -1 if none was.
        level: units a day in the long run, by which it is weighed.
    """
    end = (past.closed + 1) // WEEK
    oldest = -(-(past.first + _NEW_DAYS) // WEEK) + 1
    begin = max(taught + 1, oldest)
    if begin >= end:
        return taught
    weight = min(_COUNTS_FULLY / max(level, 1e-9), 1.0)
    days = past.last(past.closed + 1 - (begin - 1) * WEEK)
    for week in range(begin, end):
        place = (week - begin) * WEEK
        sold = before = 0
        pairs = zip(days[place + WEEK : place + 2 * WEEK], days[place : place + WEEK], strict=True)
        for units, earlier in pairs:
            if units is not None and earlier is not None:
                sold += units
                before += earlier
        if sold > 0 and before > 0:
            year.see(week, sold * weight, before * weight)
    return end - 1


def summed(years: Iterable[Year]) -> Year:
    """Return what several have seen together in the three years before the end of the last of them."""
    known = [year for year in years if len(year)]
    if not known:
        return Year()
    end = max(year.end for year in known)
    first = max(min(year.first for year in known), end - _LONGEST_WEEKS)
    totals = array("f", bytes((end - first) * _BYTES))
    for year in known:
        seen = memoryview(year.packed).cast("f")[max(first - year.first, 0) * _COLUMNS :]
        begin = max(year.first - first, 0) * _COLUMNS
        span = slice(begin, begin + len(seen))
        totals[span] = array("f", map(add, totals[span], seen))
    return Year(first, bytearray(totals.tobytes()))
