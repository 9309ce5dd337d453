"""Stock-out alerts as forecasts: how often their odds came true, had nobody acted.

First the odds alone, at moments, stocks and receipts that are drawn (`odds.py`): calibration by tenths, and the Brier skill
against the base rate. Then the alerts of items lived through with orders that are late and held up (`lived.py`): how many
came true by severity, how many shortages had been warned of, how long before, and how many alerts were idle.

    python bench/alerts.py [--data FOLDER] [--only odds|lived] [--set m5|slow|favorita|renewal] [--series N]

Exits 1 where a target is missed, 2 without any data.
"""

import argparse
import itertools
import os
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lived import RANK, Life, Said, Shop, World
from odds import Case, brier_skill, cases, deciles
from rich.console import Console
from series import Series, favorita, m5, sample, slow_ranks
from slow_movers import FIRST, GAPS, SIZES, by_chance
from verdict import tell

from andon.planning.demand.demand import DAY

#: Of Online Retail's 373 days, a slow rank sells on so many.
SLOW = (10 / 373, 80 / 373)
LEAST_CASES, MOST_OFF = 200, 0.05
SKILL = {"m5": 0.5, "slow": 0.2}
TRUE_CRITICAL, WARNED, FLAPPED = 0.8, 0.8, 0.01
#: An item is lived through for so many days at least.
LEAST_DAYS = 60
#: Stakes below this many days of sales are small.
SMALL_DAYS = 0.5
SERIES = {"m5": 100, "slow": 400, "favorita": 60, "renewal": 63}
LIVED = {"m5": 40, "slow": 100, "favorita": 20, "renewal": 21}


class Set(NamedTuple):
    """Series, where the data are missing None, how they are asked, and how they are bought."""

    read: Callable[[Path], list[Series]]
    needs: str
    every: int
    shop: Shop
    #: The share of the days before that sold, of the moments that count.
    selling: tuple[float, float] = (0.0, 1.0)


def made(data: Path) -> list[Series]:
    """Return renewal demand at gaps by chance."""
    del data
    return [
        (FIRST, by_chance(gap, size, 900, 100 * gap + 10 * size + seed))
        for seed in range(3)
        for gap in GAPS
        for size in SIZES
    ]


SETS = {
    "m5": Set(lambda data: list(m5(data)), "m5/daily_sales.csv.gz", 7, Shop(7.0, 2.0, 200)),
    "slow": Set(
        lambda data: [series for series, _ in slow_ranks(data, 3, 373)],
        "online_retail/online_retail.csv.gz",
        4,
        Shop(14.0, 4.0, 100),
        SLOW,
    ),
    "slow, by hindsight": Set(
        lambda data: [series for series, _ in slow_ranks(data)],
        "online_retail/online_retail.csv.gz",
        4,
        Shop(14.0, 4.0, 100),
    ),
    "favorita": Set(
        lambda data: list(favorita(data)),
        "network/favorita21/weekly_sales.npz",
        7,
        Shop(7.0, 2.0, 365),
    ),
    "renewal": Set(made, "", 7, Shop(14.0, 4.0, 200)),
}


def odds(name: str, chosen: Set, series: list[Series], out: Console) -> dict[str, bool]:
    """Return the verdicts on the odds of a set."""
    met = {}
    for unsure in (False, True):
        found: list[Case] = []
        for seed, one in enumerate(series):
            found += cases(
                one,
                chosen.shop.warm_up_days,
                seed=seed,
                every=chosen.every,
                unsure=unsure,
                selling=chosen.selling,
            )
        kind = "an unsure" if unsure else "a sure"
        skill = brier_skill(found)
        tenths = deciles(found)
        out.print(
            f"{name}: odds before {kind} receipt, {len(found):,} cases of {len(series)} series"
        )
        out.print(
            "   said/happened (cases): "
            + ", ".join(f"{said:.0%}/{was:.0%} ({count:,})" for count, said, was in tenths if count)
        )
        off = max(
            (abs(said - was) for count, said, was in tenths if count > LEAST_CASES), default=0.0
        )
        met[
            f"{name}: odds before {kind} receipt within 5 points in tenths of over {LEAST_CASES} cases: {off:.1%} off"
        ] = off <= MOST_OFF
        text = f"{name}: Brier skill against the base rate before {kind} receipt"
        target = SKILL.get(name.split(",", maxsplit=1)[0])
        if target is not None and not unsure:
            met[f"{text} at least {target:.0%}: {skill:+.1%}"] = skill >= target
        else:
            out.print(f"   {text}: {skill:+.1%}")
    return met


