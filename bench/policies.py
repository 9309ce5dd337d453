"""Andon's stock against its rivals' at the same fill rate, on real sales, with a verdict on the targets.

    python bench/policies.py [--data FOLDER] [--items N] [--only m5|m5-uncertain|retail] [--processes N] [--picture FILE]

Needs the M5 half and the Online Retail file (see docs/backtest.md); a file that is missing is said and skipped. Exits 1
where a target is missed.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from andon.planning.backtest.compare import less_stock, resamples, stock_at
from andon.planning.backtest.history import Conditions
from andon.planning.backtest.scenario import ANDON, RIVALS, Study
from andon.studies.files import Assumed, histories, read_sales
from andon.studies.plots import write_frontier
from andon.studies.report import curve_of, report
from andon.studies.study import judged, run_study

#: More of the dial, and more of its upper end, than the command shows: as many points as a rival's curve has.
LEVELS = (0.8, 0.9, 0.945, 0.97, 0.985, 0.993, 0.998, 0.9995, 0.99995)
#: By what share Andon's stock is to be below theirs.
TARGETS = {"moving average": 0.10, "static min/max": 0.35}
FILL_RATES = (0.95, 0.98)

DATASETS = {
    "m5": {
        "file": "m5/daily_sales.csv.gz",
        "form": "sales",
        "assumed": Assumed(lead_time_days=5.0, lead_time_sd_days=0.0),
        "warm_up": 365,
        "note": "306 series of the M5 competition; lead time 5 days, reviewed daily, lost sales",
    },
    "m5-uncertain": {
        "file": "m5/daily_sales.csv.gz",
        "form": "sales",
        "assumed": Assumed(lead_time_days=5.0, lead_time_sd_days=1.5),
        "warm_up": 365,
        "note": "the same with lead times of 5 days give or take 1.5",
    },
    "retail": {
        "file": "online_retail/online_retail.csv.gz",
        "form": "online-retail",
        "assumed": Assumed(lead_time_days=14.0, lead_time_sd_days=4.0),
        "warm_up": 150,
        "note": "UCI Online Retail, the items that sell on most days; lead time 14 days give or take 4, lost sales",
    },
}


def measure(name, data, most, processes, picture=None):
    chosen = DATASETS[name]
    path = data / chosen["file"]
    if not path.exists():
        print(f"{name}: skipped, {path} is missing")
        return []
    sales = read_sales(path, chosen["form"], "all")
    found = histories(sales, {}, {}, chosen["assumed"])
    first = min(one.first_day for one in found)
    last = max(one.last_day for one in found)
    study = Study(
        Conditions(warm_up_days=chosen["warm_up"]),
        levels=LEVELS,
        splits=False,
        first_day=first,
        last_day=last,
    )
    kept = judged(study, found)
    if len(kept) > most:
        kept = sorted(kept, key=lambda one: (-(one.sold > 0).sum(), one.key))[:most]
    began = time.perf_counter()
    results = run_study(study, kept, processes=processes, progress=lambda _: None)
    took = time.perf_counter() - began
    print(f"\n{name}: {chosen['note']}; {len(kept)} items, {took:.0f} s")
    if picture is not None:
        write_frontier(report(results, kept, 1), picture)
    weights = resamples(len(kept), 400, 1)
    ours = [one for _, one in curve_of(results, ANDON)]
    verdicts = []
    for fill_rate in FILL_RATES:
        for policy in (ANDON, *RIVALS):
            curve = [one for _, one in curve_of(results, policy)]
            units = stock_at(curve, fill_rate, weights[:1], money=False)[0]
            line = f"  {fill_rate:.0%}  {policy:22} {units:12,.0f} units"
            less = None if policy == ANDON else less_stock(ours, curve, fill_rate, weights)
            if less is not None:
                line += f"   Andon {less.value:6.1%} less "
                line += "(unsure)" if less.low is None else f"({less.low:.1%} to {less.high:.1%})"
                if policy in TARGETS:
                    met = less.value >= TARGETS[policy]
                    line += f"   target {TARGETS[policy]:.0%}: {'met' if met else 'MISSED'}"
                    verdicts.append(met)
            elif policy in TARGETS:
                line += "   no verdict: one of the two never serves so much"
            print(line)
    return verdicts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=here)
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--only", choices=DATASETS, action="append")
    parser.add_argument("--picture", type=Path, help="of the curves of the first data set")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    verdicts = []
    for place, name in enumerate(asked.only or DATASETS):
        picture = asked.picture if not place else None
        verdicts += measure(name, asked.data, asked.items, asked.processes, picture)
    print(f"\n{sum(verdicts)} of {len(verdicts)} targets met")
    return 0 if verdicts and all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
