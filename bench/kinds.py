"""Andon against planners' rivals on made goods of many kinds: stock value at equal fill, by kind and lead time.

Each kind (`made.py`) is a law of demand, of which so many items are drawn; each item has a year to learn from and a year to be
judged by. Rivals are the moving average and a periodic order-up-to with z, static min/max set from the year before, weeks of
cover, Croston's, Syntetos and Boylan's and Teunter's methods with an order-up-to, and ordering what sold. Every dial is turned,
and stock is read where it serves 95 and 98 % (of those whom that is beyond, less). Lead times vary by a quarter.

    python bench/kinds.py [--kind NAME ...] [--lead DAYS ...] [--only lost|backorders] [--items N] [--seed N] [--processes N]

Says where Andon holds more than 5 % above the best rival, whoever that is, and exits 1 where a kind does on average.
"""

import argparse
import math
import os
import statistics
import sys
import zlib
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import Final, NamedTuple

import numpy as np
from made import DAYS, KINDS, LEARNED
from planners import METHODS, Intermittent, WhatSold
from rich.console import Console
from rich.table import Table
from verdict import tell

from andon.planning.backtest.comparators import Moving, Static
from andon.planning.backtest.compare import stock_at
from andon.planning.backtest.core import Core, learn
from andon.planning.backtest.history import Batch, Conditions, History
from andon.planning.backtest.measure import Outcome, measure
from andon.planning.backtest.run import Policy, run
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Item, Source

FIRST_DAY: Final = 20_002
LEADS: Final = (2, 7, 21, 60)
#: As deviations, these lie about as close together as those of the rivals: in between, stock is interpolated.
LEVELS: Final = (0.16, 0.5, 0.7, 0.9, 0.97, 0.99, 0.998, 0.9999)
DEVIATIONS: Final = (-1.0, 0.0, 0.7, 1.4, 2.0, 2.7, 3.5, 5.0, 8.0)
COVERS: Final = (0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 9.0, 16.0)
#: So many kinds are simulated together.
_TOGETHER: Final = 7
#: Where one of the first two is beyond Andon or all rivals, the next that is not stands in its place.
FILL_RATES: Final = (0.98, 0.95, 0.90, 0.80, 0.70, 0.60)
TARGET: Final = 0.05
ANDON: Final = "Andon"
REGIMES: Final = {"lost": True, "backorders": False}


class Case(NamedTuple):
    """What is compared: kinds of goods, their lead time in days, what becomes of what is short, how many, and from which seed."""

    kinds: tuple[str, ...]
    lead: int
    regime: str
    items: int
    seed: int


class Found(NamedTuple):
    """How much more Andon's stock of a kind was worth than the best rival's at a fill rate, and who that was."""

    kind: str
    lead: int
    regime: str
    fill_rate: float
    more: float
    rival: str


def histories(case: Case) -> list[History]:
    """Return the items of a case, kind by kind; a kind has the same for each lead time."""
    found = []
    for kind, number in product(case.kinds, range(case.items)):
        made = KINDS[kind](np.random.default_rng([case.seed, zlib.crc32(kind.encode()), number]))
        item = Item(
            location=kind.replace(" ", "-"),
            sku=f"N{number}",
            updated_at=utc(0.0),
            sources=(Source(supplier="S", lead_time_days=float(case.lead)),),
            unit_cost=6.0,
            unit_price=10.0,
            pack_size=made.pack,
            unmet_demand="lost" if REGIMES[case.regime] else "backordered",
        )
        first = FIRST_DAY + made.first
        on = tuple(FIRST_DAY + day for day in made.promoted)
        found.append(History(item, first, made.sold, prior(float(case.lead)), promoted=on))
    return found


