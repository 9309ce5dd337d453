"""The pools of all partitions, as they told of them: what items of a kind have in common."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from andon.planning.forecasting.pool import Pool, added, lent_week, lent_year, names_of
from andon.planning.forecasting.year_ahead import YearAhead
from andon.schemas.forecasts import PooledYear
from andon.schemas.items import Item
from andon.schemas.pools import PoolShare


class _Share(NamedTuple):
    """A share as it came, and the week after its last."""

    value: bytes
    end: int


class _Whole(NamedTuple):
    """A pool, of how many shares it was added up, and the sum of their ends."""

    pool: Pool
    shares: int
    ends: int


class Pools:
    """Shares of pools by the name of each pool that they are part of, encoded, as there may be many and few are asked for.

    A pool is added up when it is asked for, and anew once there is another share of it, or once its shares have gone on by a week
    on average: partitions that read an old history do not keep step.
    """

    def __init__(self) -> None:
        self._shares: dict[str, dict[bytes, _Share]] = {}
        self._ends: Counter[str] = Counter()
        self._wholes: dict[str, _Whole] = {}
        self._ahead: dict[str, tuple[PooledYear, YearAhead]] = {}
        self._decoder = msgspec.json.Decoder(PoolShare)

    def learn(self, key: bytes, value: bytes | None) -> None:
        """Take in one record of the pools topic."""
        if value is None:
            for name, shares in self._shares.items():
                if (gone := shares.pop(key, None)) is not None:
                    self._ends[name] -= gone.end
            return
        share = self._decoder.decode(value)
        new = _Share(value, share.first_week + len(share.items))
        for name in names_of(share.location, share.category):
            shares = self._shares.setdefault(name, {})
            before = shares.get(key)
            self._ends[name] += new.end - (before.end if before else 0)
            shares[key] = new

    def year(self, item: Item) -> PooledYear | None:
        """Return what the items of an item's kind have sold by week, None if it is too little to see a year in."""
        return lent_year(self._of(item))

    def year_ahead(self, item: Item) -> YearAhead | None:
        """Return what the year of an item's kind says of the weeks ahead, None if it is too little to see a year in."""
        year = self.year(item)
        if year is None:
            return None
        known = self._ahead.get(year.pool)
        if known is None or known[0] != year:
            known = self._ahead[year.pool] = year, YearAhead(year.first_week, year.index)
        return known[1]

    def week(self, item: Item) -> list[float] | None:
        """Return what weekdays are like for the items of an item's kind, None if nothing is known of that."""
        return lent_week(self._of(item))

    def _of(self, item: Item) -> Iterator[tuple[str, Pool]]:
        for name in names_of(item.location, item.category):
            shares = self._shares.get(name)
            if shares:
                yield name, self._whole(name, shares)

    def _whole(self, name: str, shares: dict[bytes, _Share]) -> Pool:
        known, count, ends = self._wholes.get(name), len(shares), self._ends[name]
        if known is None or known.shares != count or ends - known.ends >= count:
            pool = added(self._decoder.decode(share.value) for share in shares.values())
            known = self._wholes[name] = _Whole(pool, count, ends)
        return known.pool