def live(shop: Shop, numbered: tuple[int, Series]) -> Life:
    """Return what became of one item."""
    seed, series = numbered
    return World(series, shop, seed).live()


def lived(name: str, shop: Shop, lives: list[Life], out: Console) -> dict[str, bool]:
    """Return the verdicts on the alerts of a set."""
    said = [one for life in lives for one in life.alerts]
    opened = [one for one in said if one.first]
    outages = [one for life in lives for one in life.outages]
    months = sum(life.months for life in lives)
    out.print(
        f"{name}: {len(lives)} items, {months:,.0f} item-months, {len(outages)} shortages, {len(opened)} alerts "
        f"({len(opened) / months:.2f} an item and month), orders take {shop.lead_days:g} days"
    )
    for severity in RANK:
        found = [one for one in said if one.severity == severity]
        if found:
            mean = statistics.fmean(one.odds for one in found)
            out.print(
                f"   {severity}: {len(found)}, said {mean:.0%}, came true {true_share(found):.0%}"
            )
    warned = [one.at - one.warned_at for one in outages if one.warned_at is not None]
    if warned:
        out.print(
            f"   warned of {len(warned) / len(outages):.0%} of all shortages, "
            f"{statistics.median(warned) / 3600:.0f} hours before (median)"
        )
    if opened:
        small = sum(one.days_short < SMALL_DAYS for one in opened) / len(opened)
        out.print(
            f"   came to nothing: {1 - true_share(opened):.0%}; less than half a day of sales at stake: {small:.0%}"
        )
    met = {}
    critical = [one for one in said if one.severity == "critical"]
    if len(critical) >= 20:
        share = true_share(critical)
        met[f"{name}: of critical alerts at least four of five came true: {share:.0%}"] = (
            share >= TRUE_CRITICAL
        )
    known = [one for one in outages if one.foreseeable]
    if len(known) >= 10:
        ahead = sum(
            one.warned_at is not None and one.at - one.warned_at >= shop.lead_days / 2 * DAY
            for one in known
        ) / len(known)
        met[
            f"{name}: of {len(known)} foreseeable shortages warned half a lead time before: {ahead:.0%}"
        ] = ahead >= WARNED
    if len(opened) >= 50:
        flapped = sum(flaps(life.alerts) for life in lives) / len(opened)
        met[f"{name}: resolved and opened again within a day for the same cause: {flapped:.1%}"] = (
            flapped <= FLAPPED
        )
    return met


def true_share(found: list[Said]) -> float:
    """Return the share of alerts that came true."""
    return sum(one.true for one in found) / len(found)


def flaps(said: list[Said]) -> int:
    """Return how many alerts opened within a day of the end of one for the same cause."""
    opened = [one for one in said if one.first]
    return sum(
        one.resolved_at is not None
        and following.cause == one.cause
        and following.at - one.resolved_at < DAY
        for one, following in itertools.pairwise(opened)
    )


def main() -> int:
    """Run the benchmark; 1 if a target is missed, 2 without data."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ANDON_DATA", "../shared/data"))
    )
    parser.add_argument("--only", choices=("odds", "lived"))
    parser.add_argument("--set", choices=SETS, action="append")
    parser.add_argument("--series", type=int, help="so many of each set")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    out = Console(width=180)
    met: dict[str, bool] = {}
    skipped = False
    for name in options.set or SETS:
        chosen = SETS[name]
        if not (options.data / chosen.needs).exists() and chosen.needs:
            out.print(f"{name}: skipped, {options.data / chosen.needs} is missing: see --data")
            skipped = True
            continue
        series = chosen.read(options.data)
        if options.only != "lived":
            most = options.series or SERIES.get(name, SERIES["slow"])
            met |= odds(name, chosen, sample(series, most), out)
        if options.only != "odds" and name in LIVED:
            least = chosen.shop.warm_up_days + LEAST_DAYS
            long = [one for one in series if len(one[1]) >= least]
            few = list(enumerate(sample(long, options.series or LIVED[name])))
            with ProcessPoolExecutor(options.processes) as pool:
                lives = list(pool.map(partial(live, chosen.shop), few))
            met |= lived(name, chosen.shop, lives, out)
    are_met = tell(met, out)
    return 2 if skipped else int(not are_met)


if __name__ == "__main__":
    sys.exit(main())
