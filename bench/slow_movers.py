"""Items that sell seldom: the level on made and real demand, false news of new levels, and the stock they need.

Renewal demand is made: one to three units every five to 120 days, at even and at chance (geometric) gaps. Real is Online
Retail's slow ranks, items that sell on 10 to 80 of its 373 days, and 3,000 car parts by month, each month's demand on one
day of it.

    python bench/slow_movers.py [--data FOLDER] [--only renewal|alerts|forecast|stock|parts] [--items N] [--processes N]

Exits 1 where a target is missed, 2 without data.
"""

import argparse
import csv
import gzip
import os
import random
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from series import Series, sample, slow_ranks
from verdict import tell

from andon.planning.backtest.compare import resamples, stock_at
from andon.planning.backtest.history import Conditions, History
from andon.planning.backtest.scenario import ANDON, Study
from andon.planning.decision.signals import SETTLED, SHIFTED
from andon.planning.demand import demand as demands
from andon.planning.demand.demand import DAY, Demand
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Item, Source
from andon.studies.files import COST_SHARE
from andon.studies.report import curve_of
from andon.studies.study import judged, run_study

FIRST = 20_000
GAPS, SIZES = (5, 10, 20, 30, 60, 90, 120), (1, 2, 3)
#: After so many sales the level is to lie between these shares of the truth.
BANDS = {3: (0.5, 2.0), 10: (0.7, 1.5)}
TEN_YEARS = 3650
LEAD_DAYS, LEAD_SD_DAYS = 14.0, 4.0
WARM_UP_DAYS = 150
LEVELS = (0.5, 0.65, 0.8, 0.9, 0.945, 0.97, 0.985, 0.993, 0.998, 0.9995)
FILL_RATES = {"slow ranks": (0.50, 0.60, 0.65), "car parts": (0.90, 0.95)}
STATIC = "static min/max"
console = Console(stderr=True)


def even(gap: int, size: int, days: int, phase: int = 0) -> list[int]:
    """Return demand of so many units every so many days, the first of it `phase` days into the record's first gap."""
    return [size if (day - phase) % gap == 0 and day >= phase else 0 for day in range(days)]


def by_chance(gap: int, size: int, days: int, seed: int) -> list[int]:
    """Return demand of one to `2 * size - 1` units with a chance of one in `gap` each day, from its first sale on."""
    chance = random.Random(seed)
    sold = [
        chance.randint(1, 2 * size - 1) if chance.random() < 1 / gap else 0 for _ in range(days)
    ]
    return [chance.randint(1, 2 * size - 1), *sold]


def levels(sold: list[int], first: int = FIRST) -> Iterator[Demand]:
    """Yield the state after each day."""
    demand = Demand(closed=first - 1)
    for day, units in enumerate(sold, first):
        demands.record(demand, day, units)
        demands.close_through(demand, day)
        yield demand


class Band(NamedTuple):
    """How often, over cases and days after a number of sales, a level lay in its band, and its extremes over the truth."""

    held: float
    median: float
    low: float
    high: float
    best: float


def band(sales: int, series: list[tuple[float, list[int]]]) -> Band:
    """Return how levels lie after so many sales, each day until the next, for series of which the truth is known.

    `best` is how often the plain count would have: the units after the first sale over the days since it.
    """
    low, high = BANDS[sales]
    ratios, counted = [], []
    for number, (truth, sold) in enumerate(series):
        seen, units, first = 0, 0, -1
        for day, demand in enumerate(levels(sold, FIRST + number % 7)):
            if sold[day]:
                first = day if first < 0 else first
                seen += 1
                units += sold[day]
            if seen == sales:
                ratios.append(demand.level / truth)
                counted.append((units - sold[first]) / max(day - first, 1) / truth)
            elif seen > sales:
                break
    held, best = (
        sum(low <= one <= high for one in found) / len(found) for found in (ratios, counted)
    )
    return Band(held, statistics.median(ratios), min(ratios), max(ratios), best)


