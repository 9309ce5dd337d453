"""What the year that items of a kind have in common is worth: costs with it and without it, on weekly sales of a chain.

Favorita's 139 products in 21 shops, each week's sales spread over its days; the products of a shop are a pool, and every so
many-th is simulated. Orders once a week, sales are lost, 850 of 1,687 days to learn from.

    python bench/years.py [--data FOLDER] [--items N] [--lead-days D] [--shops N]

Exits 1 where the year costs more than it saves, 2 without data.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from series import favorita, sample
from verdict import tell

from andon.planning.backtest.history import Conditions, History
from andon.planning.backtest.scenario import ANDON, Study, simulate
from andon.planning.backtest.years import with_years
from andon.planning.supply.lead_time import prior
from andon.schemas.common import utc
from andon.schemas.items import Item, Source

SHOPS = 21
WARM_UP_DAYS = 850
LEVELS = (0.8, 0.9, 0.95, 0.98, 0.99)
#: What sells less than this a day on average is left out.
LEAST_DAILY = 0.5


def described(number: int, lead_days: float) -> Item:
    """Return an item as it is bought."""
    source = Source(supplier="S", lead_time_days=lead_days, lead_time_sd_days=lead_days / 5)
    return Item(
        location=f"S{number % SHOPS}",
        sku=f"P{number // SHOPS}",
        updated_at=utc(0.0),
        sources=(source,),
        unit_cost=3.0,
        unit_price=5.0,
        review_period_days=7.0,
        unmet_demand="lost",
    )


def main() -> int:
    """Run the benchmark; 1 if a target is missed, 2 without data."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("ANDON_DATA", "../shared/data"))
    )
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--shops", type=int, default=6)
    parser.add_argument("--lead-days", type=float, default=7.0)
    options = parser.parse_args()
    out = Console(width=120)
    if not (options.data / "network" / "favorita21" / "weekly_sales.npz").exists():
        out.print(f"no data in {options.data}; name their folder with --data")
        return 2
    lead = options.lead_days
    histories = [
        History(
            described(number, lead), first, np.array(sold, dtype=np.int64), prior(lead, lead / 5)
        )
        for number, (first, sold) in enumerate(favorita(options.data))
        if number % SHOPS < options.shops and sum(sold) >= LEAST_DAILY * len(sold)
    ]
    chosen = sample(with_years(histories), options.items)
    study = Study(
        Conditions(warm_up_days=WARM_UP_DAYS),
        rivals=(),
        levels=LEVELS,
        splits=False,
        first_day=min(one.first_day for one in histories),
        last_day=max(one.last_day for one in histories),
    )
    without = simulate(study, [replace(one, year=None) for one in chosen])
    lent = simulate(study, chosen)
    met = {}
    for setting in ("own", *LEVELS):
        before, after = (
            float(found.outcomes[ANDON, setting].cost.sum()) for found in (without, lent)
        )
        name = "the items' own level" if setting == "own" else f"{setting:.0%}"
        met[
            f"{len(chosen)} items, lead time {lead:g} days, {name}: {before:,.0f} without a year, {after:,.0f} with it "
            f"({after / before - 1:+.1%})"
        ] = after <= before
    return 0 if tell(met, out) else 1


if __name__ == "__main__":
    sys.exit(main())
