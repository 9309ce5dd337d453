"""What the year of a pool is worth: the level on Prophet's shapes, with the week, and with the item's own and its pool's year.

Pools are of all M5 series, by department and store, as they were known when each shape was fitted; the rest is as in forecast.py.

Run: python bench/pooled_years.py [--data ../shared/data] [--series 60] [--json]
"""

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from forecast import (
    FITS_BEFORE,
    HORIZON_DAYS,
    TEST_DAYS,
    console,
    measure,
    of_the_week,
    pooled,
    quiet,
    show,
)
from rich.console import Console
from rich.progress import track
from series import Series, m5_by_department, sample

from andon.agents.fitting import Configuration, fit, fit_best
from andon.agents.pools import Pools
from andon.agents.years import WAVES, foresees, season_of, year_factors
from andon.planning.forecasting.history import history_of
from andon.planning.forecasting.pool import Pool, publish_pool
from andon.planning.forecasting.yearly_season import teach_year
from andon.schemas.common import utc
from andon.schemas.forecasts import PooledYear
from andon.schemas.items import Item, Source

Place = tuple[str, str]
Known = dict[int, dict[Place, PooledYear | None]]
Way = Callable[[PooledYear | None, int, list[int]], list[float]]


def item_of(place: Place) -> Item:
    """Return an item of a store and department."""
    source = Source(supplier="-", lead_time_days=1.0)
    return Item(
        location=place[0], sku="-", category=place[1], updated_at=utc(0.0), sources=(source,)
    )


def years_known(
    everything: list[tuple[Place, Series]], before: int
) -> dict[Place, PooledYear | None]:
    """Return what each store's department may borrow, so many days before the end of the series."""
    pools: dict[Place, Pool] = defaultdict(Pool)
    weeks = []
    for place, (first, sold) in everything:
        past = history_of(first, sold[: len(sold) - before])
        level = sum(sold[: len(sold) - before]) / len(past)
        weeks.append(teach_year(pools[place].year, past, -1, level))
    view = Pools()
    for place, pool in pools.items():
        pool.told = 0
        publish_pool(pool, item_of(place), 0, max(weeks), 0.0)
        view.learn(pool.outbox[0].key.encode(), pool.outbox[0].body)
    return {place: view.year(item_of(place)) for place in pools}


def plain(_: PooledYear | None, first: int, sold: list[int]) -> list[float]:
    """Return the shape of the week."""
    return of_the_week(first, sold)


def own(_: PooledYear | None, first: int, sold: list[int]) -> list[float]:
    """Return the shape of the week and of the item's own year, as far as there is one."""
    return fit(first, list(sold), HORIZON_DAYS, Configuration(yearly=len(sold) > 365))


def always(
    known: PooledYear | None, first: int, sold: list[int], waves: int = WAVES
) -> list[float]:
    """Return the shape of the week times the year of the pool."""
    if known is None:
        return plain(None, first, sold)
    start, factors = season_of(known.first_week, known.index, waves)
    days = len(sold) + HORIZON_DAYS
    year = factors[first - start : first - start + days]
    return fit(first, list(sold), HORIZON_DAYS, Configuration(pool=known.pool), year)


def foreseen(known: PooledYear | None, first: int, sold: list[int]) -> list[float]:
    """Return the same where that year would have foreseen its pool."""
    year = year_factors(known, first, len(sold) + HORIZON_DAYS)
    return plain(known, first, sold) if year is None else always(known, first, sold)


def earned(known: PooledYear | None, first: int, sold: list[int]) -> list[float]:
    """Return the shape that a forecaster would have sent."""
    return fit_best(first, list(sold), HORIZON_DAYS, pooled=known)[0]


WAYS: dict[str, Way] = {
    "week": plain,
    "own year, always": own,
    "pooled year, always": always,
    "pooled year of Prophet's ten waves, always": partial(always, waves=10),
    "pooled year, if the pool foresees itself": foreseen,
    "earned": earned,
}


def compare(known: Known, one: tuple[Place, Series]) -> dict[str, Any]:
    """Roll one series in all ways."""
    place, (first, sold) = one
    found: dict[str, Any] = {"errors": {}, "used": []}
    for name, way in WAYS.items():

        def shape_of(first: int, past: list[int], way: Way = way) -> list[float]:
            return way(known[len(sold) - len(past)][place], first, past)

        errors = measure((first, sold), shape_of)["errors"]
        found["errors"][name] = errors["level x Prophet"]
        found["errors"][f"{name}: mean of all"] = errors["mean of all"]
    for before in FITS_BEFORE:
        past = sold[: len(sold) - before]
        year = known[before][place]
        found["used"].append(fit_best(first, list(past), HORIZON_DAYS, pooled=year)[1])
    return found


def main() -> int:
    """Run the benchmark; 2 without data."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ANDON_DATA", "../shared/data"))
    )
    parser.add_argument("--series", type=int, help="so many of them (all)")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (options.data / "m5").is_dir():
        console.print(f"skipped: no data in {options.data}; name their folder with --data")
        return 2
    everything = list(m5_by_department(options.data))
    known: Known = {before: years_known(everything, before) for before in FITS_BEFORE}
    chosen = sample(everything, options.series)
    with ProcessPoolExecutor(options.processes, initializer=quiet) as pool:
        running = pool.map(partial(compare, known), chosen, chunksize=4)
        results = list(track(running, f"{len(chosen)} series", len(chosen), console=console))
    table = pooled(results)
    out = Console(stderr=options.json, width=140)
    show(f"M5: {len(chosen)} series, rolled weekly over the last {TEST_DAYS} days", table, out)
    for before, years in known.items():
        lent = [year for year in years.values() if year is not None]
        weeks = max((len(year.index) for year in lent), default=0)
        good = sum(foresees(year.first_week, year.index) for year in lent)
        out.print(
            f"{before} days before the end {len(lent)} of {len(years)} pools lend up to {weeks} weeks; "
            f"{good} of these would have foreseen themselves"
        )
    used = Counter(
        "year of a pool" if "year of" in one else one
        for result in results
        for one in result["used"]
    )
    out.print("shapes with: " + ", ".join(f"{name} {count}" for name, count in used.most_common()))
    if options.json:
        print(json.dumps({"table": table, "used": used}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