def curves(case: Case) -> dict[str, list[Outcome]]:
    """Return what every policy came to at each setting of its dial."""
    made = histories(case)
    conditions = Conditions(
        warm_up_days=LEARNED,
        settle_days=max(28, case.lead),
        lost_sales=REGIMES[case.regime],
        seed=case.seed,
    )
    batch = Batch(made, conditions, FIRST_DAY, FIRST_DAY + DAYS - 1)
    learned = learn(batch)
    found: dict[str, list[Outcome]] = defaultdict(list)
    for level in LEVELS:
        found[ANDON].append(measure(batch, run(batch, Core(batch, learned, service_level=level))))
    for z in DEVIATIONS:
        dial = np.full(len(made), z)
        rivals: dict[str, Policy] = {
            "moving average": Moving(batch, "moving average", dial),
            "periodic order-up-to": Moving(batch, "periodic order-up-to", dial),
            "static min/max": Static(batch, dial),
            "what sold": WhatSold(batch, z),
        }
        rivals |= {method: Intermittent(batch, method, z) for method in METHODS}
        for name, rival in rivals.items():
            found[name].append(measure(batch, run(batch, rival)))
    for weeks in COVERS:
        cover = Moving(batch, "weeks of cover", np.full(len(made), weeks))
        found["weeks of cover"].append(measure(batch, run(batch, cover)))
    return found


def compare(case: Case) -> list[Found]:
    """Return Andon's stock beside the best rival's at the two highest fill rates that both reach, kind by kind."""
    found = curves(case)
    weights = np.repeat(np.eye(len(case.kinds)), case.items, axis=1)
    held = {
        fill_rate: {
            name: stock_at(curve, fill_rate, weights, money=True) for name, curve in found.items()
        }
        for fill_rate in FILL_RATES
    }
    ours: list[Found] = []
    for row, kind in enumerate(case.kinds):
        compared = []
        for fill_rate, by_name in held.items():
            known = {name: one[row] for name, one in by_name.items() if math.isfinite(one[row])}
            own = known.pop(ANDON, None)
            if own is not None and known:
                best = min(known, key=lambda name: known[name])
                more = float(own / known[best] - 1.0)
                compared.append(Found(kind, case.lead, case.regime, fill_rate, more, best))
        ours += compared[:2]
    return ours


def table(found: list[Found], leads: list[int]) -> Table:
    """Return what was found, a line a kind and regime."""
    shown = Table(title="Andon's stock value against the best rival's, at 95 % and 98 % served")
    shown.add_column("kind")
    for lead in leads:
        shown.add_column(f"{lead} days", justify="right")
    shown.add_column("best rivals")
    rows: dict[tuple[str, str], dict[int, list[Found]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        rows[one.kind, one.regime][one.lead].append(one)
    for (kind, regime), by_lead in rows.items():
        cells = []
        for lead in leads:
            ours = sorted(by_lead[lead], key=lambda one: one.fill_rate)
            cells.append(
                " ".join(
                    f"{one.more:+.0%}" + ("" if one.fill_rate >= 0.95 else f"@{one.fill_rate:.0%}")
                    for one in ours
                )
            )
        names = [one.rival for by in by_lead.values() for one in by]
        often = sorted(set(names), key=lambda name: -names.count(name))[:2]
        shown.add_row(f"{kind}, {regime}", *cells, ", ".join(often))
    return shown


def main() -> int:
    """Run the benchmark; 1 if a kind is dearer than its best rival."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--lead", type=int, action="append")
    parser.add_argument("--only", choices=REGIMES)
    parser.add_argument("--items", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    leads = options.lead or list(LEADS)
    kinds = tuple(options.kind or KINDS)
    cases = [
        Case(kinds[begin : begin + _TOGETHER], lead, regime, options.items, options.seed)
        for regime in ([options.only] if options.only else REGIMES)
        for lead in leads
        for begin in range(0, len(kinds), _TOGETHER)
    ]
    with ProcessPoolExecutor(options.processes) as pool:
        parts = list(pool.map(compare, cases))
    found = [one for part in parts for one in part]
    out = Console(width=160)
    out.print(table(found, leads))
    dear = [one for one in found if one.more > TARGET]
    out.print(
        f"{len(dear)} of {len(found)} comparisons above the best rival by more than {TARGET:.0%}"
    )
    met = {}
    for kind in kinds:
        more = [one.more for one in found if one.kind == kind]
        if not more:
            out.print(f"{kind}: no verdict, none of the fill rates is reached by both")
            continue
        mean, most = statistics.fmean(more), max(more)
        met[
            f"{kind}: at most {TARGET:.0%} above the best rival: {mean:+.1%}, at most {most:+.1%}"
        ] = mean <= TARGET
    return 0 if tell(met, out) else 1


if __name__ == "__main__":
    sys.exit(main())