def renewal() -> dict[str, bool]:
    """Measure the level of made renewal demand."""
    met = {}
    for sales, (low, high) in BANDS.items():
        grid = [(gap, size) for gap in GAPS for size in SIZES]
        evenly = [
            (size / gap, even(gap, size, gap * (sales + 1) + phase, phase))
            for gap, size in grid
            for phase in range(7)
        ]
        found = band(sales, evenly)
        met[
            f"even gaps, after {sales} sales: level within {low} and {high} of the truth, always: "
            f"{found.held:.1%} ({found.low:.2f} to {found.high:.2f})"
        ] = found.held == 1.0
        medians, held, best = [], [], []
        for gap, size in grid:
            chances = [
                (size / gap, by_chance(gap, size, gap * (sales + 1) * 4, seed))
                for seed in range(60)
            ]
            one = band(sales, chances)
            medians.append(one.median)
            held.append(one.held)
            best.append(one.best)
        met[
            f"chance gaps, after {sales} sales: the median level of each gap and size within {low} and {high}: "
            f"{min(medians):.2f} to {max(medians):.2f}"
        ] = low <= min(medians) and max(medians) <= high
        share, plain = statistics.fmean(held), statistics.fmean(best)
        met[
            f"chance gaps, after {sales} sales: within {low} and {high} as often as the plain count: "
            f"{share:.0%}, the count {plain:.0%}"
        ] = share >= plain - 0.02
    return met


def news(sold: list[int]) -> int:
    """Return how often a new level would have been told of."""
    told, is_open = 0, False
    for demand in levels(sold):
        holds = demand.days >= 14 and abs(demand.shift) >= (SETTLED if is_open else SHIFTED)
        told += holds and not is_open
        is_open = holds
    return told


def alerts(out: Console) -> dict[str, bool]:
    """Count the news of new levels on demand that has none, over ten years of each item."""
    found = {}
    for name, make in (
        ("even", lambda gap, size, seed: even(gap, size, TEN_YEARS, seed)),
        ("chance", lambda gap, size, seed: by_chance(gap, size, TEN_YEARS, seed)),
    ):
        counts = [
            news(make(gap, size, seed))
            for gap in GAPS
            for size in SIZES
            for seed in range(3 if name == "even" else 8)
        ]
        found[name] = counts
        often = sum(one > 1 for one in counts)
        out.print(
            f"{name} gaps: {sum(counts)} on {len(counts)} items of ten years, {often} items more than once"
        )
    return {
        "no news of a new level on even gaps more than once in ten years: "
        f"at most {max(found['even'])}": max(found["even"]) <= 1,
        "nor on chance gaps, for 99 items of 100: "
        f"{sum(one > 1 for one in found['chance'])} of {len(found['chance'])}": (
            sum(one > 1 for one in found["chance"]) <= 0.01 * len(found["chance"])
        ),
    }


def rolled(series: Series, warm_up: int, every: int = 7) -> tuple[float, float]:
    """Return what was forecast over the lead time, every week after the warm-up, and what was sold, both in sum."""
    first, sold = series
    forecast = wanted = 0.0
    lead = round(LEAD_DAYS)
    for day, demand in enumerate(levels(sold, first)):
        if day >= warm_up and day + lead < len(sold) and (day - warm_up) % every == 0:
            forecast += demands.over(demand, (first + day + 1) * DAY, lead).mean
            wanted += sum(sold[day + 1 : day + 1 + lead])
    return forecast, wanted


def forecast(found: list[Series], out: Console) -> dict[str, bool]:
    """Measure forecasts over the lead time on the slow ranks."""
    begin = min(first for first, _ in found) + WARM_UP_DAYS
    pairs = [rolled(one, max(begin - one[0], 28)) for one in found]
    total = sum(one for one, _ in pairs) / sum(two for _, two in pairs)
    ratios = [one / two for one, two in pairs if two]
    median = statistics.median(ratios)
    off = statistics.quantiles(ratios, n=10)
    naive = []
    for first, sold in found:
        begins = max(begin - first, 28)
        got = wanted = 0.0
        for day in range(begins, len(sold) - 14, 7):
            got += sum(sold[: day + 1]) / (day + 1) * 14
            wanted += sum(sold[day + 1 : day + 15])
        naive.append((got, wanted))
    plain = sum(one for one, _ in naive) / sum(two for _, two in naive)
    middle = statistics.median(one / two for one, two in naive if two)
    out.print(
        f"{len(pairs)} items; a tenth below {off[0]:.2f}, a tenth above {off[-1]:.2f}; "
        f"the mean of all days before: {plain:.2f} in sum, {middle:.2f} the median item"
    )
    return {
        f"forecast over {LEAD_DAYS:.0f} days of the slow ranks within 0.8 and 1.25 of what sold, in sum: "
        f"{total:.2f}": 0.8 <= total <= 1.25,
        f"the median item within 0.7 and 1.4: {median:.2f}": 0.7 <= median <= 1.4,
    }


def described(number: int, price: float) -> Item:
    """Return an item as it is bought."""
    return Item(
        location="all",
        sku=f"N{number}",
        updated_at=utc(0.0),
        sources=(Source(supplier="S", lead_time_days=LEAD_DAYS, lead_time_sd_days=LEAD_SD_DAYS),),
        unit_cost=round(price * COST_SHARE, 4),
        unit_price=price,
    )


def parts(data: Path) -> list[Series]:
    """Return the car parts, each month's demand on one day of it by chance."""
    found = []
    with gzip.open(data / "spare_parts" / "auto_monthly.csv.gz", "rt") as lines:
        for number, row in enumerate(csv.reader(lines)):
            if not number:
                continue
            chance = random.Random(number)
            sold = [0] * 720
            for month, units in enumerate(row[1:]):
                sold[30 * month + chance.randrange(30)] += round(float(units))
            begin = next((day for day, units in enumerate(sold) if units), None)
            if begin is not None:
                found.append((FIRST + begin, sold[begin:]))
    return found


def stock(
    name: str, priced: list[tuple[Series, float]], warm_up: int, options: Any
) -> dict[str, bool]:
    """Compare the stock at equal fill with that of static min/max, which sets its levels from the warm-up once.

    Of the slow ranks, where a bulk order of dozens is lost whole or in part, nobody serves as much as 70%.
    """
    lead_time = prior(LEAD_DAYS, LEAD_SD_DAYS)
    made = [
        History(described(number, price), first, np.array(sold, dtype=np.int64), lead_time)
        for number, ((first, sold), price) in enumerate(priced)
    ]
    study = Study(
        Conditions(warm_up_days=warm_up),
        rivals=(STATIC,),
        levels=LEVELS,
        splits=False,
        first_day=min(one.first_day for one in made),
        last_day=max(one.last_day for one in made),
    )
    kept = judged(study, made)
    results = run_study(study, kept, processes=options.processes, progress=lambda _: None)
    weights = resamples(len(kept), 0, 1)
    met = {}
    for fill_rate in FILL_RATES[name]:
        ours, theirs = (
            float(
                stock_at(
                    [one for _, one in curve_of(results, who)], fill_rate, weights, money=True
                )[0]
            )
            for who in (ANDON, STATIC)
        )
        met[
            f"{name}, {len(kept)} items: stock at {fill_rate:.0%} fill no dearer than static min/max: "
            f"{ours:,.0f} against {theirs:,.0f} ({ours / theirs - 1:+.1%})"
        ] = ours <= theirs
    return met


def main() -> int:
    """Run the benchmark; 1 if a target is missed, 2 without data."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parts_of = ("renewal", "alerts", "forecast", "stock", "parts")
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ANDON_DATA", "../shared/data"))
    )
    parser.add_argument("--only", choices=parts_of, action="append")
    parser.add_argument("--items", type=int, help="so many of each set (all)")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    asked = options.only or parts_of
    out = Console(width=160)
    met: dict[str, bool] = {}
    if "renewal" in asked:
        met |= renewal()
    if "alerts" in asked:
        met |= alerts(out)
    if not (options.data / "online_retail").is_dir():
        console.print(f"no data in {options.data}; name their folder with --data")
        tell(met, out)
        return 2
    if "forecast" in asked or "stock" in asked:
        slow = sample(list(slow_ranks(options.data)), options.items)
        if "forecast" in asked:
            met |= forecast([series for series, _ in slow], out)
        if "stock" in asked:
            met |= stock("slow ranks", slow, WARM_UP_DAYS, options)
    if "parts" in asked:
        found = [(series, 10.0) for series in sample(parts(options.data), options.items)]
        met |= stock("car parts", found, 365, options)
    return 0 if tell(met, out) else 1


if __name__ == "__main__":
    sys.exit(main())
